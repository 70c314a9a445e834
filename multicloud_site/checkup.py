"""What `doctor` can see without asking a cloud: the home, its keys, the worker, the sandbox, the disk and the settings.

Each finding comes with the command that mends it. Whether it makes sense to ask a cloud is another question: see
`providers.doctor`.
"""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from multicloud_site import lifelines
from multicloud_site.readiness import sandbox_address_file, sandbox_answers
from multicloud_site.starting import LEAST_FREE_BYTES
from providers import switches, vault_key, vault_store
from providers.doctor import Check
from vocabulary.errors import CloudError

COMFORTABLE_BYTES = 1024**3


def look() -> list[Check]:
    """Every check of this machine, in the order in which a person would mend things."""
    home = Path(settings.MULTICLOUD_HOME)
    looks: tuple[Callable[[Path], Check], ...] = (
        _home, _disk, _database, _vault, _configuration, _worker, _sandbox, _hosts, _encryption
    )  # fmt: skip
    return [one(home) for one in looks]


def _home(home: Path) -> Check:
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o077:
        return Check("home", "bad", f"Others can look into {home} (mode {mode:o}).", f"chmod 700 {home}")
    if not os.access(home, os.W_OK):
        return Check("home", "bad", f"{home} cannot be written.", f"chown -R $USER {home}")
    return Check("home", "ok", f"{home} is readable by its owner only.")


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    says = f"{free // 2**20} MB are free on the disk of {home}."
    if free < COMFORTABLE_BYTES:
        status = "bad" if free < LEAST_FREE_BYTES else "warn"
        return Check("disk", status, says, "Make room, or set MULTICLOUD_HOME to another disk.")
    return Check("disk", "ok", says)


def _database(home: Path) -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Check(
            "database", "bad", f"The database cannot be read: {error}.", "docs/runbook.md says how to restore it."
        )
    return Check("database", "ok", "The database answers.")


def _vault(home: Path) -> Check:
    try:
        ring = vault_store.ready()
    except (CloudError, DatabaseError) as error:
        return Check("vault", "bad", f"{error}", getattr(error, "hint", ""))
    if (home / vault_key.NEXT_FILE).exists() or os.environ.get(vault_key.NEXT_VARIABLE):
        return Check("vault", "warn", "A rotation of the vault key was begun.", "paas-cli vault rotate")
    where = vault_key.VARIABLE if os.environ.get(vault_key.VARIABLE) else str(home / vault_key.FILE)
    return Check("vault", "ok", f"Everything opens with vault key {ring.sealing.id} from {where}.")


def _configuration(home: Path) -> Check:
    try:
        config = switches.configuration()
    except CloudError as error:
        return Check("configuration", "bad", f"{error}", error.hint)
    if not config.enabled:
        source = config.source_of("multicloud.enabled")
        return Check("configuration", "warn", f"All calls to clouds are switched off ({source}).", "Set it to true.")
    return Check("configuration", "ok", "The configuration makes sense.")


def _worker(home: Path) -> Check:
    if lifelines.worker_is_alive(home):
        return Check("worker", "ok", "A worker is alive.")
    return Check("worker", "bad", "No worker has shown itself for ten seconds: nothing that waits is done.", "make run")


def _sandbox(home: Path) -> Check:
    if not sandbox_address_file(home).exists():
        return Check("sandbox", "ok", "The simulated cloud was never started here.")
    if sandbox_answers(home):
        return Check("sandbox", "ok", "The simulated cloud answers.")
    return Check("sandbox", "warn", "The simulated cloud does not answer.", "make run")


def _hosts(home: Path) -> Check:
    if "*" in settings.ALLOWED_HOSTS:
        return Check("hosts", "bad", "The site answers to any host name.", "MULTICLOUD_HOSTS=clouds.example.com")
    return Check("hosts", "ok", f"The site answers to {', '.join(settings.ALLOWED_HOSTS)}.")


def _encryption(home: Path) -> Check:
    public = [name for name in settings.ALLOWED_HOSTS if name not in ("127.0.0.1", "localhost", "[::1]")]
    if public and not settings.HTTPS:
        return Check(
            "https", "bad", f"{public[0]} is served without encryption.", "MULTICLOUD_HTTPS=yes, behind a proxy."
        )
    return Check("https", "ok", "Sign-ins stay on this machine." if not public else "Sign-ins are encrypted.")
