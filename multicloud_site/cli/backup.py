"""`paas-cli backup` and `restore`: one file with everything of the home that cannot be had again.

The database is copied through SQLite's own backup, so the copy is consistent while everything runs. In the file are
the vault key and the signing key: whoever has it can open every stored secret, so it is written with mode 0600. Left
out are the queue (wake-ups only), logs, caches and locks.
"""

import os
import sqlite3
import tarfile
import tempfile
import time
from contextlib import closing
from io import BytesIO
from pathlib import Path, PurePosixPath

import click

from multicloud_site import lifelines
from multicloud_site.cli.session import Session, command
from vocabulary.errors import Conflict, InvalidParameter, NotFound

DATABASES = ("db.sqlite3", "sandbox/aws/state.sqlite3")
KEYS = ("vault.key", "vault.key.next", "signing.key")
FOLDERS = ("sandbox/aws/objects", "operations")
FILES = ("sandbox/aws/ledger.jsonl", "sandbox/aws/aliases.json")
WARNING = (
    "It holds the vault key: whoever has it can open every stored secret. Keep it as safe as the clouds' own keys."
)


@command("backup", acts=False, examples=("backup", "backup /safe/multicloud-monday.tar"))
@click.argument("file", default="", metavar="[FILE]")
def backup(session: Session, file: str) -> None:
    """Copy the home, consistently, into one file of mode 0600. Everything may keep running meanwhile."""
    home = session.home
    if not (home / DATABASES[0]).exists():
        raise NotFound(str(home), "backup", "there is no Multicloud here", "Set MULTICLOUD_HOME.")
    target = Path(file or time.strftime("multicloud-%Y%m%d-%H%M%S.tar", time.gmtime())).absolute()
    if not target.parent.is_dir():
        raise NotFound(str(target.parent), "backup", "there is no such folder", "Make it first, or name another.")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w") as archive:
                _fill(archive, home)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, target)  # fails when the name is taken: no backup is written over another
    except FileExistsError:
        raise Conflict(str(target), "backup", "there is such a file already", "Choose another name.") from None
    finally:
        draft.unlink(missing_ok=True)
    key = "vault.key" if (home / "vault.key").exists() else ""
    warning = WARNING if key else "The vault key is not in it, since it comes from the environment: keep both."
    session.show(
        {"file": str(target), "bytes": target.stat().st_size, "warning": warning}, f"Wrote {target}.\n{warning}"
    )


@command("restore", acts=False, examples=("MULTICLOUD_HOME=/srv/new paas-cli restore /safe/multicloud-monday.tar",))
@click.argument("file", metavar="FILE")
def restore(session: Session, file: str) -> None:
    """Put a backup into an empty home. Nothing is changed in a cloud; `resources refresh` shows what differs since."""
    home = session.home
    if lifelines.worker_is_alive(home) or (home / DATABASES[0]).exists():
        raise Conflict(
            str(home),
            "restore",
            "a Multicloud lies here already",
            "Set MULTICLOUD_HOME to an empty folder, and restore there.",
        )
    try:
        archive = tarfile.open(file, mode="r:")  # noqa: SIM115 - closed below; what is no archive is refused here
    except tarfile.ReadError:
        raise InvalidParameter(file, "restore", "it is not a backup of paas-cli") from None
    with archive:
        members = _checked(archive, file)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The database comes last: a restore that was killed leaves a home without one, and may be done again.
        for member in sorted(members, key=lambda each: each.name == DATABASES[0]):
            _unpack(archive, member, home)
    session.show(
        {"home": str(home), "files": len(members)}, f"Restored {len(members)} files to {home}. Next: paas-cli setup"
    )


def _fill(archive: tarfile.TarFile, home: Path) -> None:
    with tempfile.TemporaryDirectory(dir=home, prefix=".backup-") as folder:
        for name in DATABASES:
            if (home / name).exists():
                copy = Path(folder) / "copy.sqlite3"
                _copy_database(home / name, copy)
                archive.add(copy, name)
                copy.unlink()
    for name in (*KEYS, *FILES):
        if (home / name).is_file():
            _add(archive, home / name, name)
    for name in FOLDERS:
        for path in sorted((home / name).rglob("*")):
            if path.is_file() and not path.is_symlink():
                _add(archive, path, str(path.relative_to(home)))


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    content = path.read_bytes()  # once: a file that grows meanwhile would not fit the size in its header
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o600, int(path.stat().st_mtime)
    archive.addfile(entry, BytesIO(content))


def _copy_database(source: Path, copy: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=20)) as live,
        closing(sqlite3.connect(copy)) as new,
    ):
        live.backup(new)
        (found,) = new.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise Conflict(str(source), "backup", f"the database is broken: {found}", "See docs/runbook.md.")


def _checked(archive: tarfile.TarFile, file: str) -> list[tarfile.TarInfo]:
    members = archive.getmembers()
    for member in members:
        path = PurePosixPath(member.name)
        known = member.name in (*DATABASES, *KEYS, *FILES) or any(
            member.name.startswith(f"{folder}/") for folder in FOLDERS
        )
        if not member.isreg() or path.is_absolute() or ".." in path.parts or not known:
            raise InvalidParameter(
                file, "restore", f"{member.name!r} does not belong in a backup", "Nothing was restored."
            )
    if DATABASES[0] not in {member.name for member in members}:
        raise InvalidParameter(file, "restore", "there is no database in it")
    return members


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, home: Path) -> None:
    content = archive.extractfile(member)
    assert content is not None
    target = home / member.name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.restoring")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        while block := content.read(1024 * 1024):
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(target)
