"""Keeping the inventory: what listings and operations saw becomes rows."""

from typing import Any


def observe_operation(operation: Any, found: Any) -> None:
    """Placeholder until the inventory lands."""
