"""An engine that makes sure whose account it calls: a profile, a role or a replaced key may have come to lead
elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from providers.drivers.engine import Engine, Identity, Token
from vocabulary.errors import AuthenticationFailed, CloudError

_accounts: "WeakKeyDictionary[Engine, str]" = WeakKeyDictionary()


class SignedIn:
    """Asks the cloud who it is before the first call of an engine, and refuses to speak for another account.

    `allowed` picks, of all the account's regions, those that the configuration lets calls out for.
    """

    def __init__(self, engine: Engine, account: str, allowed: Callable[[Iterable[str]], list[str]] = list) -> None:
        self.who = engine.who
        self._engine, self._account, self._allowed = engine, account, allowed

    def page(
        self, method: str, arguments: Mapping[str, Any], region: str, token: Token
    ) -> tuple[Mapping[str, Any], Token]:
        """One page, of the right account."""
        self._verify()
        return self._engine.page(method, arguments, region, token)

    def send(self, method: str, arguments: Mapping[str, Any], region: str, marker: str = "") -> Mapping[str, Any]:
        """The answer of one call, of the right account."""
        self._verify()
        return self._engine.send(method, arguments, region, marker)

    def check(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Nothing is sent for this."""
        self._engine.check(method, arguments)

    def identity(self) -> Identity:
        """Who the engine is, whichever account that is."""
        return self._engine.identity()

    def regions(self) -> list[str]:
        """The regions of the right account that may be used."""
        self._verify()
        return self._allowed(self._engine.regions())

    def _verify(self) -> None:
        if self._engine not in _accounts:
            try:
                _accounts[self._engine] = self._engine.identity().account
            except CloudError as error:
                error.sent = False  # the question may have arrived, the call that it stands before has not
                raise
        if _accounts[self._engine] != self._account:
            raise AuthenticationFailed(
                self.who,
                "identity",
                f"the credential signs in to account {_accounts[self._engine]}, not {self._account}",
                "Replace the credential's keys, or add them as a credential of their own.",
            )
