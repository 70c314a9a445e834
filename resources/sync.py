"""Reading an account: its kinds, region by region, several at a time, in batches.

Threads ask the cloud, page by page; this thread stores. While a batch is stored the next one is asked for, so at most
two batches of a place are in memory. A place that fails keeps its resources as they were last known; only a listing
that came to its end makes anything gone, and only after a second look.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.db import connection, connections

from providers.db_journal import DatabaseJournal
from providers.drivers.driver import Driver
from providers.drivers.kind import Found, Kind, Unreadable
from providers.models import Account
from resources import places, store
from resources.facts import facts_of
from resources.models import Reading, Resource
from vocabulary.errors import CloudError, LeaseLost
from vocabulary.words import Verb

log = logging.getLogger("src.multicloud.resources.sync")

BATCH, PARALLEL = 500, 8

#: What was first seen so shortly before a listing may not be listed yet (scaled by the driver's tempo).
GRACE = timedelta(seconds=120)

#: Up to so many missing resources are asked for one by one before they are called gone; of more, a second listing
#: decides.
ASKED_ONE_BY_ONE = 25


@dataclass
class Progress:
    """One place that is being read."""

    place: Reading
    kind: Kind
    items: Iterator[Found | Unreadable]
    asked_at: datetime
    seen: set[int] = field(default_factory=set)
    unreadable: list[dict[str, str]] = field(default_factory=list)
    unreadable_ids: set[str] = field(default_factory=set)


@dataclass
class Outcome:
    """What a run did, for its audit record."""

    complete: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    resources: int = 0
    gone: int = 0


class AccountReading:
    """One run over the due places of one account."""

    def __init__(self, account: Account, driver: Driver, every: timedelta) -> None:
        self.account, self.driver, self.every = account, driver, every
        self.outcome = Outcome()
        self._clock = DatabaseJournal()

    def run(self, waiting: list[Reading]) -> Outcome:
        """Read every place that can be claimed."""
        _map_nothing()
        pending: dict[Future[list[Found | Unreadable]], Progress] = {}
        with ThreadPoolExecutor(PARALLEL, thread_name_prefix="read") as pool:
            while waiting or pending:
                while waiting and len(pending) < PARALLEL:
                    progress = self._begin(waiting.pop(0))
                    if progress:
                        pending[pool.submit(_next_batch, progress.items)] = progress
                done, _ = wait(pending, timeout=places.LEASE.total_seconds() / 3, return_when=FIRST_COMPLETED)
                for future in done:
                    progress = pending.pop(future)
                    if self._take(progress, future, pool, pending):
                        self._end(progress)
                for progress in pending.values():
                    places.hold(progress.place)
        return self.outcome

    def _begin(self, waiting: Reading) -> Progress | None:
        place = places.claim(waiting, places.slack(self.account))
        if place is None:
            return None
        kind = self.driver.cloud.kind(place.kind)
        region = place.region or self.driver.cloud.home_region
        return Progress(place, kind, self.driver.list(kind, region), self._clock.now())

    def _take(
        self,
        progress: Progress,
        future: Future[list[Found | Unreadable]],
        pool: ThreadPoolExecutor,
        pending: dict[Future[list[Found | Unreadable]], Progress],
    ) -> bool:
        """Store what a thread brought. True when it was the last of its place."""
        try:
            batch = future.result()
            asked_at = progress.asked_at
            if batch:
                progress.asked_at = self._clock.now()
                pending[pool.submit(_next_batch, progress.items)] = progress
                self._store(progress, batch, asked_at)
        except LeaseLost as error:
            log.warning("account=%s place=%s stopped: %s", self.account.key, progress.place.pk, error)
            _forget(progress, pending)
            return False
        except CloudError as error:
            self._refused(progress, error)
            return False
        return not batch

    def _store(self, progress: Progress, batch: list[Found | Unreadable], asked_at: datetime) -> None:
        found = []
        for item in batch:
            if isinstance(item, Unreadable):
                progress.unreadable_ids.add(item.native_id)
                if len(progress.unreadable) < places.MOST_UNREADABLE:
                    progress.unreadable.append({"id": item.native_id, "why": item.reason[:500]})
            else:
                found.append(facts_of(item, self.account.provider, self.account.native_id))
        progress.seen |= store.store(self._sighting(progress, asked_at), found)

    def _end(self, progress: Progress) -> None:
        """The listing came to its end."""
        name = _name(progress.place)
        try:
            gone = self._gone(progress)
            if not places.complete(progress.place, len(progress.seen), progress.unreadable, self.every):
                return
        except LeaseLost as error:
            log.warning("account=%s place=%s stopped: %s", self.account.key, progress.place.pk, error)
            return
        except CloudError as error:
            self._refused(progress, error)
            return
        self.outcome.complete.append(name)
        self.outcome.resources += len(progress.seen)
        self.outcome.gone += gone

    def _gone(self, progress: Progress) -> int:
        """Call gone what is missing. An item without a readable id may be any of them, so then nothing is."""
        if "" in progress.unreadable_ids:
            return 0
        grace = GRACE * self.driver.tempo
        missing = store.missing(progress.place, progress.seen, grace, progress.unreadable_ids)
        if missing:
            missing = self._missing_still(progress, missing)
        return store.mark_gone(self._sighting(progress, progress.asked_at), missing)

    def _missing_still(self, progress: Progress, missing: list[int]) -> list[int]:
        """A second look: an item that moved from a later page to an earlier one while we read was on neither."""
        kind, place = progress.kind, progress.place
        rows = Resource.objects.filter(pk__in=missing).values_list("pk", "region", "native_id")
        if len(missing) <= ASKED_ONE_BY_ONE and kind.can(Verb.GET):
            return [pk for pk, region, native_id in rows if self.driver.get(kind, region, native_id) is None]
        listed = set()
        for item in self.driver.list(kind, place.region or self.driver.cloud.home_region):
            if isinstance(item, Unreadable):
                return []
            listed.add((item.region, item.native_id))
        places.hold(place)
        return [pk for pk in missing if pk not in {row[0] for row in rows if (row[1], row[2]) in listed}]

    def _refused(self, progress: Progress, error: CloudError) -> None:
        places.refuse(progress.place, error)
        self.outcome.refused[_name(progress.place)] = error.why

    def _sighting(self, progress: Progress, asked_at: datetime) -> store.Sighting:
        return store.Sighting(self.account, store.LISTING, self._clock.now(), asked_at, progress.place)


def _map_nothing() -> None:
    """Writing gains nothing from a mapped database file, and the map would grow with the inventory."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA mmap_size = 0")


def _next_batch(items: Iterator[Found | Unreadable]) -> list[Found | Unreadable]:
    try:
        return list(islice(items, BATCH))
    finally:
        connections.close_all()  # of this thread: the gate may have asked the database


def _forget(progress: Progress, pending: dict[Future[list[Found | Unreadable]], Progress]) -> None:
    for future in [future for future, other in pending.items() if other is progress]:
        future.cancel()
        del pending[future]


def _name(place: Reading) -> str:
    return f"{place.kind} {place.region}".strip()
