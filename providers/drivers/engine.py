"""What an engine offers the driver. One engine speaks for one family of SDKs, and knows no kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Identity:
    """Who a credential turned out to be: the account, the partition, the principal, and whether the cloud is
    simulated.
    """

    account: str
    principal: str
    partition: str = ""
    simulated: bool = False
    title: str = ""


#: Whatever the SDK family needs to ask for the next page.
Token = Mapping[str, Any] | None


class Engine(Protocol):
    """Sends calls. Turns every SDK exception into the tree of `vocabulary.errors`; never retries by itself."""

    who: str

    def page(
        self, method: str, arguments: Mapping[str, Any], region: str, token: Token
    ) -> tuple[Mapping[str, Any], Token]:
        """One page of a listing call and the token of the next, or None after the last. The first page has token
        None.
        """
        ...

    def send(self, method: str, arguments: Mapping[str, Any], region: str, marker: str = "") -> Mapping[str, Any]:
        """The answer of one call. `marker` travels in the user agent, so that the cloud's own audit log can name the
        call.
        """
        ...

    def check(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Raise InvalidParameter when the SDK's own model refuses the arguments. Sends nothing."""
        ...

    def identity(self) -> Identity:
        """Who we are. Raises AuthenticationFailed when the cloud does not know the credential."""
        ...

    def regions(self) -> list[str]:
        """The names of the regions this account can use."""
        ...
