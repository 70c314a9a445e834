"""The place where checks are made: one simulated cloud, as good as new for each check, and a desk that carries out."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from botocore.session import get_session

from providers.drivers.driver import Driver
from providers.drivers.kind import Call, Found, Kind
from providers.journal import Operation, OperationState
from sandbox.aws.permissions import actions_of
from sandbox.testing import Running, start
from tests.simulated_aws import KEYS, PRODUCTION, REGION, Desk, driver_for
from vocabulary.words import Verb

#: Fast enough that every change of state is over at once; all waits are in the journal's own clock.
SPEED = 1e6
NAME = "conformance-{}"


@dataclass
class Bench:
    """A simulated cloud and a desk. `fresh` makes both as good as new."""

    sandbox: Running
    driver: Driver = field(init=False)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.driver = driver_for(self.sandbox)
        self.fresh()

    @property
    def control(self) -> Any:
        return self.sandbox.control

    def fresh(self) -> None:
        self.control.reset()
        self.control.speed(SPEED)
        self.desk = Desk(self.driver)

    def parameters(self, kind: Kind, verb: Verb) -> dict[str, Any]:
        """What the row gives as an example for this verb."""
        return dict(kind.example if verb is Verb.CREATE else kind.examples.get(verb, {}))

    def made(self, kind: Kind, verb: Verb) -> str:
        """The id of a resource that the verb can be asked of: a new one, or one of the estate."""
        if not kind.can(Verb.CREATE):
            return next(iter(self.desk.listed(kind)))
        made = succeeded(self.desk.do(kind, Verb.CREATE, **self.parameters(kind, Verb.CREATE)))
        if verb is Verb.START:
            succeeded(self.desk.do(kind, Verb.STOP, made.native_id))
        return made.native_id

    def subject(self, kind: Kind, verb: Verb) -> str:
        """The id of what the verb is asked of; none for a creation."""
        return "" if verb is Verb.CREATE else self.made(kind, verb)

    def standing(self, kind: Kind, native_id: str) -> Found:
        found = self.desk.found(kind, native_id)
        assert found is not None, f"{kind} {native_id} is not there"
        return found

    def accepted(self, after: int = 0) -> list[dict[str, Any]]:
        """What the ledger has accepted and done, repetitions under one token left out."""
        return [entry for entry in self.control.ledger(after) if not entry["replayed"]]

    def entries(self) -> int:
        return len(self.control.ledger())

    def called(self) -> set[str]:
        """The IAM actions of every call since they were last forgotten."""
        return {action for call in self.control.calls() for action in actions_of(*call.split(":"))}

    @contextmanager
    def denied(self, action: str) -> Iterator[None]:
        """Within it, the key may not do this one thing."""
        self.control.policy(KEYS[PRODUCTION][0], [action])
        try:
            yield
        finally:
            self.control.policy(KEYS[PRODUCTION][0], [])


def started(home: Path) -> Bench:
    """A bench on a new simulated cloud."""
    return Bench(start(home, speed=SPEED))


def succeeded(operation: Operation) -> Operation:
    """The operation, if it succeeded."""
    assert operation.state is OperationState.SUCCEEDED, f"{operation.state}: {operation.error} {operation.note}"
    return operation


def action_of(call: Call) -> str:
    """The IAM action of a row's call."""
    service, method = call.method.split(".")
    return actions_of(service, api_name(service, method))[0]


@cache
def api_name(service: str, method: str) -> str:
    """The vendor's name of a botocore method: "run_instances" is RunInstances."""
    wanted = method.replace("_", "").lower()
    return next(name for name in service_model(service).operation_names if name.lower() == wanted)


@cache
def service_model(service: str) -> Any:
    """The vendor's own description of a service."""
    return get_session().get_service_model(service)


def as_text(*values: Any) -> str:
    """Everything these values could ever show or store."""
    return "\n".join(f"{value!r}\n{json.dumps(value, default=str)}" for value in values)


Check = Callable[[Bench, Kind, Verb], None]
REGION_ASKED = REGION
