"""A cloud of one kind that does as it is told: the network's place in the tests of the engine.

Nothing of ours is replaced: driver, planning, engine and journal are the product's. `faults` says what befalls the next
calls of a method, and `sent` has every changing call that arrived.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from providers.drivers.driver import Driver
from providers.drivers.engine import Identity, Token
from providers.drivers.kind import Call, Cloud, FindAgain, Found, Kind, Param
from vocabulary.errors import CloudError, NotFound
from vocabulary.types import ServiceType
from vocabulary.words import State, Verb

ACCOUNT, REGION = "111111111111", "us-east-1"
WINDOW_SECONDS = 60.0


def size_is_set(arguments: Mapping[str, Any], found: Found) -> bool:
    return bool(found.attributes.get("size") == arguments["Size"])


START = Call("x.start", {"Id": "{id}"}, title="Start it", until=(State.RUNNING,))
STOP = Call("x.stop", {"Id": "{id}"}, title="Stop it", until=(State.STOPPED,))
MACHINE = Kind(
    name="instance",
    service_type=ServiceType.COMPUTE,
    vendor_name="Machine",
    native_type="Test::Machine",
    vendor_url="https://example.com/machine",
    calls={
        Verb.LIST: (Call("x.list", {}, "Items"),),
        Verb.GET: (Call("x.get", {"Id": "{id}"}, "Items"),),
        Verb.CREATE: (
            Call(
                "x.create",
                {"Name": "{name}", "Password": "{password}", "Token": "{token}"},
                "Id",
                title="Create it",
                until=(State.RUNNING,),
                find=FindAgain("marker", Call("x.find", {"Token": "{token}"}, "Items[].Id"), WINDOW_SECONDS),
            ),
        ),
        Verb.DELETE: (Call("x.delete", {"Id": "{id}"}, until=(State.GONE,), gone_is_done=True),),
        Verb.START: (START,),
        Verb.STOP: (STOP,),
        Verb.RESIZE: (
            Call("x.stop", {"Id": "{id}"}, title="Stop it", until=(State.STOPPED,), back=START),
            Call("x.resize", {"Id": "{id}", "Size": "{size}"}, title="Resize it", holds=size_is_set),
            START,
        ),
    },
    fields={"id": "Id", "name": "Name", "state": "State", "size": "Size"},
    states={"running": State.RUNNING, "stopped": State.STOPPED, "gone": State.GONE},
    params={
        Verb.CREATE: (Param("name", "Name", required=True), Param("password", "Password", secret=True)),
        Verb.RESIZE: (Param("size", "Size", required=True),),
    },
    allowed_from={Verb.STOP: (State.RUNNING,), Verb.RESIZE: (State.RUNNING,)},
)
CLOUD = Cloud("aws", "Test", "none", (), (MACHINE,), REGION, "account", "", "")


class Clock:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Fault:
    """What befalls one call: an error, before or after the call took effect."""

    error: BaseException
    after: bool = False


@dataclass
class ScriptedEngine:
    """Speaks `providers.drivers.engine.Engine`. `watch` is called with the method of each call before it happens."""

    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    sent: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    watch: Callable[[str], None] = lambda method: None
    who: str = "aws/test"

    def page(
        self, method: str, arguments: Mapping[str, Any], region: str, token: Token
    ) -> tuple[Mapping[str, Any], Token]:
        return self.send(method, arguments, region), None

    def send(self, method: str, arguments: Mapping[str, Any], region: str, marker: str = "") -> Mapping[str, Any]:
        self.watch(method)
        fault = self.faults[method].pop(0) if self.faults[method] else None
        if fault and not fault.after:
            raise fault.error
        answer = self._done(method.partition(".")[2], arguments)
        if marker:
            self.sent.append((method, marker))
        if fault:
            raise fault.error
        return answer

    def check(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Everything fits."""

    def identity(self) -> Identity:
        return Identity(ACCOUNT, "tester")

    def regions(self) -> list[str]:
        return [REGION]

    def add(self, name: str = "web-1", state: str = "running", size: str = "small", token: str = "") -> str:
        """A machine that is there."""
        native_id = f"m-{len(self.things) + 1}"
        self.things[native_id] = {"Id": native_id, "Name": name, "State": state, "Size": size, "Token": token}
        return native_id

    def _done(self, what: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        about = {"ResponseMetadata": {"RequestId": f"request-{len(self.sent) + 1}"}}
        if what == "create":
            self.tokens.append(arguments["Token"])
            same = [one for one in self.things.values() if one["Token"] == arguments["Token"]]
            return {"Id": same[0]["Id"] if same else self.add(arguments["Name"], token=arguments["Token"]), **about}
        if what == "find":
            return {"Items": [one for one in self.things.values() if one["Token"] == arguments["Token"]], **about}
        if what == "list":
            return {"Items": list(self.things.values()), **about}
        if arguments["Id"] not in self.things:
            raise NotFound(self.who, f"x.{what}", "it is not there")
        thing = self.things[arguments["Id"]]
        if what == "resize":
            thing["Size"] = arguments["Size"]
        elif what != "get":
            thing["State"] = {"start": "running", "stop": "stopped", "delete": "gone"}[what]
        return {"Items": [thing], **about}


def driver_of(engine: ScriptedEngine) -> Driver:
    return Driver(CLOUD, engine, ACCOUNT)


def unsent(kind: type[CloudError], **values: Any) -> Fault:
    """A refusal: the call had no effect."""
    return Fault(kind("aws/test", "x.call", "refused by the script", "A hint.", **values))
