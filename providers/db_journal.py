"""The journal in the database. Claims, leases and fences are conditional UPDATEs judged by the database's own clock."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Now

from access import audit as audits
from access.models import Team
from providers.journal import WAITING, AuditEntry, Operation, OperationState
from providers.models import Account, OperationEvent, OperationRow
from providers.plans import Plan
from vocabulary.errors import AuditUnavailable, Conflict, LeaseLost, NotFound

#: What a worker may write. Plan, actor and hash never change; fence and worker change only with a claim.
WRITTEN = (
    "state",
    "approved_by",
    "approved_at",
    "finished_at",
    "step",
    "phase",
    "backwards",
    "intended_at",
    "phase_at",
    "known",
    "attempts",
    "error",
    "note",
    "not_before",
)

#: The share of a lease that, if it is left, need not be lengthened.
LONG_ENOUGH = 5 / 6

#: No lease and no wait is ever written for longer than half of this.
LONGEST_LEASE, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=2)

#: How each database tells the time, with the precision of its columns.
CLOCKS = {"sqlite": "SELECT STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')", "postgresql": "SELECT STATEMENT_TIMESTAMP()"}


def value_of(row: OperationRow) -> Operation:
    """The engine's value of a row."""
    plain = {entry.name: getattr(row, entry.name) for entry in fields(Operation) if entry.name not in ("plan", "state")}
    return Operation(**plain, plan=Plan.from_dict(row.plan), state=OperationState(row.state))


