"""One page of a list of resources for a viewer, by the cheapest way, with its count.

The way is chosen from sizes: how many rows each filter names, and how many the list has. Sizes and counts are kept in
this process for as long as nothing in the inventory changed, which the newest line of its history tells exactly.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Subquery, prefetch_related_objects

from providers.models import Account
from providers.queries import accounts_for
from resources.filters import PAGE_SIZE, ResourceFilter
from resources.listing_sql import MOST_PROBED, ListSql, Sql, Way
from resources.models import Resource, ResourceChange
from resources.paging import MOST_COUNTED, Cursor, Page

MOST_KEPT = 500

#: The most rows walked past for one page; what needs more is collected.
MOST_WALKED = 20_000

#: A walk is given up after so many times its expected length, unless collecting would take longer.
PATIENCE = 2

#: A row walked past costs so many times what a collected one does: it lies anywhere, collected ones lie in their order.
DEARER = 8

#: A text reaches nearly all rows when the first rows that hold it are among the first so many times as many.
NEARLY_ALL = 1.5


@dataclass(frozen=True)
class Sizes:
    """How large a list is: its rows and the rows each of its ways names, both to 10,001, and all rows there are."""

    count: int
    everything: int
    ways: tuple[int, ...]

    def of(self, number: int) -> int:
        """How many rows a way names, everything where that is not known."""
        return self.ways[number] if self.ways[number] < MOST_PROBED else self.everything


_kept: OrderedDict[Any, Any] = OrderedDict()

Value = TypeVar("Value")


def resource_page(
    viewer: Any, asked: ResourceFilter, after: str = "", before: str = "", size: int = PAGE_SIZE, tags: bool = True
) -> Page:
    """The page of a list after or before a marker of its neighbour; the first one without a marker.

    Rows carry their account, `read_at` (when their place was last read to its end) and, with `tags`, their tags. Raises
    BadFilter for a damaged marker.
    """
    accounts, stamp = visible_accounts(viewer)
    sql = ListSql(asked, chosen_accounts(asked, accounts))
    backwards = bool(before and not after)
    edge = Cursor.of(after or before, asked.sort, len(sql.order)) if after or before else None
    sizes = _sizes(sql, (tuple(accounts), stamp, asked))
    rows = _fetched(sql, sizes, edge, backwards, size + 1) if sizes.count else []
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    _complete(rows, accounts, tags)
    position = _position(edge, backwards, len(rows))
    earlier, later = (more, True) if backwards else (edge is not None, more)
    return Page(
        rows=rows,
        count=min(sizes.count, MOST_COUNTED),
        capped=sizes.count > MOST_COUNTED,
        position=position,
        before=_marker(sql, rows[0], position) if rows and earlier else "",
        after=_marker(sql, rows[-1], position + len(rows)) if rows and later else "",
    )


def all_rows(viewer: Any, asked: ResourceFilter, batch: int = 1000) -> Iterator[Resource]:
    """Every row of a list, in its order, for an export: page after page, so that memory stays flat."""
    after = ""
    while True:
        page = resource_page(viewer, asked, after=after, size=batch)
        yield from page.rows
        after = page.after
        if not after:
            return


def visible_accounts(viewer: Any) -> tuple[dict[int, Account], int]:
    """The viewer's accounts by row id, and the inventory's stamp: another one after every change. One query."""
    newest = ResourceChange.objects.order_by("-pk").values("pk")[:1]
    accounts = {account.pk: account for account in accounts_for(viewer).annotate(stamp=Subquery(newest))}
    return accounts, next((account.stamp or 0 for account in accounts.values()), 0)


def chosen_accounts(asked: ResourceFilter, accounts: dict[int, Account]) -> list[int]:
    """The row ids of the accounts a filter asks for, among the visible ones. An unknown account has no resources."""
    if not asked.account:
        return list(accounts)
    return [pk for pk, account in accounts.items() if account.key in asked.account]


def kept_for(viewer: Any, name: str, made: Callable[[dict[int, str]], Value]) -> Value:
    """What `made` makes of the viewer's accounts (their keys by row id), kept until the inventory changes."""
    accounts, stamp = visible_accounts(viewer)
    keys = {pk: account.key for pk, account in accounts.items()}
    return _kept_or_made((tuple(keys.items()), stamp, name), lambda: made(keys))


def _sizes(sql: ListSql, key: Any) -> Sizes:
    return _kept_or_made(key, lambda: _measured(sql))


def _kept_or_made(key: Any, make: Callable[[], Value]) -> Value:
    kept: Value | None = _kept.get(key)
    if kept is None:
        kept = _kept[key] = make()
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return kept


def _measured(sql: ListSql) -> Sizes:
    (everything, reach, *ways) = _one_row(sql.sizes())
    way = _smallest(sql.ways, ways)
    nearly_all = reach is not None and reach < sql.probed * NEARLY_ALL
    if way is not None and way is sql.searched and min(ways) >= sql.probed and nearly_all:
        way = None  # reading the rows themselves is quicker than looking nearly all of them up
    (count,) = _one_row(sql.counting(way))
    if len(ways) == 1 and ways[0] >= sql.probed:
        ways[0] = count  # of a single way the count is nearly its size
    return Sizes(count, everything or 0, tuple(ways))


def _fetched(sql: ListSql, sizes: Sizes, edge: Cursor | None, backwards: bool, limit: int) -> list[Resource]:
    """The rows of a page in the direction of travel.

    Walking is tried first where it is likely to be short, for no longer than collecting would take: what is wanted may
    lie in heaps far from where the walk begins.
    """
    collected = min((sizes.of(number) for number in range(len(sql.ways))), default=sizes.everything)
    lanes = [(sizes.of(sql.ways.index(lane)), sql.ways.index(lane)) for lane in sql.lanes()]
    length, number = min(lanes, default=(sizes.everything, None))
    expected = limit * length // max(1, sizes.count)
    if expected < min(collected, MOST_WALKED):
        lane = None if number is None else sql.ways[number]
        at_most = min(max(expected * PATIENCE, collected // DEARER, limit), MOST_WALKED)
        rows = _resources(sql.walking(lane, edge, backwards, limit, at_most))
        if len(rows) == limit or at_most >= length:
            return rows
    return _resources(sql.collecting(_smallest(sql.ways, sizes.ways), edge, backwards, limit))


def _smallest(ways: list[Way], sizes: Sequence[int]) -> Way | None:
    """The way that names the fewest rows; the first of equals."""
    if not ways:
        return None
    return ways[min(range(len(ways)), key=lambda number: sizes[number])]


def _complete(rows: list[Resource], accounts: dict[int, Account], tags: bool) -> None:
    for row in rows:
        row.account = accounts[row.account_id]
        row.read_at = _moment(row.read_at)
    if tags and rows:
        prefetch_related_objects(rows, "tags")


def _position(edge: Cursor | None, backwards: bool, length: int) -> int:
    if edge is None:
        return 0
    return max(0, edge.position - length) if backwards else edge.position


def _marker(sql: ListSql, row: Any, position: int) -> str:
    values = tuple(_plain(getattr(row, f"order_{number}")) for number in range(len(sql.order)))
    return Cursor(sql.asked.sort, values, position).as_text()


def _plain(value: Any) -> Any:
    return value.isoformat(" ") if isinstance(value, datetime) else value


def _moment(value: Any) -> datetime | None:
    """A time that came past the ORM: SQLite gives it as text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _resources(sql: Sql) -> list[Resource]:
    return list(Resource.objects.raw(sql.text, sql.params))


def _one_row(sql: Sql) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        row: tuple[Any, ...] = cursor.fetchone()
    return row
