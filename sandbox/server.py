"""The process of one simulated cloud: one per home, on loopback, leaving at once when told to."""

import ctypes
import fcntl
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from sandbox.admin import Admin
from sandbox.aws.cloud import AWS
from sandbox.http import MAXIMUM_BODY, Reply, Request, Server
from sandbox.ledger import folder

PR_SET_PDEATHSIG = 1


class AlreadyRunning(Exception):
    """Another process serves this home."""


def locked(path: Path) -> int:
    """Hold this home's lock until the process ends. Raises AlreadyRunning when another process holds it."""
    handle = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(handle, 20, 0).decode() or "?"
        raise AlreadyRunning(f"a sandbox is already running on {path} (process {holder.strip()})") from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def die_with_parent() -> None:
    """End this process when the one that started it ends, however it ends.

    On Linux the kernel does it, at once: when the thread that started this process ends, to be exact. Elsewhere a
    thread looks twice a second whether the parent is still the same.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent watch").start()
    if os.getppid() != parent:
        raise SystemExit("the parent ended before the sandbox had started")


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def bound(path: Path, port: int, admin: Admin) -> Server:
    """A listening server: on the port asked for, else on the last one when it is free, else on any."""
    last = path / "port"
    wanted = port or (int(last.read_text()) if last.exists() else 0)

    def answer(request: Request) -> Reply:
        return admin.answer(request) if request.path.startswith("/_sandbox/") else admin.cloud.answer(request)

    def admit(request: Request) -> Reply | int:
        return admin.admit(request) if request.path.startswith("/_sandbox/") else MAXIMUM_BODY

    try:
        server = Server(wanted, answer, admit)
    except OSError:
        if port:
            raise
        server = Server(0, answer, admit)
    last.write_text(str(server.server_address[1]))
    return server


def announce(path: Path, address: str) -> None:
    """Write the address where the product looks for it; never half of it."""
    scratch = path / "address.new"
    scratch.write_text(address)
    scratch.rename(path / "address")


def run(home: Path, port: int, speed: float, empty: bool) -> None:
    """Serve until SIGTERM or SIGINT. Prints one line of JSON with the address when it listens."""
    # Before any thread starts, so that none of them is struck: whoever asks early is heard when all is ready.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    path = folder(home)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    locked(path)
    cloud = AWS(path, speed, empty)
    server = bound(path, port, Admin(cloud))
    # Nothing ever asks the listener to stop, so it need not look for that often: an idle sandbox costs nothing.
    threading.Thread(target=server.serve_forever, args=(60.0,), daemon=True, name="listener").start()
    announce(path, server.address)
    print(json.dumps({"address": server.address, "pid": os.getpid()}), flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    with cloud.lock:
        # Everything accepted is on the disk already; nothing else needs an orderly end.
        sys.stdout.flush()
        os._exit(0)
