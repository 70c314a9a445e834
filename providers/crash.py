"""The journal points, and a kill switch for tests: `CRASH_AT=<kind>.<verb>:<point>:<nth hit>` ends the process there.

The process kills itself with SIGKILL, as a power cut would. Several entries, separated by commas, kill it again during
recovery: the hit counts are kept in the file that `CRASH_COUNTS` names, so that they survive the death. Nothing happens
unless CRASH_AT is set.
"""

import os
import signal
import threading
from collections import Counter
from pathlib import Path

#: Every point of the walk of one changing call, in order. `make crash` enumerates them from here.
POINTS = ("claimed", "intended", "sent", "answered", "recorded", "verified", "closed")


_walking = threading.local()
_reached: Counter[str] = Counter()


def reach(subject: str, point: str) -> None:
    """Say that the walk of `subject` (a kind and verb, "instance.stop") has come to `point`."""
    _walking.subject = subject
    wanted = os.environ.get("CRASH_AT")
    if wanted and _hit(wanted, subject, point):
        os.kill(os.getpid(), signal.SIGKILL)


def reach_sent() -> None:
    """Say that the answer of this thread's call has arrived and is not yet read. Engines call this; they know no
    subject.
    """
    reach(getattr(_walking, "subject", ""), "sent")


def _hit(wanted: str, subject: str, point: str) -> bool:
    counts = os.environ.get("CRASH_COUNTS")
    hits = _count_in(Path(counts), f"{subject}:{point}") if counts else _count_here(f"{subject}:{point}")
    return any(entry.strip() in (f"{subject}:{point}:{hits}", f"*:{point}:{hits}") for entry in wanted.split(","))


def _count_in(path: Path, reached: str) -> int:
    with path.open("a+", encoding="utf-8") as file:
        file.write(f"{reached}\n")
        file.flush()
        file.seek(0)
        return sum(1 for line in file if line.strip() == reached)


def _count_here(reached: str) -> int:
    _reached[reached] += 1
    return _reached[reached]
