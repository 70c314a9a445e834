"""What tests need to speak to the simulated AWS: its keys, drivers for its accounts, and operations run to their
end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.drivers.clouds import cloud
from providers.drivers.driver import Driver
from providers.drivers.engines.boto import BotoEngine
from providers.drivers.engines.boto_session import SignIn
from providers.drivers.kind import Found, Kind, Unreadable
from providers.drivers.planning import make_plan
from providers.journal import Operation, OperationState
from providers.operations import Operations
from providers.plans import Plan
from providers.surroundings import Surroundings
from sandbox.testing import Running
from tests.memory_journal import MemoryJournal
from vocabulary.words import Verb

KEYS = {
    "111111111111": ("AKIASANDBOXPRODUCTION", "sandbox-production-secret"),
    "222222222222": ("AKIASANDBOXSTAGING000", "sandbox-staging-secret"),
    "333333333333": ("AKIASANDBOXDATA000000", "sandbox-data-secret"),
}
PRODUCTION = "111111111111"
REGION = "us-east-1"
TEMPO = 0.001
MOST_TURNS = 400


def driver_for(sandbox: Running, account: str = PRODUCTION, **more: Any) -> Driver:
    """A driver that signs in to one of the sandbox's accounts."""
    key, secret = KEYS[account]
    fields = {"access_key_id": key, "secret_access_key": secret}
    return driver_with(sandbox, fields, account, **more)


def driver_with(sandbox: Running, fields: Mapping[str, str], account: str = PRODUCTION, **more: Any) -> Driver:
    """A driver that signs in with these fields, right or wrong."""
    engine = BotoEngine("aws/test", SignIn("keys", fields, sandbox.address), REGION, **more)
    return Driver(cloud("aws"), engine, account, tempo=TEMPO)


@dataclass
class Desk:
    """Plans, approves and carries out; keeps what the journal and the vault hold, so that a test can look at it."""

    driver: Driver
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    vault: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[Operation, Found | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        around = Surroundings(
            connect=lambda operation: self.driver,
            reveal=lambda reference: self.vault[reference],
            observe=lambda operation, found: self.seen.append((operation, found)),
        )
        self.operations = Operations(self.journal, around, "test")

    def plan(self, kind: Kind, verb: Verb, native_id: str = "", region: str = REGION, **parameters: Any) -> Plan:
        return make_plan(
            self.driver,
            kind,
            verb,
            region,
            account=f"aws/{self.driver.account}",
            native_id=native_id,
            parameters=parameters,
            simulated=True,
            hide=self.hide,
        )

    def hide(self, name: str, value: str) -> str:
        reference = f"vault-{len(self.vault)}"
        self.vault[reference] = value
        return reference

    def do(self, kind: Kind, verb: Verb, native_id: str = "", region: str = REGION, **parameters: Any) -> Operation:
        """Plan, approve and run to the end."""
        return self.run(self.plan(kind, verb, native_id, region, **parameters))

    def run(self, plan: Plan) -> Operation:
        proposed = self.operations.propose(plan, "tester")
        return self.finish(proposed)

    def finish(self, proposed: Operation) -> Operation:
        """Approve and run to the end."""
        self.operations.approve(proposed.id, proposed.plan_hash, "tester")
        return self.carry_on(proposed.id)

    def carry_on(self, operation_id: str) -> Operation:
        """Advance until the operation is closed or needs a person, letting time pass in the journal only."""
        for _ in range(MOST_TURNS):
            operation = self.journal.load(operation_id)
            if operation.state.closed or operation.state is OperationState.NEEDS_HUMAN:
                return operation
            if operation.not_before is not None:
                self.journal.skip_to(operation.not_before)
            self.operations.advance(operation_id)
        raise AssertionError(
            f"still {operation.state} after {MOST_TURNS} turns: {self.journal.events(operation_id)[-3:]}"
        )

    def found(self, kind: Kind, native_id: str, region: str = REGION) -> Found | None:
        return self.driver.get(kind, region, native_id)

    def listed(self, kind: Kind, region: str = REGION) -> dict[str, Found]:
        """Everything that a listing gives, by id. A listing with unreadable items fails."""
        listed = list(self.driver.list(kind, region))
        unreadable = [one for one in listed if isinstance(one, Unreadable)]
        assert not unreadable, unreadable
        return {one.native_id: one for one in listed if isinstance(one, Found)}
