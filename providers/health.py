"""The gate whose state is in the database: circuit breaker and leased budgets of calls, per account and service.

Rows are written when something changes, not at every call: a lease of calls is taken from the row and used up in
memory, and a breaker writes when it counts a failure, opens, or closes. So processes agree, and an idle estate writes
nothing.
"""

import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Any

from django.db import transaction
from django.utils import timezone

from providers.models import Account, ServiceHealth
from vocabulary.errors import CircuitOpen, CloudError, ProviderDown, RateLimited

FAILURES_TO_OPEN = 5
SHORTEST_OPEN, LONGEST_OPEN = timedelta(seconds=5), timedelta(minutes=5)
#: What is to stay closed for longer was written by a clock that has been set back since, or by a cloud beyond reason.
LONGEST_CLOSED = timedelta(hours=1)

#: Calls per second that all processes together may make of one account's service, and the most that may be saved up.
CALLS_PER_SECOND, BURST = 20.0, 100.0
#: A simulated cloud is this machine: it is asked as fast as it answers, and its own throttling is what is being
#: rehearsed.
SIMULATED_FACTOR = 100.0
LEASE, LEASE_SECONDS = 10, 5.0
#: Who finds the budget empty waits this long for more, as a queue of cars does. A longer wait is a row's, not a
#: worker's.
PATIENCE_SECONDS = 1.0
SMALLEST_SHARE = 0.05
#: Half of what a throttling took away is back after about this long.
RECOVERY_SECONDS = 60.0
#: The row of a service's budget, which is one for all its regions. No region is called this.
EVERY_REGION = "*"
#: The code of a refusal that is ours and not the cloud's.
OURS = "Multicloud.Budget"
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass
class Lease:
    """What this process may still spend, and what it remembers of one service. Guarded by the gate's lock."""

    calls: int = 0
    until: datetime = LONG_AGO
    failing: bool | None = None
    looked_at: datetime = LONG_AGO
    lock: threading.Lock = field(default_factory=threading.Lock)


