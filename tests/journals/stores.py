"""Each implementation of the journal, as the suite sees it. A new one is a class and a line in STORES."""

import json
import resource
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import pytest

from providers.file_journal import FileJournal
from providers.journal import AuditEntry, Journal
from providers.memory_journal import MemoryJournal


class Store(Protocol):
    """What the suite needs beside the journal itself."""

    def open(self) -> Journal:
        """A journal over the same operations, as another worker would open it."""
        ...

    def audit(self) -> list[Mapping[str, Any]]:
        """Every audit record, oldest first."""
        ...

    @contextmanager
    def broken(self) -> Iterator[None]:
        """While this lasts, no audit record can be written."""
        ...


class Memory:
    def __init__(self, folder: Path) -> None:
        self.journal = MemoryJournal()

    def open(self) -> Journal:
        return self.journal

    def audit(self) -> list[Mapping[str, Any]]:
        return [asdict(entry) for entry in self.journal.audit]

    @contextmanager
    def broken(self) -> Iterator[None]:
        raise NotImplementedError("memory does not fill up")
        yield


class File:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "operations"

    def open(self) -> Journal:
        return FileJournal(self.folder)

    def audit(self) -> list[Mapping[str, Any]]:
        return [json.loads(line) for line in (self.folder / "audit.jsonl").read_text().splitlines()]

    @contextmanager
    def broken(self) -> Iterator[None]:
        with full_disk():
            yield


class Database:
    def __init__(self, folder: Path) -> None:
        from access.models import Team
        from providers.models import Account

        team = Team.objects.get_or_create(slug="default", defaults={"name": "Default"})[0]
        Account.objects.get_or_create(
            provider="aws", native_id="111111111111", defaults={"team": team, "name": "production", "mode": "manage"}
        )

    def open(self) -> Journal:
        from providers.db_journal import DatabaseJournal

        return DatabaseJournal()

    def audit(self) -> list[Mapping[str, Any]]:
        from access.models import AuditRecord

        return list(AuditRecord.objects.order_by("sequence").values(*AuditEntry.__dataclass_fields__))

    @contextmanager
    def broken(self) -> Iterator[None]:
        from django.db import connection

        with connection.cursor() as cursor:
            refuse = "SELECT RAISE(ABORT, 'the disk is full')"
            cursor.execute(f"CREATE TRIGGER full BEFORE INSERT ON access_auditrecord BEGIN {refuse}; END")
            try:
                yield
            finally:
                cursor.execute("DROP TRIGGER full")


STORES = {"memory": Memory, "file": File, "database": Database}
EVERY = ["memory", "file", pytest.param("database", marks=pytest.mark.django_db)]
#: Those that can fail to write.
ON_DISK = EVERY[1:]


@contextmanager
def full_disk() -> Iterator[None]:
    """While this lasts, the system lets this process write no byte into any file."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
