"""The machines, disks, groups and buckets of the demonstration estate."""

from typing import Any
from random import Random
from sandbox.store import Store


def add_fleet(store: Store, draw: Random) -> dict[str, dict[str, Any]]:
    return {}
