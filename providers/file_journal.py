"""The journal in files, for the library: one file per operation under `operations/`, and one audit for all.

An operation's file begins with the plan; each line after it is what became of it. A claim is a lock that the system
takes away when its process dies, so a crash releases it at once; a process that only sleeps loses it when its lease
runs out.
Two processes may share a folder. See `append_only` for what makes a commit whole.
"""

import fcntl
import os
import re
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from providers.append_only import AppendOnly, sync_folder
from providers.audit_file import NAME as AUDIT
from providers.audit_file import AuditFile, unavailable
from providers.journal import AuditEntry, Operation, OperationState, may_be_claimed
from providers.memory_journal import utc_now
from vocabulary.errors import AuditUnavailable, Conflict, LeaseLost, NotFound

VERSION = 1
ENDED = "ended"

#: What stays as the plan was made; everything else of an operation is written again with each line.
FIXED = ("id", "plan", "plan_hash", "actor", "created_at", "undo_of")
_ID = re.compile(r"op-[a-z2-7]{16}", re.ASCII)


class FileJournal:
    """`providers.journal.Journal` over the files of a folder, by this machine's clock."""

    def __init__(self, folder: Path, clock: Callable[[], datetime] = utc_now) -> None:
        self._files, self._clock = AppendOnly(folder), clock
        self._audit = AuditFile(self._files)
        self._leases: dict[str, tuple[int, int]] = {}
        self._guard = threading.Lock()
        (folder / ENDED).mkdir(mode=0o700, exist_ok=True)

    def now(self) -> datetime:
        """This machine's clock."""
        return self._clock()

    def add(self, operation: Operation, audit: AuditEntry) -> Operation:
        """Store a new operation with its audit record."""
        line = {"version": VERSION, "at": self.now().isoformat(), "operation": operation.as_dict()}
        with self._files.locked():
            self._commit(operation, line, audit)
        return operation

    def load(self, operation_id: str) -> Operation:
        """One operation. Raises NotFound."""
        operation = None
        for _, line in self._lines(operation_id):
            if operation is None:
                operation = line["operation"]
            operation.update(line.get("now", {}))
        if operation is None:
            raise NotFound("journal", "load", f"there is no operation {operation_id}")
        return Operation.from_dict(operation)

    def claim(self, operation_id: str, worker: str, seconds: float) -> Operation | None:
        """Of two processes, or two threads of one, one wins. What a dead process had claimed is free at once."""
        with self._files.locked():
            operation, now = self.load(operation_id), self.now()
            if operation.lease_until and self._is_abandoned(operation):
                operation = replace(operation, lease_until=None)
            if not may_be_claimed(operation, now):
                return None
            until = now + timedelta(seconds=seconds)
            claimed = replace(operation, worker=worker, lease_until=until, fence=operation.fence + 1)
            self._take(claimed)
            self._commit(claimed, self._line(claimed))
            self._drop_file(operation)
            return claimed

    def hold(self, operation: Operation, seconds: float) -> None:
        """Lengthen the lease, if it is still ours."""
        with self._files.locked():
            stored = self._ours(operation)
            held = replace(stored, lease_until=self.now() + timedelta(seconds=seconds))
            self._commit(held, self._line(held))

    def save(self, operation: Operation, audit: AuditEntry | None = None, event: str = "") -> Operation:
        """Operation, audit record and line of progress in one commit."""
        with self._files.locked():
            stored = self._ours(operation)
            kept = replace(operation, lease_until=stored.lease_until if operation.worker else None)
            self._commit(kept, self._line(kept, event), audit)
            if not operation.worker:
                self._let_go(operation.id)
                self._drop_file(operation)
            if operation.state.closed:
                self._put_away(operation.id)
        return operation

    def decide(self, operation: Operation, expected: Iterable[OperationState], audit: AuditEntry) -> Operation:
        """A person's decision, if nobody decided otherwise meanwhile. A worker that had claimed it has lost it."""
        with self._files.locked():
            stored = self.load(operation.id)
            if stored.state not in tuple(expected):
                raise Conflict(
                    operation.plan.account, audit.action, f"{operation.plan.title} is {stored.state} already"
                )
            decided = replace(operation, fence=stored.fence + 1, worker="", lease_until=None)
            self._commit(decided, self._line(decided, f"{audit.action.capitalize()}: {audit.actor}"), audit)
            if decided.state.closed:
                self._put_away(operation.id)
            return decided

    def due(self, limit: int) -> list[str]:
        """What a worker may claim now, the longest waiting first."""
        now, waiting = self.now(), []
        for operation in self.unfinished():
            free = replace(operation, lease_until=None) if self._is_abandoned(operation) else operation
            if may_be_claimed(free, now):
                waiting.append((operation.not_before or now, operation.id))
        return [operation_id for _, operation_id in sorted(waiting)[:limit]]

    def unfinished(self) -> list[Operation]:
        """Every operation that has not ended, in the order of their ids."""
        names = sorted(path.stem for path in self._files.folder.glob("op-*.jsonl"))
        found = []
        for name in names:
            # Another process may put it away between the listing and the reading.
            with suppress(NotFound):
                operation = self.load(name)
                found += [operation] if operation.is_open else []
        return found

    def events(self, operation_id: str) -> list[tuple[datetime, str]]:
        """The lines of progress, oldest first."""
        lines = (line for _, line in self._lines(operation_id))
        return [(datetime.fromisoformat(line["at"]), line["event"]) for line in lines if line.get("event")]

    def _lines(self, operation_id: str) -> list[tuple[int, Any]]:
        if not _ID.fullmatch(operation_id):
            raise NotFound("journal", "load", f"{operation_id[:60]!r} is not the id of an operation")
        # In this order: an operation only ever moves from the first place to the second.
        for name in (f"{operation_id}.jsonl", f"{ENDED}/{operation_id}.jsonl"):
            lines = list(self._files.lines(name))
            if lines:
                return lines
        return []

    def _line(self, operation: Operation, event: str = "") -> dict[str, Any]:
        values = {name: value for name, value in operation.as_dict().items() if name not in FIXED}
        return {"at": self.now().isoformat(), "now": values, **({"event": event} if event else {})}

    def _commit(self, operation: Operation, line: dict[str, Any], audit: AuditEntry | None = None) -> None:
        """Write it, or raise AuditUnavailable and give the claim up: whoever cannot write may not go on."""
        lines = {f"{operation.id}.jsonl": line}
        try:
            if audit:
                lines[AUDIT] = self._audit.next(audit, self.now())
            self._files.append(lines)
        except AuditUnavailable:
            self._let_go(operation.id)
            raise
        except OSError as error:
            self._let_go(operation.id)
            why = f"the journal cannot be written: {error.strerror or error}"
            raise unavailable(operation.plan.account, "journal", why) from error

    def _ours(self, operation: Operation) -> Operation:
        stored = self.load(operation.id)
        if stored.fence != operation.fence or stored.lease_until is None or stored.lease_until <= self.now():
            self._let_go(operation.id, operation.fence)
            raise LeaseLost(operation.plan.account, operation.id, "another worker has taken this operation over")
        return stored

    def _lease_file(self, operation: Operation) -> Path:
        return self._files.folder / f"{operation.id}.{operation.fence}.lease"

    def _take(self, operation: Operation) -> None:
        """Hold the lock that says that this claim's process lives."""
        descriptor = os.open(self._lease_file(operation), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._let_go(operation.id)
        with self._guard:
            self._leases[operation.id] = (operation.fence, descriptor)

    def _let_go(self, operation_id: str, fence: int | None = None) -> None:
        """Give up our lock; only the one of this fence, when one is named."""
        with self._guard:
            held = self._leases.get(operation_id)
            if held and fence in (None, held[0]):
                os.close(self._leases.pop(operation_id)[1])

    def _drop_file(self, operation: Operation) -> None:
        self._lease_file(operation).unlink(missing_ok=True)

    def _is_abandoned(self, operation: Operation) -> bool:
        """Whether the process that had claimed it is gone."""
        try:
            descriptor = os.open(self._lease_file(operation), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    def _put_away(self, operation_id: str) -> None:
        folder = self._files.folder
        with suppress(FileNotFoundError):
            (folder / f"{operation_id}.jsonl").rename(folder / ENDED / f"{operation_id}.jsonl")
            sync_folder(folder / ENDED)
