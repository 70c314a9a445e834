"""The one Driver: it walks a Kind row, asks an engine, and answers in neutral words. It knows no cloud by name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from providers.drivers.engine import Engine, Token
from providers.drivers.gate import Gate, OpenGate
from providers.drivers.kind import Call, Cloud, Found, Kind, Unreadable, search
from providers.drivers.mapping import found_of
from providers.drivers.retry import reading
from providers.drivers.template import arguments_of
from vocabulary.errors import BadAnswer, CloudError, NotFound, PermissionMissing, ProviderDown
from vocabulary.words import State, Verb

Answer = TypeVar("Answer")

#: How many items of a page have their details asked at the same time.
AT_ONCE = 8


class Driver:
    """Speaks to one account of one cloud.

    `account` is the cloud's own id of the account; an answer that belongs to another one is refused. `tempo` scales
    every wait: 1.0 for a real cloud, less for a simulated one whose time runs fast.
    """

    def __init__(
        self, cloud: Cloud, engine: Engine, account: str = "", gate: Gate | None = None, tempo: float = 1.0
    ) -> None:
        self.cloud, self.engine, self.account, self.tempo = cloud, engine, account, tempo
        self._gate = gate or OpenGate()
        self._regions: tuple[str, ...] | None = None

    def list(self, kind: Kind, region: str) -> Iterator[Found | Unreadable]:
        """Every resource of this kind in one region, or in the account when the kind has no regions.

        Pages are followed here, so a caller never sees a token. An item that cannot be read comes back as Unreadable; a
        page that fails raises, so that whoever asked knows that the listing is not complete.
        """
        (call,) = kind.steps(Verb.LIST)
        seen: set[str] = set()
        for page in self._pages(call, self._values(region), region):
            for one in self._read(kind, self._items(call, page), region):
                if isinstance(one, Found):
                    if one.native_id in seen:
                        continue
                    seen.add(one.native_id)
                yield one

    def get(self, kind: Kind, region: str, native_id: str) -> Found | None:
        """One resource, or None when the cloud says that it is not there."""
        (call,) = kind.steps(Verb.GET)
        arguments = arguments_of(call.args, self._values(region, id=native_id))
        try:
            answer = self.look(call, arguments, region)
        except NotFound:
            return None
        items = self._items(call, answer)
        for item in items:
            if isinstance(item, Mapping) and kind.details and search(kind.fields["id"], item) != native_id:
                continue
            one = self._one(kind, item, region)
            if isinstance(one, Unreadable):
                raise BadAnswer(self.engine.who, call.method, one.reason)
            if one is not None and one.native_id == native_id:
                return None if one.state is State.GONE else one
        return None

    def regions(self) -> Sequence[str]:
        """The regions that this account can use, asked once for the life of the driver."""
        if self._regions is None:
            self._regions = tuple(reading(self.engine.regions, self.tempo))
        return self._regions

    def look(self, call: Call, arguments: Mapping[str, Any], region: str) -> Mapping[str, Any]:
        """The answer of a call that only looks, asked again while its error may pass by itself."""

        def ask() -> Mapping[str, Any]:
            return self._through_gate(call, region, lambda: self.engine.send(call.method, arguments, region))

        return reading(ask, self.tempo)

    def send(self, call: Call, arguments: Mapping[str, Any], region: str, marker: str) -> Mapping[str, Any]:
        """Carry out one changing call, once. The operation engine journals around it; nobody else may call this."""
        return self._through_gate(call, region, lambda: self.engine.send(call.method, arguments, region, marker))

    def find(self, call: Call, values: Mapping[str, Any], region: str) -> Sequence[Mapping[str, Any]]:
        """What a look-up of an earlier call's effect finds; empty when there is nothing (yet)."""
        try:
            pages = self._pages(call, {**self._values(region), **values}, region)
            return [item for page in pages for item in self._items(call, page)]
        except NotFound:
            return []

    def _values(self, region: str, **more: Any) -> dict[str, Any]:
        return {"region": region, "account": self.account, **more}

    def _pages(self, call: Call, values: Mapping[str, Any], region: str) -> Iterator[Mapping[str, Any]]:
        arguments = arguments_of(call.args, values)
        token: Token = None
        before: list[Token] = []
        while True:
            page, token = self._page(call, arguments, region, token)
            yield page
            if token is None:
                return
            if token in before:
                raise BadAnswer(self.engine.who, call.method, "the cloud's page tokens go in circles")
            before.append(token)

    def _page(
        self, call: Call, arguments: Mapping[str, Any], region: str, token: Token
    ) -> tuple[Mapping[str, Any], Token]:
        def ask() -> tuple[Mapping[str, Any], Token]:
            return self._through_gate(call, region, lambda: self.engine.page(call.method, arguments, region, token))

        return reading(ask, self.tempo)

    def _through_gate(self, call: Call, region: str, ask: Callable[[], Answer]) -> Answer:
        self._gate.enter(call.service, region)
        error: CloudError | None = None
        try:
            return ask()
        except CloudError as failure:
            error = failure
            raise
        finally:
            self._gate.leave(call.service, region, error)

    def _items(self, call: Call, answer: Mapping[str, Any]) -> Sequence[Any]:
        if call.owner and self.account:
            strangers = {owner for owner in search(call.owner, answer) or [] if owner != self.account}
            if strangers:
                raise BadAnswer(
                    self.engine.who, call.method, f"the answer belongs to account {', '.join(sorted(strangers))}"
                )
        items = search(call.result, answer) if call.result else [answer]
        if items is None:
            raise BadAnswer(self.engine.who, call.method, f"the answer has no {call.result.partition('[')[0]}")
        return items if isinstance(items, list) else [items]

    def _read(self, kind: Kind, items: Sequence[Any], region: str) -> Iterator[Found | Unreadable]:
        """The items of one page, in its order. Where each needs further calls, a few are asked at the same time."""
        if not kind.details:
            read = (self._one(kind, item, region) for item in items)
            yield from (one for one in read if one is not None)
            return
        with ThreadPoolExecutor(min(AT_ONCE, max(1, len(items))), "details") as threads:
            yield from (
                one for one in threads.map(lambda item: self._one(kind, item, region), items) if one is not None
            )

    def _one(self, kind: Kind, item: Any, region: str) -> Found | Unreadable | None:
        """One item; None when it vanished between the listing and the questions about it."""
        try:
            if not isinstance(item, Mapping):
                raise BadAnswer(kind.vendor_name, kind.name, f"an item is {type(item).__name__}, not an object")
            merged, unknown = self._with_details(kind, dict(item), region)
            return found_of(kind, merged, region, unknown)
        except NotFound:
            return None
        except BadAnswer as error:
            native_id = search(kind.fields["id"], item) if isinstance(item, Mapping) else ""
            return Unreadable(kind, region, error.why, str(native_id or "")[:255])

    def _with_details(self, kind: Kind, item: dict[str, Any], region: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The item with what its detail calls add. A detail that is not allowed, or not answered, is an unknown fact,
        never an empty one.
        """
        unknown: dict[str, str] = {}
        for call in kind.details:
            if call.when and not call.when(item, None):
                continue
            arguments = arguments_of(call.args, self._values(region, id=search(kind.fields["id"], item)))
            try:
                answer = self.look(call, arguments, _region_of(kind, item) or region)
                item[call.into] = search(call.result, answer) if call.result else answer
            except (PermissionMissing, ProviderDown) as error:
                unknown[call.into] = error.why
            except CloudError as error:
                if error.code not in call.absent:
                    raise
                item[call.into] = None
        return item, unknown


def _region_of(kind: Kind, item: dict[str, Any]) -> str:
    """Where an item of an account-wide listing lies, as far as is known yet."""
    if "region" not in kind.fields:
        return ""
    return str(search(kind.fields["region"], kind.shape(item) if kind.shape else item) or "")
