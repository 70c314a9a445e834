"""The places of the inventory, one account, region and kind each: which are due, who reads them, how it ended.

A place is claimed by one conditional UPDATE that sets a lease by the database's clock and raises a fence, as operations
are. A reading that was killed leaves its places due: the next one goes on with those.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Now

from providers.models import Account
from resources.models import Reading
from vocabulary.errors import CloudError, UnknownRegion

LEASE = timedelta(seconds=60)

#: How old a complete reading may become; a simulated cloud's time runs faster.
EVERY, EVERY_SIMULATED = timedelta(minutes=15), timedelta(minutes=5)

#: A refused place is asked again sooner, but not at every turn of the schedule.
AFTER_REFUSAL, LONGEST_WAIT = timedelta(minutes=3), timedelta(hours=1)

#: The place that stands for an account's own list of regions.
REGIONS = "region"

#: The most unreadable items of one place whose reasons are kept.
MOST_UNREADABLE = 50


def interval_of(account: Account) -> timedelta:
    """How often an account is read."""
    return EVERY_SIMULATED if account.simulated else EVERY


def due(ahead: timedelta = timedelta(0)) -> Q:
    """Places that wait for a reader, held by nobody, now or in a short while.

    A time too far ahead was written by a clock that has been set back since.
    """
    waiting = Q(due_at=None) | Q(due_at__lte=Now() + Value(ahead)) | Q(due_at__gt=Now() + Value(LONGEST_WAIT * 2))
    return waiting & (Q(lease_until=None) | Q(lease_until__lte=Now()) | Q(lease_until__gt=Now() + Value(LEASE * 2)))


def slack(account: Account) -> timedelta:
    """What is due so soon is read along with what is due now, so that an account is read in one go."""
    return interval_of(account) / 4


def due_in(account: Account) -> QuerySet[Reading]:
    """The places of an account that may be read now, without the list of regions."""
    return (
        Reading.objects.filter(due(slack(account)), account=account)
        .exclude(kind=REGIONS)
        .order_by("completed_at", "pk")
    )


def prepare(account: Account, wanted: Iterable[tuple[str, str]]) -> None:
    """Make a row for each (region, kind) that is to be read, and say of the others that they are no more."""
    pairs = set(wanted) | {("", REGIONS)}
    rows = [Reading(account=account, region=region, kind=kind) for region, kind in sorted(pairs)]
    Reading.objects.bulk_create(rows, ignore_conflicts=True)
    for row in Reading.objects.filter(account=account):
        if (row.region, row.kind) in pairs:
            continue
        why = f"{row.region} is no longer among the regions that are read" if row.region else f"{row.kind} is not read"
        error = UnknownRegion(str(account), "regions", why, "Its resources keep their last known state.")
        Reading.objects.filter(pk=row.pk, error__isnull=True).update(state=Reading.State.REFUSED, error=error.as_dict())
        Reading.objects.filter(pk=row.pk).update(due_at=Now() + Value(interval_of(account)))


def claim(place: Reading, ahead: timedelta = timedelta(0)) -> Reading | None:
    """Take a place to read. None when another reader has it, or has just read it."""
    won = Reading.objects.filter(due(ahead), pk=place.pk).update(
        state=Reading.State.RUNNING, started_at=Now(), lease_until=Now() + Value(LEASE), fence=F("fence") + 1
    )
    return Reading.objects.get(pk=place.pk) if won else None


def hold(place: Reading) -> bool:
    """Lengthen the lease. False when it is another reader's by now."""
    return bool(_ours(place).update(lease_until=Now() + Value(LEASE)))


def is_ours(place: Reading) -> bool:
    """Whether the lease still holds; asked in the transaction that stores."""
    return _ours(place).exists()


def complete(place: Reading, count: int, unreadable: list[dict[str, str]], every: timedelta) -> bool:
    """The whole place was read: the one freshness update of all its resources."""
    return bool(
        _ours(place).update(
            state=Reading.State.COMPLETE,
            completed_at=Now(),
            count=count,
            unreadable=unreadable,
            error=None,
            lease_until=None,
            due_at=_again(every),
        )
    )


def refuse(place: Reading, error: CloudError) -> bool:
    """The place could not be read to its end. Its resources keep their last known state."""
    wait = AFTER_REFUSAL
    if error.retry_after_seconds:
        wait = max(wait, min(timedelta(seconds=min(error.retry_after_seconds, 86_400.0)), LONGEST_WAIT))
    return bool(
        _ours(place).update(state=Reading.State.REFUSED, error=error.as_dict(), lease_until=None, due_at=_again(wait))
    )


def want(account: Account) -> None:
    """Make every place of an account due at once; what is being read is read once more."""
    Reading.objects.filter(account=account).update(due_at=Now())


def want_again(account: Account, region: str, kinds: Iterable[str]) -> None:
    """Make the places of some kinds due at once, in one region or where kinds have none."""
    rows = Reading.objects.filter(account=account, region__in=(region, ""), kind__in=set(kinds))
    rows.update(due_at=Now())


def _again(wait: timedelta) -> Case:
    # Whoever asked for a reading after this one had begun gets one.
    return Case(When(due_at__gt=F("started_at"), then=F("due_at")), default=Now() + Value(wait))


def _ours(place: Reading) -> QuerySet[Reading]:
    return Reading.objects.filter(pk=place.pk, fence=place.fence, lease_until__gt=Now())
