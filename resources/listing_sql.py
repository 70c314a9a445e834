"""The SQL of a list of resources: how many there are, and one page of them, by different ways in.

A page can be reached in two ways: walk the index of its order and skip what the filter does not want, or collect what
one filter names and sort it. Both give the same rows; `listing` chooses. Written by hand, because a planner that knows
nothing of the values takes the wrong way for many a list. Every value is a parameter; only names of ours are in the
text.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from resources.filters import ResourceFilter
from resources.paging import MOST_COUNTED, Cursor
from resources.search import search_for
from vocabulary.types import ServiceType
from vocabulary.words import SERVICE_TYPE_ALIASES, State

#: How far the sizes of the ways in are probed: as far as a list is counted.
MOST_PROBED = MOST_COUNTED + 1

#: A search that is the only way in is probed less far: only to see whether nearly every row holds the text.
MOST_SEARCHED = 2_001

#: Stands for "unknown" in the order by creation; no cloud is that old.
NO_TIME = "0001-01-01 00:00:00"

#: The columns of each order. Each has an index, and ends in the row's id, so that the order is total.
ORDERS: dict[str, tuple[str, ...]] = {
    "name": ("r.name", "r.id"),
    "state": ("r.state", "r.name", "r.id"),
    "region": ("r.region", "r.name", "r.id"),
    "kind": ("r.kind", "r.name", "r.id"),
    "account": ("r.account_id", "r.name", "r.id"),
    "created_at": (f"COALESCE(r.created_at, '{NO_TIME}')", "r.id"),
    "changed_at": ("r.changed_at", "r.id"),
}

#: Columns with an index in which the name comes second: one value of them can be walked by name.
LANES = ("r.state", "r.region", "r.kind", "r.account_id")

COLUMNS = (
    "id", "public_id", "account_id", "provider", "service_type", "kind", "region", "zone", "native_id", "name", "state",
    "native_state", "state_since", "attributes", "created_at", "first_seen_at", "changed_at", "gone_at", "protected",
    "simulated",
)  # fmt: skip

#: When the place of a row was last read to its end. The region is empty for kinds without regions.
READ_AT = """(SELECT MAX(g.completed_at) FROM resources_reading g
    WHERE g.account_id = r.account_id AND g.region IN (r.region, '') AND g.kind = r.kind)"""

TABLE = "resources_resource r"


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with its parameters: whatever a person gave is a parameter."""

    text: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Way:
    """A filter by which rows can be collected: from where, under which condition, and by which column."""

    source: str
    where: Sql
    column: str = ""

    def named(self, column: str, limit: int) -> Sql:
        """A column of what the way names, to a limit."""
        table = self.source.partition(" CROSS JOIN ")[0]
        return Sql(f"(SELECT {column} AS one FROM {table} WHERE {self.where.text} LIMIT {limit})", self.where.params)


