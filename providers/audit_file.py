"""The audit in a file: one record a line, chained per account, so that a changed, dropped or swapped record shows.

The hash of a record is the SHA-256 of the hash before it and the record itself. What a chain cannot show is a tail that
was cut off; keep copies elsewhere for that.
"""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from providers.append_only import AppendOnly, canonical
from providers.journal import AuditEntry
from vocabulary.errors import AuditUnavailable

NAME = "audit.jsonl"
FIRST = "0" * 64


class AuditFile:
    """The next record of each account's chain. Others may append to the file too; what is new is read first."""

    def __init__(self, files: AppendOnly) -> None:
        self._files, self._read = files, 0
        self._last: dict[str, tuple[int, str]] = {}

    def next(self, entry: AuditEntry, at: datetime) -> dict[str, Any]:
        """The entry as the record that comes next in its account's chain. Only while the folder is locked.

        Raises AuditUnavailable when the file cannot be read: a chain is never begun anew over a broken one.
        """
        try:
            self._catch_up()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise unavailable(entry.account, entry.action, f"{NAME} cannot be read: {error}") from error
        sequence, previous = self._last.get(entry.account, (0, FIRST))
        return link({"at": at.isoformat(), **entry.as_dict(), "sequence": sequence + 1, "previous": previous})

    def _catch_up(self) -> None:
        path = self._files.folder / NAME
        if self._read and (not path.exists() or path.stat().st_size < self._read):
            self._read, self._last = 0, {}
        for end, record in self._files.lines(NAME, self._read):
            self._last[record["account"]] = (record["sequence"], record["hash"])
            self._read = end


def link(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its hash, over all else in it and the hash before it."""
    bare = {name: value for name, value in record.items() if name != "hash"}
    return {**bare, "hash": hashlib.sha256(record["previous"].encode() + canonical(bare)).hexdigest()}


def check_chain(path: Path) -> list[int]:
    """The numbers of the lines, from 1, at which an account's chain does not hold. Empty when all is well."""
    broken: list[int] = []
    last: dict[str, tuple[int, str]] = {}
    for number, record in enumerate(_records(path), 1):
        if record is None:
            broken.append(number)
            continue
        sequence, previous = last.get(record["account"], (0, FIRST))
        good = record["sequence"] == sequence + 1 and record["previous"] == previous
        if not good or record["hash"] != link(record)["hash"]:
            broken.append(number)
        last[record["account"]] = (record["sequence"], record["hash"])
    return broken


def unavailable(account: str, call: str, why: str) -> AuditUnavailable:
    """The error that stops everything: without its record no call goes out."""
    return AuditUnavailable(account, call, why, "Nothing was sent. Check the disk and the folder of the operations.")


def _records(path: Path) -> list[dict[str, Any] | None]:
    """Each whole line; None for one that is not a record."""
    records: list[dict[str, Any] | None] = []
    for line in path.read_bytes().split(b"\n")[:-1]:
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        whole = isinstance(record, dict) and {"account", "sequence", "previous", "hash"} <= set(record)
        records.append(record if whole else None)
    return records
