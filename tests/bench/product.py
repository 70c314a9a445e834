"""The product running as a person starts it, looked at from outside: its cloud's ledger, its processes, its pages."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.control import Control
from sandbox.ledger import Entry, read
from tests.running.product import Product, processes_of, start

TICKS = os.sysconf("SC_CLK_TCK")
READ_WITHIN_SECONDS = 120.0


@contextmanager
def running(home: Path) -> Iterator[Product]:
    """The whole product on a home of its own, ready, and gone with all its processes afterwards."""
    product = start(home)
    try:
        product.read_until("Sign in:")
        yield product
    finally:
        product.end()
        # A process that had to be started again makes a figure worthless: what the terminal said is shown.
        print(product.process.stdout.read().decode(), end="")
        product.clean_up()


def signed_in() -> Any:
    """The admin, in this process: it stands where a web process would, and shares the product's home."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(username="admin")


def wait_for(claim: Callable[[], bool], within: float, every: float = 0.2) -> None:
    """Until the claim holds. Raises TimeoutError."""
    deadline, pause = time.monotonic() + within, threading.Event()
    while not claim():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so within {within:.0f} s")
        pause.wait(every)


def estate_is_read() -> None:
    """Wait until the demonstration estate is in the inventory and nobody reads any more."""
    from resources.models import Reading

    def all_read() -> bool:
        states = set(Reading.objects.values_list("state", flat=True))
        accounts = Reading.objects.filter(state=Reading.State.COMPLETE).values("account").distinct().count()
        return accounts >= 3 and not states & {Reading.State.RUNNING, Reading.State.NEVER}

    wait_for(all_read, READ_WITHIN_SECONDS)


def cpu_seconds(home: Path) -> dict[str, float]:
    """User and system time so far of each process of this home, its ended children included, by pid and program."""
    used = {}
    for pid, command in processes_of(home).items():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        used[f"{pid} {_program(command)}"] = sum(map(int, fields[11:15])) / TICKS
    return used


def changes_since(home: Path, seq: int) -> list[Entry]:
    """The changing calls that the cloud has accepted after a number of its ledger."""
    return [entry for entry in read(home) if entry.seq > seq]


def last_change(home: Path) -> int:
    """The number of the newest line of the cloud's ledger."""
    return max((entry.seq for entry in read(home)), default=0)


def moment_of(entry: Entry) -> float:
    """When the cloud accepted a call, in seconds of the epoch."""
    return datetime.fromisoformat(entry.time).timestamp()


def calls_at(home: Path) -> dict[str, int]:
    """How often each action was called at the cloud so far."""
    return Control.of(home).calls()


def _program(command: str) -> str:
    for name in ("supervisor", "gunicorn", "worker", "beat", "sandbox"):
        if f"{name} " in command:
            return name
    return command[:40]
