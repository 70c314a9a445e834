"""What can be wrong with this machine: home, database, vault key, worker, sandbox, configuration."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from multicloud_site import lifelines, readiness
from multicloud_site.starting import LEAST_FREE_BYTES
from vocabulary.errors import CloudError

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Check:
    """One finding. `state`: ok, idle (nothing wrong, but not running), unsafe or missing; `mend` is what to type."""

    name: str
    state: str
    finding: str
    mend: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def all_of(home: Path) -> list[Check]:
    """Every check of this machine. None of them changes anything or asks a cloud."""
    looks: tuple[Callable[[Path], Iterator[Check]], ...] = (
        _home,
        _disk,
        _configuration,
        _database,
        _keys,
        _worker,
        _sandbox,
    )
    return [check for look in looks for check in look(home)]


def _home(home: Path) -> Iterator[Check]:
    if not home.is_dir():
        yield Check("home", "missing", f"{home} is not there", "Set MULTICLOUD_HOME, or make one: paas-cli setup")
        return
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o077:
        yield Check("home", "unsafe", f"{home} can be read by others (mode {mode:o})", f"chmod 700 {home}")
    elif not os.access(home, os.W_OK):
        yield Check("home", "missing", f"{home} cannot be written", "Set MULTICLOUD_HOME to a folder of yours.")
    else:
        yield Check("home", "ok", str(home))


def _disk(home: Path) -> Iterator[Check]:
    there = home if home.exists() else home.parent
    if not there.exists():
        return
    free = shutil.disk_usage(there).free
    megabytes = free // 2**20
    if free < LEAST_FREE_BYTES:
        yield Check(
            "disk",
            "missing",
            f"{megabytes} MB are free",
            "Make room: nothing is changed at a cloud once the audit cannot be written.",
        )
    else:
        yield Check("disk", "ok", f"{megabytes} MB are free")


def _configuration(home: Path) -> Iterator[Check]:
    from vocabulary import configuration

    given = os.environ.get("MULTICLOUD_CONFIG", "")
    path = Path(given) if given else CHECKOUT / configuration.DEFAULT_FILE
    try:
        loaded = configuration.load(path if given or path.exists() else None, os.environ)
    except CloudError as error:
        yield Check("configuration", "missing", str(error), error.hint)
        return
    if loaded.enabled:
        yield Check("configuration", "ok", str(path))
    else:
        yield Check(
            "configuration",
            "idle",
            "all calls to clouds are switched off",
            f"multicloud.enabled, {loaded.source_of('multicloud.enabled')}",
        )


def _database(home: Path) -> Iterator[Check]:
    if not (home / "db.sqlite3").exists():
        yield Check("database", "missing", "there is none in the home", "paas-cli setup")
        return
    from multicloud_site.cli.session import open_home

    open_home(home)
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        yield Check("database", "missing", f"it cannot be read: {error}", "See docs/runbook.md.")
        return
    if pending:
        yield Check("database", "missing", f"{len(pending)} migrations are not applied", "paas-cli setup")
    else:
        yield Check("database", "ok", "up to date")


def _keys(home: Path) -> Iterator[Check]:
    if not (home / "db.sqlite3").exists():
        return
    from django.db import DatabaseError

    from providers import vault_store

    try:
        ring = vault_store.ready()
    except CloudError as error:
        yield Check("vault key", "missing", error.why, error.hint)
    except DatabaseError:
        yield Check("vault key", "missing", "it cannot be checked without the database", "paas-cli setup")
    else:
        half = len(ring.ids) > 1
        finding = "a rotation is half done" if half else f"key {ring.sealing.id}"
        yield Check("vault key", "unsafe" if half else "ok", finding, "paas-cli vault rotate" if half else "")


def _worker(home: Path) -> Iterator[Check]:
    if lifelines.worker_is_alive(home):
        yield Check("worker", "ok", "alive")
    else:
        yield Check("worker", "idle", "none is alive; paas-cli carries changes out itself", "paas-cli serve")


def _sandbox(home: Path) -> Iterator[Check]:
    if readiness.sandbox_answers(home):
        yield Check("sandbox", "ok", "answers")
    else:
        yield Check("sandbox", "idle", "does not answer; simulated accounts cannot be reached", "paas-cli serve")
