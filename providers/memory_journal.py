"""A journal in memory: for a program that may forget, and for tests. It keeps every promise but that of surviving."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from providers.journal import AuditEntry, Operation, OperationState, may_be_claimed
from vocabulary.errors import Conflict, LeaseLost, NotFound


def utc_now() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


class MemoryJournal:
    """`providers.journal.Journal` within one process. `audit` has every record, oldest first."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock, self._lock = clock, threading.RLock()
        self.operations: dict[str, Operation] = {}
        self.audit: list[AuditEntry] = []
        self.lines: list[tuple[str, datetime, str]] = []

    def now(self) -> datetime:
        """The clock that was handed in."""
        return self._clock()

    def add(self, operation: Operation, audit: AuditEntry) -> Operation:
        """Store a new operation with its audit record."""
        with self._lock:
            self.operations[operation.id] = operation
            self.audit.append(audit)
        return operation

    def load(self, operation_id: str) -> Operation:
        """One operation. Raises NotFound."""
        if operation_id not in self.operations:
            raise NotFound("journal", "load", f"there is no operation {operation_id}")
        return self.operations[operation_id]

    def claim(self, operation_id: str, worker: str, seconds: float) -> Operation | None:
        """Of two threads, one wins."""
        with self._lock:
            operation, now = self.load(operation_id), self.now()
            if not may_be_claimed(operation, now):
                return None
            until = now + timedelta(seconds=seconds)
            claimed = replace(operation, worker=worker, lease_until=until, fence=operation.fence + 1)
            self.operations[operation_id] = claimed
            return claimed

    def hold(self, operation: Operation, seconds: float) -> None:
        """Lengthen the lease, if it is still ours."""
        with self._lock:
            until = self.now() + timedelta(seconds=seconds)
            self.operations[operation.id] = replace(self._ours(operation), lease_until=until)

    def save(self, operation: Operation, audit: AuditEntry | None = None, event: str = "") -> Operation:
        """Operation, audit record and line of progress together."""
        with self._lock:
            until = self._ours(operation).lease_until if operation.worker else None
            self.operations[operation.id] = replace(operation, lease_until=until)
            if audit:
                self.audit.append(audit)
            if event:
                self.lines.append((operation.id, self.now(), event))
        return operation

    def decide(self, operation: Operation, expected: Iterable[OperationState], audit: AuditEntry) -> Operation:
        """A person's decision, if nobody decided otherwise meanwhile. A worker that had claimed it has lost it."""
        with self._lock:
            stored = self.load(operation.id)
            if stored.state not in tuple(expected):
                raise Conflict(
                    operation.plan.account, audit.action, f"{operation.plan.title} is {stored.state} already"
                )
            decided = replace(operation, fence=stored.fence + 1, worker="", lease_until=None)
            self.operations[operation.id] = decided
            self.audit.append(audit)
            self.lines.append((operation.id, self.now(), f"{audit.action.capitalize()}: {audit.actor}"))
            return decided

    def due(self, limit: int) -> list[str]:
        """What a worker may claim now, the longest waiting first."""
        now = self.now()
        with self._lock:
            waiting = [one for one in self.operations.values() if may_be_claimed(one, now)]
        return [one.id for one in sorted(waiting, key=lambda one: (one.not_before or now, one.id))][:limit]

    def events(self, operation_id: str) -> list[tuple[datetime, str]]:
        """The lines of progress, oldest first."""
        return [(moment, line) for id, moment, line in self.lines if id == operation_id]

    def _ours(self, operation: Operation) -> Operation:
        stored = self.load(operation.id)
        if stored.fence != operation.fence or stored.lease_until is None or stored.lease_until <= self.now():
            raise LeaseLost(operation.plan.account, operation.id, "another worker has taken this operation over")
        return stored
