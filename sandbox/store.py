"""What exists in a simulated cloud: things in memory, each also one row of an SQLite file.

A request's changes and its ledger entries are one transaction, so that after a kill -9 an accepted call has both or
neither. States to come are part of a thing's row (`plan`): nothing has to run for time to pass.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.ledger import Entry, Ledger

GONE = "gone"

SCHEMA = """
create table if not exists things (account text, region text, kind text, id text, json text,
                                   primary key (account, region, kind, id)) without rowid;
create table if not exists ledger (seq integer primary key, due real, entry text);
create table if not exists meta (name text primary key, json text);
"""


@dataclass
class Thing:
    """One resource. `data` is what the vendor's answer says of it, but for its state, its tags and what is derived
    from others; `hidden` is what no describing call shows (user data, idempotency tokens); `plan` lists (moment,
    state) still to come.
    """

    account: str
    region: str
    kind: str
    id: str
    data: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    state: str = ""
    plan: list[list[Any]] = field(default_factory=list)
    visible_at: float = 0.0
    hidden: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.account, self.region, self.kind, self.id)

    @property
    def name(self) -> str:
        return self.tags.get("Name", "")

    def settle(self, now: float) -> str:
        """The state at this moment, after every planned change that has fallen due."""
        while self.plan and self.plan[0][0] <= now:
            self.state = self.plan.pop(0)[1]
        return self.state

    def to_json(self) -> str:
        return json.dumps(
            [self.data, self.tags, self.state, self.plan, self.visible_at, self.hidden],
            separators=(",", ":"),
            default=str,
        )

    @classmethod
    def from_row(cls, account: str, region: str, kind: str, id: str, text: str) -> "Thing":
        return cls(account, region, kind, id, *json.loads(text))


class Store:
    """All things of one cloud. Not thread-safe: the cloud holds one lock around each request."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path / "state.sqlite3", check_same_thread=False, isolation_level=None)
        self.connection.execute("pragma journal_mode=wal")
        self.connection.execute("pragma synchronous=full")
        self.connection.executescript(SCHEMA)
        self.shelves: dict[tuple[str, str, str], dict[str, Thing]] = {}
        self.dirty: set[tuple[str, str, str, str]] = set()
        self.meta: dict[str, Any] = {}
        self.dirty_meta: set[str] = set()
        self.load()
        self.ledger = Ledger(path / "ledger.jsonl")
        self.ledger.append(self.entries(after=self.ledger.last))
        self.seq = self.connection.execute("select coalesce(max(seq), 0) from ledger").fetchone()[0]

    def load(self) -> None:
        self.shelves.clear()
        for row in self.connection.execute("select account, region, kind, id, json from things"):
            thing = Thing.from_row(*row)
            self.shelves.setdefault((thing.account, thing.region, thing.kind), {})[thing.id] = thing
        self.meta = {name: json.loads(text) for name, text in self.connection.execute("select name, json from meta")}

    # Reading ------------------------------------------------------------------------------------------------------

    def shelf(self, account: str, region: str, kind: str) -> dict[str, Thing]:
        return self.shelves.get((account, region, kind), {})

    def every(self, kind: str) -> Iterator[Thing]:
        """All things of a kind, in every account and region."""
        for (_account, _region, shelf_kind), things in list(self.shelves.items()):
            if shelf_kind == kind:
                yield from list(things.values())

    def entries(self, after: int = 0) -> list[Entry]:
        rows = self.connection.execute("select entry from ledger where seq > ? order by seq", (after,))
        return [Entry.from_json(row[0]) for row in rows.fetchall()]

    def delivered(self, now: float, account: str, region: str) -> list[Entry]:
        """Ledger entries whose delivery to the audit trail has fallen due, newest first."""
        rows = self.connection.execute("select entry from ledger where due <= ? order by seq desc", (now,)).fetchall()
        found = (Entry.from_json(row[0]) for row in rows)
        return [entry for entry in found if entry.account == account and entry.region == region]

    # Changing -----------------------------------------------------------------------------------------------------

    def put(self, thing: Thing) -> Thing:
        self.shelves.setdefault(thing.key[:3], {})[thing.id] = thing
        self.dirty.add(thing.key)
        return thing

    def remove(self, thing: Thing) -> None:
        self.shelves.get(thing.key[:3], {}).pop(thing.id, None)
        self.dirty.add(thing.key)

    def note(self, name: str, value: Any) -> None:
        """Keep a setting."""
        self.meta[name] = value
        self.dirty_meta.add(name)

    def next_number(self) -> int:
        """A number never given before."""
        number = int(self.meta.get("number", 0)) + 1
        self.note("number", number)
        return number

    def commit(self, entries: Iterable[Entry] = (), due: float = 0.0) -> list[Entry]:
        """Make this request's changes and its ledger entries durable, together. Returns the entries with their
        numbers.
        """
        numbered = [Entry(**{**entry.__dict__, "seq": self.seq + i}) for i, entry in enumerate(entries, 1)]
        if not (self.dirty or self.dirty_meta or numbered):
            return []
        self.connection.execute("begin immediate")
        self.connection.executemany("insert or replace into things values (?, ?, ?, ?, ?)", self._kept_rows())
        self.connection.executemany(
            "delete from things where account = ? and region = ? and kind = ? and id = ?",
            [key for key in self.dirty if key[3] not in self.shelf(*key[:3])],
        )
        self.connection.executemany(
            "insert or replace into meta values (?, ?)",
            [(name, json.dumps(self.meta[name])) for name in self.dirty_meta],
        )
        self.connection.executemany(
            "insert into ledger values (?, ?, ?)", [(entry.seq, due, entry.to_json()) for entry in numbered]
        )
        self.connection.execute("commit")
        self.seq += len(numbered)
        self.dirty.clear()
        self.dirty_meta.clear()
        self.ledger.append(numbered)
        return numbered

    def _kept_rows(self) -> Iterator[tuple[str, str, str, str, str]]:
        for key in self.dirty:
            if thing := self.shelf(*key[:3]).get(key[3]):
                yield (*key, thing.to_json())

    def roll_back(self) -> None:
        """Forget this request's changes: what was touched is read again from the file."""
        for key in self.dirty:
            row = self.connection.execute(
                "select json from things where account = ? and region = ? and kind = ? and id = ?", key
            ).fetchone()
            shelf = self.shelves.setdefault(key[:3], {})
            shelf.pop(key[3], None)
            if row:
                shelf[key[3]] = Thing.from_row(*key, row[0])
        for name in self.dirty_meta:
            row = self.connection.execute("select json from meta where name = ?", (name,)).fetchone()
            if row:
                self.meta[name] = json.loads(row[0])
            else:
                self.meta.pop(name, None)
        self.dirty.clear()
        self.dirty_meta.clear()

    def clear(self) -> None:
        """Forget everything: things, settings and ledger."""
        self.connection.executescript(
            "begin immediate; delete from things; delete from ledger; delete from meta; commit;"
        )
        self.shelves.clear()
        self.dirty.clear()
        self.meta.clear()
        self.dirty_meta.clear()
        self.ledger.clear()
        self.seq = 0
