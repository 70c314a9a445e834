"""A journal in memory, whose clock a test moves: nothing sleeps, and every wait is over at once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from providers.journal import AuditEntry, Operation, OperationState
from vocabulary.errors import Conflict, LeaseLost, NotFound


class MemoryJournal:
    """Keeps the promises of `providers.journal.Journal` within one process. `audit` has every record, oldest first."""

    def __init__(self) -> None:
        self.operations: dict[str, Operation] = {}
        self.audit: list[AuditEntry] = []
        self.lines: list[tuple[str, datetime, str]] = []
        self.skipped = timedelta()

    def skip_to(self, moment: datetime) -> None:
        """Let the time until this moment pass."""
        self.skipped += max(moment - self.now(), timedelta())

    def now(self) -> datetime:
        return datetime.now(UTC) + self.skipped

    def add(self, operation: Operation, audit: AuditEntry) -> Operation:
        self.operations[operation.id] = operation
        self.audit.append(audit)
        return operation

    def load(self, operation_id: str) -> Operation:
        if operation_id not in self.operations:
            raise NotFound("journal", "load", f"no operation {operation_id}")
        return self.operations[operation_id]

    def claim(self, operation_id: str, worker: str, seconds: float) -> Operation | None:
        operation, now = self.load(operation_id), self.now()
        leased = operation.lease_until is not None and operation.lease_until > now
        early = operation.not_before is not None and operation.not_before > now
        if not operation.state.waits_for_a_worker or leased or early:
            return None
        until = now + timedelta(seconds=seconds)
        claimed = replace(operation, worker=worker, lease_until=until, fence=operation.fence + 1)
        self.operations[operation_id] = claimed
        return claimed

    def hold(self, operation: Operation, seconds: float) -> None:
        self._fenced(operation)
        until = self.now() + timedelta(seconds=seconds)
        self.operations[operation.id] = replace(self.operations[operation.id], lease_until=until)

    def save(self, operation: Operation, audit: AuditEntry | None = None, event: str = "") -> Operation:
        self._fenced(operation)
        self.operations[operation.id] = operation
        if audit:
            self.audit.append(audit)
        if event:
            self.lines.append((operation.id, self.now(), event))
        return operation

    def decide(self, operation: Operation, expected: Iterable[OperationState], audit: AuditEntry) -> Operation:
        if self.load(operation.id).state not in tuple(expected):
            raise Conflict("journal", "decide", "it is decided already")
        self.operations[operation.id] = operation
        self.audit.append(audit)
        return operation

    def due(self, limit: int) -> list[str]:
        now = self.now()
        waiting = [
            one
            for one in self.operations.values()
            if one.state.waits_for_a_worker and (one.not_before is None or one.not_before <= now)
        ]
        return [one.id for one in waiting][:limit]

    def events(self, operation_id: str) -> list[tuple[datetime, str]]:
        return [(moment, line) for id, moment, line in self.lines if id == operation_id]

    def _fenced(self, operation: Operation) -> None:
        if self.load(operation.id).fence != operation.fence:
            raise LeaseLost("journal", "save", "another worker took over")
