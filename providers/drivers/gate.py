"""The gate before each call: how often an account's service may be asked, and whether it is worth asking at all.

The driver asks the gate and knows no more; the web application's gate keeps its state in the database, so that
processes agree.
"""

from typing import Protocol

from vocabulary.errors import CloudError


class Gate(Protocol):
    """Lets calls of one account through."""

    def enter(self, service: str, region: str) -> None:
        """Raise CircuitOpen when the service is known to be down, RateLimited when the budget of calls is used up."""
        ...

    def leave(self, service: str, region: str, error: CloudError | None) -> None:
        """Say how the call ended."""
        ...


class OpenGate:
    """Lets everything through."""

    def enter(self, service: str, region: str) -> None:
        """Every call may go."""

    def leave(self, service: str, region: str, error: CloudError | None) -> None:
        """Nothing is remembered."""
