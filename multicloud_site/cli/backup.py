"""`paas-cli backup` and `restore`: one file with everything of the home that cannot be had again.

The database is copied through SQLite's own backup, so the copy is consistent while everything runs. In the file are
the vault key and the signing key: whoever has it can open every stored secret, so it is written with mode 0600. Left
out are the queue (wake-ups only), logs, caches and locks.
"""

import os
import tarfile
import time
from pathlib import Path

import click

from multicloud_site import backup_file, lifelines
from multicloud_site.cli.session import Session, command
from vocabulary.errors import Conflict, NotFound

WARNING = (
    "It holds the vault key: whoever has it can open every stored secret. Keep it as safe as the clouds' own keys."
)


@command("backup", acts=False, examples=("backup", "backup /safe/multicloud-monday.tar"))
@click.argument("file", default="", metavar="[FILE]")
def backup(session: Session, file: str) -> None:
    """Copy the home, consistently, into one file of mode 0600. Everything may keep running meanwhile."""
    home = session.home
    if not (home / backup_file.DATABASE).exists():
        raise NotFound(str(home), "backup", "there is no Multicloud here", "Set MULTICLOUD_HOME.")
    target = Path(file or time.strftime("multicloud-%Y%m%d-%H%M%S.tar", time.gmtime())).absolute()
    if not target.parent.is_dir():
        raise NotFound(str(target.parent), "backup", "there is no such folder", "Make it first, or name another.")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w") as archive:
                backup_file.fill(archive, home)
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
    if lifelines.worker_is_alive(home) or (home / backup_file.DATABASE).exists():
        raise Conflict(
            str(home),
            "restore",
            "a Multicloud lies here already",
            "Set MULTICLOUD_HOME to an empty folder, and restore there.",
        )
    count = backup_file.unpack(file, home)
    session.show({"home": str(home), "files": count}, f"Restored {count} files to {home}. Next: paas-cli setup")