class DatabaseJournal:
    """`providers.journal.Journal` over the tables. `requested_by` is the user whose plans are added."""

    def __init__(self, requested_by: Any = None) -> None:
        self._requested_by = requested_by
        self._teams: dict[str, Team] = {}

    def now(self) -> datetime:
        """The database's clock."""
        with connection.cursor() as cursor:
            cursor.execute(CLOCKS[connection.vendor])
            (now,) = cursor.fetchone()
        return datetime.fromisoformat(now).replace(tzinfo=UTC) if isinstance(now, str) else now

    def add(self, operation: Operation, audit: AuditEntry) -> Operation:
        """Store a new operation with its audit record."""
        plan = operation.plan
        account = _account(plan)
        with transaction.atomic():
            OperationRow.objects.create(
                id=operation.id,
                account=account,
                requested_by=self._requested_by,
                actor=operation.actor,
                state=operation.state,
                verb=plan.verb,
                kind=plan.kind,
                region=plan.region,
                subject=plan.subject,
                title=plan.title,
                plan=plan.as_dict(),
                plan_hash=operation.plan_hash,
                created_at=operation.created_at,
                undo_of=operation.undo_of,
            )
            audits.append(account.team, audit.as_dict())
        return operation

    def load(self, operation_id: str) -> Operation:
        """One operation. Raises NotFound."""
        row = OperationRow.objects.filter(pk=operation_id).first()
        if row is None:
            raise NotFound("journal", "load", f"there is no operation {operation_id}")
        return value_of(row)

    def claim(self, operation_id: str, worker: str, seconds: float) -> Operation | None:
        """One conditional UPDATE: of two workers, one wins."""
        rows = OperationRow.objects.filter(_claimable(), pk=operation_id)
        # Looked at first: who comes too late, as most wake-ups of a burst do, need not wait for the right to write.
        won = rows.exists() and rows.update(
            worker=worker[:100], lease_until=Now() + Value(timedelta(seconds=seconds)), fence=F("fence") + 1
        )
        return self.load(operation_id) if won else None

    def hold(self, operation: Operation, seconds: float) -> None:
        """Lengthen the lease, if it is still ours. One that has just begun is only looked at: that needs no commit."""
        enough = Now() + Value(timedelta(seconds=seconds * LONG_ENOUGH))
        if self._ours(operation).filter(lease_until__gte=enough).exists():
            return
        if not self._ours(operation).update(lease_until=Now() + Value(timedelta(seconds=seconds))):
            raise _lost(operation)

    def save(self, operation: Operation, audit: AuditEntry | None = None, event: str = "") -> Operation:
        """Operation, audit record and line of progress in one transaction."""
        values: dict[str, Any] = {name: getattr(operation, name) for name in WRITTEN}
        values["known"] = dict(operation.known)
        values["error"] = dict(operation.error) if operation.error else None
        if operation.worker == "":
            values.update(worker="", lease_until=None)
        try:
            with transaction.atomic():
                if not self._ours(operation).update(**values):
                    raise _lost(operation)
                if audit:
                    audits.append(self._team(operation.plan), audit.as_dict())
                if event:
                    OperationEvent.objects.create(operation_id=operation.id, at=self.now(), text=event[:2000])
        except DatabaseError as error:
            raise AuditUnavailable(
                operation.plan.account,
                "journal",
                f"the journal cannot be written: {error}",
                "Check the database and the disk.",
            ) from error
        return operation

    def decide(self, operation: Operation, expected: Iterable[OperationState], audit: AuditEntry) -> Operation:
        """A person's decision, if nobody decided otherwise in the meantime."""
        with transaction.atomic():
            values = {
                name: getattr(operation, name)
                for name in ("state", "approved_by", "approved_at", "finished_at", "not_before", "attempts")
            }
            rows = OperationRow.objects.filter(pk=operation.id, state__in=[state.value for state in expected])
            # The fence rises, so that a worker that had claimed it and not yet begun finds that it has lost it.
            if not rows.update(**values, fence=F("fence") + 1, worker="", lease_until=None):
                now = self.load(operation.id)
                raise Conflict(operation.plan.account, audit.action, f"{operation.plan.title} is {now.state} already")
            audits.append(self._team(operation.plan), audit.as_dict())
            OperationEvent.objects.create(
                operation_id=operation.id, at=self.now(), text=f"{audit.action.capitalize()}: {audit.actor}"
            )
        return operation

    def due(self, limit: int) -> list[str]:
        """What a worker may claim now, the longest waiting first."""
        return list(
            OperationRow.objects.filter(_claimable()).order_by("not_before", "pk").values_list("pk", flat=True)[:limit]
        )

    def events(self, operation_id: str) -> list[tuple[datetime, str]]:
        """The lines of progress, oldest first."""
        return list(OperationEvent.objects.filter(operation_id=operation_id).values_list("at", "text"))

    def _team(self, plan: Plan) -> Team:
        """The team that the audit of an account belongs to: asked once while one wake-up is served."""
        if plan.account not in self._teams:
            self._teams[plan.account] = _account(plan).team
        return self._teams[plan.account]

    def _ours(self, operation: Operation) -> models.QuerySet[OperationRow]:
        return OperationRow.objects.filter(pk=operation.id, fence=operation.fence, lease_until__gt=Now())


def _claimable() -> Q:
    waiting = Q(state__in=[state.value for state in WAITING])
    return waiting & _over("not_before", LONGEST_WAIT) & _over("lease_until", LONGEST_LEASE)


def _over(name: str, longest: timedelta) -> Q:
    """Whether a moment has come. One too far ahead was written by a clock that has been set back since."""
    ahead = Q(**{f"{name}__gt": Now() + Value(longest)})
    return Q(**{name: None}) | Q(**{f"{name}__lte": Now()}) | ahead


def _account(plan: Plan) -> Account:
    provider, _, native_id = plan.account.partition("/")
    account = Account.objects.select_related("team").filter(provider=provider, native_id=native_id).first()
    if account is None:
        raise NotFound(
            plan.account, "account", "this account is not known here any more", "Add it again, then make a new plan."
        )
    return account


def _lost(operation: Operation) -> LeaseLost:
    return LeaseLost(operation.plan.account, operation.id, "another worker has taken this operation over")
