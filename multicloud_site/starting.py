"""What must hold before anything starts: the home can be written and has room, nobody else serves it, the port is free.

Knows nothing of Django. Every refusal is one sentence that says what to do.
"""

import contextlib
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from multicloud_site import lifelines

LEAST_FREE_BYTES = 64 * 1024 * 1024


class CannotStart(Exception):
    """Why the product does not start, in one sentence for the terminal."""


def prepare_home(home: Path) -> None:
    """Makes the folder (0700) with its logs, and refuses one that cannot be written or has no room left."""
    try:
        for folder in (home, home / "logs"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
        probe = home / f".probe-{os.getpid()}"
        probe.write_bytes(b"\0" * 4096)
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"MULTICLOUD_HOME {home} cannot be written ({error.strerror}); "
            "set MULTICLOUD_HOME to a folder of yours on a disk with room."
        ) from error
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE_BYTES:
        raise CannotStart(
            f"The disk that holds {home} is full ({free // 2**20} MB free, {LEAST_FREE_BYTES // 2**20} MB needed); "
            "make room or set MULTICLOUD_HOME to another disk."
        )


@contextlib.contextmanager
def sole_supervisor(home: Path) -> Iterator[None]:
    """Holds the home for this process. A lock for processes of this host; a fresh heartbeat tells of another host,
    since locks do not cross every network file system."""
    host = socket.gethostname()
    with (home / "supervisor.lock").open("a+", encoding="utf-8") as lock:
        lock.seek(0)
        holder = _holder(lock.read())
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"Multicloud already runs in {home} (process {holder.get('pid', 'unknown')} on "
                f"{holder.get('host', 'an unknown host')}); stop it first or set another MULTICLOUD_HOME."
            ) from error
        if holder.get("host", host) != host and lifelines.worker_is_alive(home):
            raise CannotStart(
                f"{home} is in use by the host {holder['host']}; the embedded database and queue serve one host only, "
                "so stop Multicloud there first (a host that crashed is forgotten after ten seconds)."
            )
        lock.truncate(0)
        lock.write(json.dumps({"host": host, "pid": os.getpid()}))
        lock.flush()
        yield
        lock.truncate(0)


def _holder(text: str) -> dict[str, object]:
    with contextlib.suppress(ValueError):
        holder = json.loads(text)
        if isinstance(holder, dict):
            return holder
    return {}


def listen(port: int) -> socket.socket:
    """The socket that the web server inherits, bound here so that a busy port is known before anything starts."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise CannotStart(
            f"Port {port} on 127.0.0.1 cannot be used ({error.strerror}); choose another, e.g. PORT={port % 60000 + 1}."
        ) from error
    listener.listen(128)
    return listener
