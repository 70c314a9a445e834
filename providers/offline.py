"""An engine that makes no call: for planning in a process that must not reach a cloud."""

from collections.abc import Mapping
from typing import Any, NoReturn

from providers.drivers.engine import Identity, Token
from vocabulary.errors import NotAllowed


class Offline:
    """Refuses every call. Arguments are not checked here: the worker's SDK checks them before the first call leaves."""

    def __init__(self, who: str) -> None:
        self.who = who

    def page(
        self, method: str, arguments: Mapping[str, Any], region: str, token: Token
    ) -> tuple[Mapping[str, Any], Token]:
        """Refused."""
        self._refuse(method)

    def send(self, method: str, arguments: Mapping[str, Any], region: str, marker: str = "") -> Mapping[str, Any]:
        """Refused."""
        self._refuse(method)

    def check(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Nothing is checked without the SDK."""

    def identity(self) -> Identity:
        """Refused."""
        self._refuse("identity")

    def regions(self) -> list[str]:
        """Refused."""
        self._refuse("regions")

    def _refuse(self, method: str) -> NoReturn:
        raise NotAllowed(self.who, method, "no cloud call is made in this process", "A worker makes it.")
