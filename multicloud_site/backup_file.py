"""The file of a backup: a tar whose last member is a manifest, with the size and the SHA-256 of every other one.

A backup is judged whole before any of it is put in place: a cut or damaged file restores nothing.
"""

import hashlib
import json
import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from vocabulary.errors import Conflict, InvalidParameter

DATABASE = "db.sqlite3"
DATABASES = (DATABASE, "sandbox/aws/state.sqlite3")
KEYS = ("vault.key", "vault.key.next", "signing.key")
FOLDERS = ("sandbox/aws/objects", "operations")
FILES = ("sandbox/aws/ledger.jsonl", "sandbox/aws/aliases.json")
MANIFEST = "manifest.json"
MOST_MANIFEST_BYTES = 64 << 20
BLOCK = 1 << 20


def fill(archive: tarfile.TarFile, home: Path) -> None:
    """Put everything of a home that cannot be had again into an archive, and the manifest after it."""
    manifest: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=home, prefix=".backup-") as folder:
        for name in DATABASES:
            if (home / name).exists():
                copy = Path(folder) / "copy.sqlite3"
                _copy_database(home / name, copy)
                with copy.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                manifest[name] = {"bytes": copy.stat().st_size, "sha256": digest}
                archive.add(copy, name)
                copy.unlink()
    found = [(home / name, name) for name in (*KEYS, *FILES)]
    for folder_name in FOLDERS:
        found += [(path, str(path.relative_to(home))) for path in sorted((home / folder_name).rglob("*"))]
    for path, name in found:
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()  # once: a file that grows meanwhile would not fit the size in its header
            _add(archive, name, content, int(path.stat().st_mtime))
            manifest[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    _add(archive, MANIFEST, json.dumps({"files": manifest}, indent=1).encode(), 0)


def unpack(file: str, home: Path) -> int:
    """Put a backup into an empty home; how many files it had. Raises InvalidParameter for one that is not whole."""
    home.parent.mkdir(parents=True, exist_ok=True)
    place = home if home.is_dir() else home.parent  # on the home's own disk, which may be mounted there
    with tempfile.TemporaryDirectory(dir=place, prefix=f".{home.name}-restoring-") as folder:
        try:
            with tarfile.open(file, mode="r:") as archive:
                names = _judged(archive, file, Path(folder))
        except (tarfile.TarError, EOFError, ValueError):
            raise _refused(file, "it is cut, damaged or no backup of paas-cli") from None
        _look_into_databases(file, Path(folder), names)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The database comes last: a restore that was killed leaves a home without one, and may be done again.
        for name in sorted(names, key=lambda each: each == DATABASE):
            (home / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (Path(folder) / name).replace(home / name)
    return len(names)


def _judged(archive: tarfile.TarFile, file: str, folder: Path) -> list[str]:
    """Every file of the archive, written into a folder and found to be what the manifest says."""
    members = archive.getmembers()
    for member in members:
        if not _belongs(member):
            raise _refused(file, f"{member.name!r} does not belong in a backup")
    if not members or members[-1].name != MANIFEST:
        raise _refused(file, "it has no manifest at its end, so it is cut, or no backup of paas-cli")
    manifest, names = _manifest(archive, members[-1], file), [member.name for member in members[:-1]]
    if sorted(names) != sorted(manifest):
        raise _refused(file, "its files are not those of its manifest")
    if DATABASE not in names:
        raise _refused(file, "there is no database in it")
    for member in members[:-1]:
        said = manifest[member.name]
        if member.size != said["bytes"] or _written(archive, member, folder / member.name) != said["sha256"]:
            raise _refused(file, f"{member.name!r} is not what its manifest says")
    return names


def _belongs(member: tarfile.TarInfo) -> bool:
    path = PurePosixPath(member.name)
    known = member.name in (*DATABASES, *KEYS, *FILES, MANIFEST) or member.name.startswith(
        tuple(f"{folder}/" for folder in FOLDERS)
    )
    return known and member.isreg() and not member.issparse() and not path.is_absolute() and ".." not in path.parts


def _manifest(archive: tarfile.TarFile, member: tarfile.TarInfo, file: str) -> dict[str, dict[str, Any]]:
    if member.size > MOST_MANIFEST_BYTES:
        raise _refused(file, "its manifest cannot be read")
    try:
        files = json.loads(_stream(archive, member).read())["files"]
        return {str(name): {"bytes": int(said["bytes"]), "sha256": str(said["sha256"])} for name, said in files.items()}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise _refused(file, "its manifest cannot be read") from None


def _written(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    """Write a member with mode 0600; the SHA-256 of what was written."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content, digest = _stream(archive, member), hashlib.sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        while block := content.read(BLOCK):
            digest.update(block)
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()


def _look_into_databases(file: str, folder: Path, names: list[str]) -> None:
    for name in DATABASES:
        if name in names:
            try:
                with closing(sqlite3.connect(f"file:{folder / name}?mode=ro&immutable=1", uri=True)) as database:
                    (found,) = database.execute("PRAGMA integrity_check").fetchone()
            except sqlite3.DatabaseError as error:
                found = str(error)
            if found != "ok":
                raise _refused(file, f"its database {name} is broken: {found}")


def _stream(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    assert content is not None  # for a regular file there is one
    return content


def _add(archive: tarfile.TarFile, name: str, content: bytes, moment: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o600, moment
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


def _refused(file: str, why: str) -> InvalidParameter:
    return InvalidParameter(file, "restore", why, "Nothing was restored. Take another backup.")
