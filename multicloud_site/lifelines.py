"""Who lives, and who must not outlive whom: children end with their parent, and a worker shows that it is alive.

Knows nothing of Django, so that `paas-cli` may ask `worker_is_alive` without paying for it.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

HEARTBEAT_SECONDS = 2.0
SILENCE_SECONDS = 10.0
SUPERVISOR_VARIABLE = "MULTICLOUD_SUPERVISOR"

_PR_SET_PDEATHSIG = 1
_ON_LINUX = sys.platform.startswith("linux")
# Loaded here because `die_with` runs between fork and exec, where importing is not safe.
_libc = ctypes.CDLL(None, use_errno=True) if _ON_LINUX else None


def die_with(parent: int, how: signal.Signals = signal.SIGKILL) -> None:
    """From now on the calling process ends when `parent`, the process that forked it, ends; at once if it has already.

    Linux delivers the signal when the forking *thread* ends, so fork from a main thread. Elsewhere a thread looks at
    the parent's id once a second. Neither reaches a process that this one forks: each calls this for itself.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(how))
    else:
        threading.Thread(target=_watch, args=(parent, how), name="lifeline", daemon=True).start()
    if os.getppid() != parent:  # it died between the fork and the line above
        os._exit(1)


def die_with_supervisor() -> None:
    """For a program that a supervisor may have started: ends with it. Started by hand, it may outlive its shell."""
    supervisor = os.environ.get(SUPERVISOR_VARIABLE)
    if supervisor:
        die_with(int(supervisor))


def _watch(parent: int, how: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), how)


def heartbeat_file(home: str | os.PathLike[str]) -> Path:
    return Path(home) / "worker.heartbeat"


def begin_heartbeat(home: str | os.PathLike[str]) -> None:
    """This process is now the worker of this home: the file holds its id."""
    file = heartbeat_file(home)
    unfinished = file.with_suffix(".new")
    unfinished.write_text(f"{os.getpid()}\n", encoding="ascii")
    unfinished.replace(file)


def show_heartbeat(home: str | os.PathLike[str]) -> None:
    try:
        os.utime(heartbeat_file(home))  # needs no room on a full disk
    except FileNotFoundError:
        begin_heartbeat(home)


def worker_is_alive(home: str | os.PathLike[str]) -> bool:
    """Whether a worker of this home has shown a heartbeat within the last ten seconds."""
    try:
        age = time.time() - heartbeat_file(home).stat().st_mtime
    except FileNotFoundError:
        return False
    return abs(age) < SILENCE_SECONDS  # a stamp from the future was left by a clock that has since been set back
