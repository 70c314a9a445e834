"""What a journal is: the memory of every operation, written before a call leaves and after its answer is in.

Two implementations keep the same promises and pass the same suite: tables of the web application's database, and files
for the library. Pure: values and a protocol.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from providers.plans import Plan, Step
from vocabulary.words import Verb


class OperationState(StrEnum):
    """Where an operation is. `uncertain`: a call may or may not have been carried out, and is looked up before anything
    else.
    """

    PLANNED = "planned"
    APPROVED = "approved"
    QUEUED = "queued"
    RUNNING = "running"
    VERIFYING = "verifying"
    SUCCEEDED = "succeeded"
    UNCERTAIN = "uncertain"
    NEEDS_HUMAN = "needs_human"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def waits_for_a_worker(self) -> bool:
        """Whether a worker may claim it."""
        return self in WAITING

    @property
    def closed(self) -> bool:
        """Whether it has ended for good."""
        return self in CLOSED


WAITING = (
    OperationState.APPROVED,
    OperationState.QUEUED,
    OperationState.RUNNING,
    OperationState.VERIFYING,
    OperationState.UNCERTAIN,
)
CLOSED = (OperationState.SUCCEEDED, OperationState.FAILED, OperationState.CANCELLED, OperationState.EXPIRED)

#: The phases of a step: nothing yet, intent written, answer written.
UNBEGUN, INTENDED, ANSWERED = "", "intended", "answered"


@dataclass(frozen=True)
class Operation:
    """One change, from its plan to its verified end. A value: a journal stores it, the engine replaces it.

    `step` counts the plan's steps; `backwards` is set while done steps are taken back. `known` is what the operation
    has learned (the id of what it created). `fence` rises with every claim, and a call goes out only under the newest.
    """

    id: str
    plan: Plan
    plan_hash: str
    actor: str
    state: OperationState = OperationState.PLANNED
    created_at: datetime | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    finished_at: datetime | None = None
    step: int = 0
    phase: str = UNBEGUN
    backwards: bool = False
    intended_at: datetime | None = None
    phase_at: datetime | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0
    error: Mapping[str, Any] | None = None
    note: str = ""
    not_before: datetime | None = None
    lease_until: datetime | None = None
    worker: str = ""
    fence: int = 0
    undo_of: str = ""

    @property
    def verb(self) -> Verb:
        """The verb of the plan."""
        return Verb(self.plan.verb)

    @property
    def native_id(self) -> str:
        """The cloud's id of what this is about, as soon as it is known."""
        return str(self.known.get("id") or self.plan.native_id)

    @property
    def token(self) -> str:
        """The idempotency token of the present step; the same however often the step is tried."""
        return f"{self.id}-{self.step}{'b' if self.backwards else ''}"

    @property
    def current(self) -> Step | None:
        """The step that comes next: forwards the plan's, backwards the one that takes it back; None after the last."""
        if not 0 <= self.step < len(self.plan.steps):
            return None
        step = self.plan.steps[self.step]
        return step.back if self.backwards else step

    @property
    def is_open(self) -> bool:
        """Whether something may still happen."""
        return not self.state.closed

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values. `from_dict` is the inverse."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        values["plan"] = self.plan.as_dict()
        for name, value in values.items():
            if isinstance(value, datetime):
                values[name] = value.isoformat()
        values["known"], values["error"] = dict(self.known), dict(self.error) if self.error else None
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Operation":
        """An operation out of its JSON form; keys this version does not know are ignored."""
        known = {entry.name for entry in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        kept["plan"] = Plan.from_dict(kept["plan"])
        kept["state"] = OperationState(kept["state"])
        for name in MOMENTS:
            if kept.get(name):
                kept[name] = datetime.fromisoformat(kept[name])
        return cls(**kept)


MOMENTS = ("created_at", "approved_at", "finished_at", "intended_at", "phase_at", "not_before", "lease_until")


#: No lease and no wait is ever written for longer than half of this.
LONGEST_LEASE, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=2)


def may_be_claimed(operation: Operation, now: datetime) -> bool:
    """Whether a worker may take it now: it waits for one, it is due, and no lease is running."""
    leased = _ahead(operation.lease_until, now, LONGEST_LEASE)
    early = _ahead(operation.not_before, now, LONGEST_WAIT)
    return operation.state.waits_for_a_worker and not leased and not early


def _ahead(moment: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Whether a moment is still to come. One too far ahead was written by a clock that has been set back since."""
    return moment is not None and now < moment <= now + longest


@dataclass(frozen=True)
class AuditEntry:
    """One record of the audit: who did what, where, by which call, and how it ended. It never holds a secret.

    `moment` is "before" or "after" for a changing call, and "event" for anything else (an approval, a listing, a
    sign-in).
    """

    actor: str
    account: str
    action: str
    subject: str
    moment: str = "event"
    outcome: str = ""
    operation: str = ""
    token: str = ""
    call: str = ""
    request_id: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def entry_of(
    operation: Operation, actor: str, action: str, moment: str = "event", outcome: str = "", **more: Any
) -> AuditEntry:
    """The audit record of one operation's doing; for a changing call, `action` is its method."""
    return AuditEntry(
        actor=actor,
        account=operation.plan.account,
        action=action,
        subject=operation.plan.subject or operation.plan.name,
        moment=moment,
        outcome=outcome,
        operation=operation.id,
        token=operation.token,
        call=action if moment != "event" else "",
        **more,
    )


class Journal(Protocol):
    """The memory of operations. Times are the journal's own clock, so that workers with wrong clocks agree."""

    def now(self) -> datetime:
        """The journal's clock, UTC."""
        ...

    def add(self, operation: Operation, audit: AuditEntry) -> Operation:
        """Store a new operation together with its audit record."""
        ...

    def load(self, operation_id: str) -> Operation:
        """One operation. Raises NotFound."""
        ...

    def claim(self, operation_id: str, worker: str, seconds: float) -> Operation | None:
        """Take a waiting operation under a lease and a new fence; None when it is closed, not due, or another worker
        has it.
        """
        ...

    def hold(self, operation: Operation, seconds: float) -> None:
        """Lengthen the lease. Raises LeaseLost when the fence is no longer ours or the lease has run out."""
        ...

    def save(self, operation: Operation, audit: AuditEntry | None = None, event: str = "") -> Operation:
        """Store a claimed operation, with an audit record and a line of progress, all or nothing.

        Raises LeaseLost unless the fence is still ours, AuditUnavailable when the record cannot be written.
        """
        ...

    def decide(self, operation: Operation, expected: Iterable[OperationState], audit: AuditEntry) -> Operation:
        """Store a person's decision, if the operation is still in one of the expected states. Raises Conflict
        otherwise.
        """
        ...

    def due(self, limit: int) -> list[str]:
        """Ids of operations that a worker may claim now, the longest waiting first."""
        ...

    def events(self, operation_id: str) -> list[tuple[datetime, str]]:
        """The lines of progress of one operation, oldest first."""
        ...