class Memory:
    """The leases of this process, by account, service and region."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._leases: dict[tuple[int, str, str], Lease] = {}

    def of(self, account_id: int, service: str, region: str) -> Lease:
        """The lease of one service."""
        with self._lock:
            return self._leases.setdefault((account_id, service, region), Lease())

    def clear(self) -> None:
        """Forget everything, as a new process would."""
        with self._lock:
            self._leases.clear()


memory = Memory()


class DatabaseGate:
    """Lets calls of one account through: few enough of them, and none to a service that is known to be down."""

    #: How long what other processes wrote about a breaker may go unnoticed.
    LOOK_EVERY = timedelta(seconds=2)

    def __init__(self, account: Account) -> None:
        self.account = account
        self._factor = SIMULATED_FACTOR if account.simulated else 1.0

    def enter(self, service: str, region: str) -> None:
        """Raise CircuitOpen, saying since when, for a service that is down; RateLimited when the budget is spent."""
        now = timezone.now()
        health = memory.of(self.account.pk, service, region)
        with health.lock:
            if now - health.looked_at >= self.LOOK_EVERY or health.failing:
                self._refuse_while_open(service, region, now)
                health.looked_at = now
        budget = memory.of(self.account.pk, service, EVERY_REGION)
        with budget.lock:
            if budget.calls < 1 or budget.until < now:
                budget.calls = self._lease(service)
                budget.until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
            budget.calls -= 1

    def leave(self, service: str, region: str, error: CloudError | None) -> None:
        """Count a failure, close the breaker after a success, spend less after a throttling."""
        health = memory.of(self.account.pk, service, region)
        if isinstance(error, CircuitOpen) or (error is not None and error.code == OURS):
            return
        if isinstance(error, ProviderDown):
            health.failing = True
            self._failed(service, region, error)
        elif isinstance(error, RateLimited):
            self._throttled(service, error)
        elif health.failing is not False:
            # Any answer at all, a refusal too, shows that the service is there.
            self._works(service, region)
            health.failing = False

    def _refuse_while_open(self, service: str, region: str, now: datetime) -> None:
        row = self._rows(service, region).first()
        memory.of(self.account.pk, service, region).failing = bool(row and row.failures)
        if row is None or row.open_until is None or row.open_until > now + LONGEST_CLOSED:
            return
        if row.open_until <= now and self._try_one(row, now):
            return
        since = row.failing_since or now
        raise CircuitOpen(
            str(self.account),
            service,
            f"{service} in {region or 'this account'} has been down since {since:%Y-%m-%d %H:%M:%S} UTC",
            f"It is asked again at {row.open_until:%H:%M:%S} UTC. The last answer: {(row.last_error or {}).get('why')}",
            retry_after_seconds=max(1.0, (row.open_until - now).total_seconds()),
        )

    def _try_one(self, row: ServiceHealth, now: datetime) -> bool:
        """Half open: of all processes one call goes through; the others wait for how it ends."""
        mine = ServiceHealth.objects.filter(pk=row.pk, open_until=row.open_until)
        return bool(mine.update(open_until=now + _open_for(row.failures)))

    def _failed(self, service: str, region: str, error: CloudError) -> None:
        now = timezone.now()
        with transaction.atomic():
            row = self._locked(service, region)
            row.failures += 1
            row.failing_since = row.failing_since or now
            row.last_error = error.as_dict()
            if row.failures >= FAILURES_TO_OPEN:
                row.open_until = now + _open_for(row.failures)
            row.save(update_fields=["failures", "failing_since", "last_error", "open_until"])

    def _works(self, service: str, region: str) -> None:
        rows = self._rows(service, region).exclude(failures=0)
        rows.update(failures=0, failing_since=None, open_until=None, last_success_at=timezone.now())

    def _lease(self, service: str) -> int:
        """Some calls out of the service's budget, waited for a moment. Raises RateLimited when that takes longer."""
        patience = monotonic() + PATIENCE_SECONDS
        while True:
            taken, wait = self._take(service)
            if taken:
                return taken
            if monotonic() + wait > patience:
                raise RateLimited(
                    str(self.account),
                    service,
                    f"calls to {service} are held back, because the cloud was or would be asked too often",
                    "Nothing was sent. It is asked again by itself.",
                    code=OURS,
                    retry_after_seconds=wait,
                )
            sleep(wait)

    def _take(self, service: str) -> tuple[int, float]:
        """How many calls could be taken, and, when none, for how many seconds to wait."""
        now = timezone.now()
        with transaction.atomic():
            row = self._locked(service, EVERY_REGION)
            if row.open_until and now < row.open_until <= now + LONGEST_CLOSED:
                return 0, (row.open_until - now).total_seconds()
            rate, most = self._rate(row, now), BURST * self._factor
            saved = most if row.budget_at is None else _refilled(row, rate, most, now)
            taken = int(min(saved, LEASE * self._factor))
            if taken:
                row.budget, row.budget_at = saved - taken, now
                row.save(update_fields=["budget", "budget_at"])
            return taken, (1 - saved) / rate

    def _throttled(self, service: str, error: RateLimited) -> None:
        """The cloud says it is too much: what is saved up is gone, and nothing leaves before the moment it named."""
        now = timezone.now()
        with transaction.atomic():
            row = self._locked(service, EVERY_REGION)
            row.open_until = now + timedelta(seconds=error.retry_after_seconds or 0.0)
            row.budget, row.budget_at = 0.0, row.open_until
            row.last_error = {**error.as_dict(), "throttled_at": now.isoformat()}
            row.save(update_fields=["budget", "budget_at", "open_until", "last_error"])
        memory.of(self.account.pk, service, EVERY_REGION).calls = 0

    def _rate(self, row: ServiceHealth, now: datetime) -> float:
        """Calls per second: a twentieth right after a throttling, and all of it again some minutes later."""
        full = CALLS_PER_SECOND * self._factor
        throttled_at = (row.last_error or {}).get("throttled_at")
        if not throttled_at:
            return full
        seconds = (now - datetime.fromisoformat(throttled_at)).total_seconds()
        share = 1 - (1 - SMALLEST_SHARE) * 0.5 ** (max(0.0, seconds) / RECOVERY_SECONDS)
        return float(full * share)

    def _rows(self, service: str, region: str) -> Any:
        return ServiceHealth.objects.filter(account=self.account, service=service, region=region)

    def _locked(self, service: str, region: str) -> ServiceHealth:
        ServiceHealth.objects.get_or_create(account=self.account, service=service, region=region)
        return self._rows(service, region).select_for_update().get()


def _refilled(row: ServiceHealth, rate: float, most: float, now: datetime) -> float:
    """The budget with what the time since it was written has added. A clock that was set back adds nothing."""
    seconds = max(0.0, (now - row.budget_at).total_seconds()) if row.budget_at else 0.0
    return min(most, row.budget + seconds * rate)


def _open_for(failures: int) -> timedelta:
    """How long a breaker stays open: twice as long after each further failure, and never the same for all processes."""
    doubled = SHORTEST_OPEN * 2.0 ** min(20, failures - FAILURES_TO_OPEN)
    return min(LONGEST_OPEN, doubled) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, protects nothing