class ListSql:
    """The statements of one filter over some accounts."""

    def __init__(self, asked: ResourceFilter, account_ids: Iterable[int]) -> None:
        self.asked = asked
        self._keep_out = "+" if connection.vendor == "sqlite" else ""
        self._search = search_for(asked.q, connection.vendor) if asked.q else None
        self._columns = _columns(asked, tuple(account_ids))
        self.order = ORDERS[asked.sort_field]
        self.ways = self._ways()
        self.searched = self.ways[0] if self._search and self._search.table else None
        self.probed = MOST_SEARCHED if self.searched and len(self.ways) == 1 else MOST_PROBED

    def sizes(self) -> Sql:
        """One row: the highest row id, how far a search reaches, and the size of every way, each to a limit.

        A search reaches to the row id of the last row it was probed to: if that is little more than the limit, nearly
        every row holds the text.
        """
        texts, source = ["(SELECT MAX(id) FROM resources_resource)", "0"], ""
        params: tuple[Any, ...] = ()
        searched: tuple[Any, ...] = ()
        for way in self.ways:
            named = way.named("rowid" if way is self.searched else "1", self.probed)
            if way is self.searched:
                texts[1:] = ["s.reach", "s.size"]
                source = f" FROM (SELECT MAX(p.one) AS reach, COUNT(*) AS size FROM {named.text} p) s"
                searched = named.params
            else:
                texts.append(f"(SELECT COUNT(*) FROM {named.text} p)")
                params += named.params
        return Sql(f"SELECT {', '.join(texts)}{source}", (*params, *searched))

    def counting(self, way: Way | None) -> Sql:
        """The number of rows, counted to one more than is ever shown."""
        chosen = self._chosen(way)
        return Sql(f"SELECT COUNT(*) FROM (SELECT 1 {chosen.text} LIMIT {MOST_COUNTED + 1}) c", chosen.params)

    def collecting(self, way: Way | None, edge: Cursor | None, backwards: bool, limit: int) -> Sql:
        """A page, by collecting what a way names and sorting it."""
        chosen, beyond = self._chosen(way), self._beyond(edge, backwards)
        ids = f"SELECT r.id AS id {chosen.text}{beyond.text} {self._order_by(backwards)} LIMIT {limit}"
        return self._with_columns(Sql(ids, (*chosen.params, *beyond.params)), backwards)

    def walking(self, lane: Way | None, edge: Cursor | None, backwards: bool, limit: int, at_most: int) -> Sql:
        """A page, by walking past at most so many rows of an index; short when they did not hold enough."""
        within = lane.where if lane else Sql("1 = 1")
        beyond, wanted = self._beyond(edge, backwards), self._wanted(None)
        order = self._order_by(backwards)
        walked = f"SELECT r.id AS id FROM {TABLE} WHERE {within.text}{beyond.text} {order} LIMIT {at_most}"
        source = f"FROM ({walked}) w CROSS JOIN {TABLE} ON r.id = w.id WHERE {wanted.text}"
        # SQLite's cross join keeps the order of the walk, so it ends with the last row that is needed. Others would
        # sort.
        ids = f"SELECT r.id AS id {source} {'' if self._keep_out else order} LIMIT {limit}"
        return self._with_columns(Sql(ids, (*within.params, *beyond.params, *wanted.params)), backwards)

    def _with_columns(self, ids: Sql, backwards: bool) -> Sql:
        keys = [f"{column} AS order_{number}" for number, column in enumerate(self.order)]
        columns = ", ".join([*(f"r.{name}" for name in COLUMNS), *keys, f"{READ_AT} AS read_at"])
        text = f"SELECT {columns} FROM ({ids.text}) i CROSS JOIN {TABLE} ON r.id = i.id {self._order_by(backwards)}"
        return Sql(text, ids.params)

    def _order_by(self, backwards: bool) -> str:
        direction = "DESC" if self.asked.descending != backwards else "ASC"
        return "ORDER BY " + ", ".join(f"{column} {direction}" for column in self.order)

    def _beyond(self, edge: Cursor | None, backwards: bool) -> Sql:
        if edge is None:
            return Sql("")
        compare = "<" if self.asked.descending != backwards else ">"
        marks = ", ".join("%s" for _ in self.order)
        return Sql(f" AND ({', '.join(self.order)}) {compare} ({marks})", edge.values)

    def _chosen(self, way: Way | None) -> Sql:
        wanted = self._wanted(way)
        if way is None:
            return Sql(f"FROM {TABLE} WHERE {wanted.text}", wanted.params)
        return Sql(f"FROM {way.source} WHERE {way.where.text} AND {wanted.text}", (*way.where.params, *wanted.params))

    def _wanted(self, entered: Way | None) -> Sql:
        """Every condition but the one the rows are entered by. A plus keeps SQLite from entering by another one."""
        texts, params = ["1 = 1" if State.GONE in self.asked.state else f"{self._keep_out}r.gone_at IS NULL"], []
        for column, values in self._columns.items():
            if entered is None or column != entered.column:
                texts.append(f"{self._keep_out}{column} IN ({', '.join('%s' for _ in values)})")
                params += values
        for key, value in self.asked.tags:
            tagged = _tag_is(key, value)
            texts.append(
                f"EXISTS (SELECT 1 FROM resources_resourcetag t2 WHERE t2.resource_id = r.id AND {tagged.text})"
            )
            params += tagged.params
        if self._search and not (self._search.exact and entered is not None and entered is self.searched):
            texts.append(self._search.holds)
            params += self._search.holds_params
        return Sql(" AND ".join(texts), tuple(params))

    def _ways(self) -> list[Way]:
        ways = []
        if self._search and self._search.table:
            source = f"{self._search.table} CROSS JOIN {TABLE} ON r.id = {self._search.table}.rowid"
            ways.append(Way(source, Sql(self._search.match, self._search.match_params)))
        for key, value in self.asked.tags:
            tagged = _tag_is(key, value)
            source = f"resources_resourcetag t2 CROSS JOIN {TABLE} ON r.id = t2.resource_id"
            ways.append(Way(source, tagged))
        for column, values in self._columns.items():
            where = Sql(f"{column} IN ({', '.join('%s' for _ in values)})", tuple(values))
            if column in LANES and (column != "r.account_id" or self.asked.account):
                ways.append(Way(TABLE, where, column))
        return ways

    def lanes(self) -> list[Way]:
        """The ways that can be walked in this order."""
        single = [way for way in self.ways if way.column and len(way.where.params) == 1]
        return single if self.asked.sort_field == "name" else []


def _tag_is(key: str, value: str | None) -> Sql:
    if value is None:
        return Sql("t2.key = %s", (key,))
    return Sql("t2.key = %s AND t2.value = %s", (key, value))


def _columns(asked: ResourceFilter, account_ids: tuple[int, ...]) -> dict[str, tuple[Any, ...]]:
    """The asked values by column. The accounts are always among them: nobody sees more than their own."""
    columns: dict[str, tuple[Any, ...]] = {"r.account_id": account_ids}
    # A question about COMPUTE is also about containers and functions.
    services = {actual for word in asked.service_type for actual in _covered(ServiceType(word))}
    given = {
        "r.provider": asked.provider,
        "r.region": asked.region,
        "r.kind": asked.kind,
        "r.service_type": tuple(sorted(services)),
        "r.state": asked.state,
    }
    return columns | {column: values for column, values in given.items() if values}


def _covered(asked: ServiceType) -> tuple[ServiceType, ...]:
    return SERVICE_TYPE_ALIASES.get(asked, (asked,))
