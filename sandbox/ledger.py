"""The record of every accepted changing call: what a judge believes in place of the product's own word.

The rows are committed in the same transaction as the change itself; ledger.jsonl is derived from them, one line per
call, written before the answer leaves. After a kill -9 between the two, or a power cut, the missing lines are added at
the next start, and `read` sees them already.
"""

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One accepted changing call. `replayed`: its idempotency token was known, so that nothing new came of it."""

    seq: int
    time: str
    account: str
    region: str
    service: str
    action: str
    kind: str
    native_ids: tuple[str, ...]
    name: str = ""
    token: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    user_agent: str = ""
    request_id: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    replayed: bool = False
    access_key: str = ""

    @classmethod
    def from_json(cls, text: str) -> "Entry":
        values = json.loads(text)
        return cls(**{**values, "native_ids": tuple(values["native_ids"])})

    def to_json(self) -> str:
        return json.dumps({**self.__dict__, "native_ids": list(self.native_ids)}, separators=(",", ":"), default=str)


def folder(home: str | Path, cloud: str = "aws") -> Path:
    """Where a simulated cloud keeps its state under MULTICLOUD_HOME."""
    return Path(home) / "sandbox" / cloud


def read(home: str | Path, cloud: str = "aws") -> list[Entry]:
    """Every accepted changing call so far, in order. Reads files only, so that it also answers when the cloud is
    down.
    """
    path = folder(home, cloud)
    lines = _whole_lines(path / "ledger.jsonl")
    entries = [Entry.from_json(line) for line in lines]
    database = path / "state.sqlite3"
    if database.exists():
        last = entries[-1].seq if entries else 0
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            rows = connection.execute("select entry from ledger where seq > ? order by seq", (last,)).fetchall()
        connection.close()
        entries += [Entry.from_json(row[0]) for row in rows]
    return entries


class Ledger:
    """The file, open for appending."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = _whole_lines(path)
        self.last = Entry.from_json(lines[-1]).seq if lines else 0
        self.file = path.open("ab", buffering=0)
        # A line that a kill cut short is taken off: the row it came from is committed, and is written again.
        self.file.truncate(sum(len(line.encode()) + 1 for line in lines))

    def append(self, entries: list[Entry]) -> None:
        """Write these lines. What a power cut takes of them is in the committed rows, and is written again."""
        fresh = [entry for entry in entries if entry.seq > self.last]
        if fresh:
            self.file.write("".join(entry.to_json() + "\n" for entry in fresh).encode())
            self.last = fresh[-1].seq

    def clear(self) -> None:
        self.file.truncate(0)
        self.last = 0


def _whole_lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    return path.read_bytes().decode().split("\n")[:-1]
