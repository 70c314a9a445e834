"""What runs where, account by account: counts, freshness and state, for the Overview and the pages of accounts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from providers.models import Account, Credential
from providers.queries import accounts_for
from resources import places
from resources.models import Reading
from resources.queries import readings_for, resources_for

UNREAD = (Reading.State.NEVER, Reading.State.RUNNING)


@dataclass(frozen=True)
class Cell:
    """How many resources there are of one account, region, kind and state."""

    account: int
    region: str
    kind: str
    state: str
    count: int


@dataclass(frozen=True)
class Standing:
    """How an account stands, as a chip: tone, icon, word; and in a sentence."""

    tone: str
    icon: str
    word: str
    text: str = ""


@dataclass(frozen=True)
class Line:
    """One account: what it holds, how fresh that is, and how it stands."""

    account: Account
    credentials: list[Credential]
    states: Counter[str]
    oldest: datetime | None = None
    newest: datetime | None = None
    refused: int = 0
    unread: int = 0
    places: int = 0
    unreadable: int = 0

    @property
    def count(self) -> int:
        """How many resources it holds."""
        return sum(self.states.values())

    @property
    def stale_after(self) -> float:
        """After how many seconds its readings are called old."""
        return 2 * places.interval_of(self.account).total_seconds()

    @property
    def is_new(self) -> bool:
        """Whether nothing of it has been read to the end yet, and a reading is to come."""
        return self.newest is None and not self.refused and bool(self.credentials) and self.account.enabled

    @property
    def standing(self) -> Standing:
        """The first thing that one has to know about it."""
        broken = [one for one in self.credentials if one.last_check.get("error")]
        old = self.oldest and timezone.now() - self.oldest > timedelta(seconds=self.stale_after)
        rows: list[tuple[Any, Standing]] = [
            (not self.account.enabled, Standing("", "circle-pause", "Switched off", "No call leaves for it.")),
            (not self.credentials, Standing("bad", "key-round", "No credential", "Nothing can be read.")),
            (
                broken and len(broken) == len(self.credentials),
                Standing("bad", "circle-x", "Cannot sign in", broken[0].last_check["error"]["why"] if broken else ""),
            ),
            (self.refused, Standing("warn", "shield-alert", f"{self.refused} of {self.places} parts refused")),
            (self.is_new, Standing("info", "refresh-cw", "Being read")),
            (old, Standing("warn", "triangle-alert", "Old")),
            (self.unreadable, Standing("warn", "circle-help", f"{self.unreadable} items unreadable")),
        ]
        return next((standing for is_so, standing in rows if is_so), Standing("ok", "circle-check", "Current"))


@dataclass(frozen=True)
class Estate:
    """All that a viewer's accounts hold."""

    lines: list[Line]
    cells: list[Cell] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many resources there are in all."""
        return sum(cell.count for cell in self.cells)

    @property
    def simulated(self) -> bool:
        """Whether every account is a simulated one."""
        return bool(self.lines) and all(line.account.simulated for line in self.lines)

    @property
    def oldest(self) -> datetime | None:
        """The age of the oldest figure."""
        return min((line.oldest for line in self.lines if line.oldest), default=None)

    @property
    def stale_after(self) -> float:
        """The most generous limit of its accounts, in seconds."""
        return max((line.stale_after for line in self.lines), default=0.0)

    def by(self, row: Callable[[Cell], str], column: Callable[[Cell], str]) -> dict[str, Counter[str]]:
        """The counts as a table, the row with the most first."""
        table: dict[str, Counter[str]] = defaultdict(Counter)
        for cell in self.cells:
            table[row(cell)][column(cell)] += cell.count
        return dict(sorted(table.items(), key=lambda item: (-sum(item[1].values()), item[0])))

    def names(self) -> dict[int, str]:
        """The accounts' names by their ids."""
        return {line.account.pk: str(line.account) for line in self.lines}


def estate_of(viewer: Any) -> Estate:
    """The viewer's estate: four queries, however large it is."""
    accounts = list(accounts_for(viewer).prefetch_related("credentials"))
    counted = (
        resources_for(viewer)
        .filter(gone_at=None)
        .order_by()
        .values_list("account_id", "region", "kind", "state")
        .annotate(count=Count("pk"))
    )
    cells = [Cell(*row) for row in counted]
    return Estate(_lines(viewer, accounts, cells), cells)


def line_of(viewer: Any, account: Account) -> Line:
    """One account's line."""
    counted = resources_for(viewer).filter(gone_at=None, account=account).order_by()
    states = counted.values_list("state").annotate(count=Count("pk"))
    cells = [Cell(account.pk, "", "", state, count) for state, count in states]
    return _lines(viewer, [account], cells)[0]


def _lines(viewer: Any, accounts: Iterable[Account], cells: Iterable[Cell]) -> list[Line]:
    accounts = list(accounts)
    states: dict[int, Counter[str]] = defaultdict(Counter)
    for cell in cells:
        states[cell.account][cell.state] += cell.count
    read = readings_for(viewer).filter(account__in=accounts).exclude(kind=places.REGIONS, error=None)
    fresh = {
        row.pop("account_id"): row
        for row in read.order_by()
        .values("account_id")
        .annotate(
            oldest=Min("completed_at"),
            newest=Max("completed_at"),
            refused=Count("pk", filter=Q(state=Reading.State.REFUSED)),
            unread=Count("pk", filter=Q(state__in=UNREAD, completed_at=None)),
            places=Count("pk"),
            unreadable=Count("pk", filter=~Q(unreadable=[])),
        )
    }
    return [
        Line(account, list(account.credentials.all()), states[account.pk], **fresh.get(account.pk, {}))
        for account in accounts
    ]
