"""A database that fails in the middle: each write of a reading once, and a lock that passes."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from pytest_django.plugin import DjangoDbBlocker

from access.models import Team
from providers.models import Account
from resources.models import Reading, Resource, ResourceAnswer, ResourceChange, ResourceTag
from tests.faults.world import at_home
from tests.resources.conftest import Reader
from tests.resources.scripted import ACCOUNT, REGION, ScriptedEngine, instance
from vocabulary.errors import AuditUnavailable

MOST_WRITES = 200


class FailingWrite:
    """Fails the N-th statement that writes."""

    def __init__(self, number: int) -> None:
        self.number, self.seen = number, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            self.seen += 1
            if self.seen == self.number:
                raise OperationalError("disk I/O error")
        return execute(sql, params, many, context)


@pytest.fixture
def read(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Reader]:
    """A reader of an account in a database file of its own, where each statement commits as it does at work."""
    with django_db_blocker.unblock(), at_home(tmp_path):
        call_command("migrate", verbosity=0)
        team = Team.objects.create(slug="ours", name="Ours")
        values = {"native_id": ACCOUNT, "name": "production", "regions": [REGION]}
        yield Reader(Account.objects.create(team=team, provider="aws", **values), ScriptedEngine())


def test_whichever_write_fails_the_next_reading_ends_with_what_the_cloud_has(read: Reader) -> None:
    """Fault 37: fail the first write, then the second, until a reading comes through."""
    engine = read.engine
    for number in range(1, MOST_WRITES):
        Reading.objects.all().delete()
        Resource.objects.all().delete()
        engine.instances[REGION] = [instance(one) for one in range(3)]
        read()
        engine.instances[REGION] = [instance(0, tags={"env": "dev"}), instance(5), instance(2)]
        failing = FailingWrite(number)
        with suppress(OperationalError, AuditUnavailable), connection.execute_wrapper(failing):
            read()
        nothing_is_half()
        Reading.objects.update(lease_until=None)
        read()
        assert set(Resource.objects.filter(gone_at=None).values_list("name", flat=True)) >= {"web-0", "web-2", "web-5"}
        assert Resource.objects.get(name="web-0").tags.get(key="env").value == "dev"
        nothing_is_half()
        if failing.seen < number:
            return
    pytest.fail(f"more than {MOST_WRITES} writes")


def nothing_is_half() -> None:
    """Every resource has its answer, its tags, its line of history; none of these is without a resource."""
    rows = Resource.objects.count()
    assert ResourceAnswer.objects.count() == rows
    assert ResourceTag.objects.filter(key="Name").count() == rows
    assert ResourceChange.objects.filter(fact="state", before="").count() == rows


def test_a_lock_that_passes_is_waited_for(tmp_path: Path) -> None:
    """Fault 36: the settings wait for a locked database; a transaction takes its lock at its beginning."""
    from django.conf import settings

    options = settings.DATABASES["default"]["OPTIONS"]
    assert (options["transaction_mode"], options["timeout"] >= 10) == ("IMMEDIATE", True)
    path = tmp_path / "locked.sqlite3"
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("PRAGMA journal_mode=WAL")
    holder.execute("CREATE TABLE t (x)")
    holder.execute("BEGIN IMMEDIATE")
    waiting = threading.Timer(0.2, holder.execute, ["COMMIT"])
    waiting.start()
    other = sqlite3.connect(path, timeout=options["timeout"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO t VALUES (1)")
    other.execute("COMMIT")
    waiting.join()
    assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (1,)
    other.close()
    holder.close()
