"""What the product costs when nobody uses it: CPU of all its processes from minute 5 to 6, with its schedules on."""

import os
import threading
import time
from pathlib import Path

from tests.bench.product import cpu_seconds, running

WAIT_SECONDS, LOOK_SECONDS = 300.0, 60.0


def measure(home: Path) -> dict[str, float]:
    """`IDLE_WAIT=` seconds shortens the wait for trials; the figure counts only after the five minutes."""
    wait = float(os.environ.get("IDLE_WAIT") or WAIT_SECONDS)
    pause = threading.Event()
    with running(home):
        pause.wait(wait)
        before, began = cpu_seconds(home), time.monotonic()
        pause.wait(LOOK_SECONDS)
        after, seconds = cpu_seconds(home), time.monotonic() - began
    shares = {name: (used - before.get(name, 0.0)) * 100 / seconds for name, used in after.items()}
    print("idle_cpu_pct:", ", ".join(f"{name.partition(' ')[2]} {share:.2f}" for name, share in shares.items()))
    if wait < WAIT_SECONDS:
        print(f"idle_cpu_pct: after {wait:.0f} s only, which is a trial and no figure")
    return {"idle_cpu_pct": sum(shares.values())}
