"""The whole product as a person starts it, and a judge that is not its own word: the processes that carry its home."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
START = (sys.executable, "-m", "multicloud_site.supervisor")
READY_WITHIN_SECONDS = 60


@dataclass
class Product:
    process: subprocess.Popen[bytes]
    home: Path
    said: str = ""

    def read_until(self, text: str, within: float = READY_WITHIN_SECONDS) -> str:
        """Everything on its terminal up to and including the line with `text`."""
        deadline = time.monotonic() + within
        while text not in self.said or not self.said.endswith("\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"no {text!r} within {within} s, only:\n{self.said}"
            more = os.read(self.process.stdout.fileno(), 65536)
            assert more, f"ended without {text!r}:\n{self.said}"
            self.said += more.decode()
        return self.said

    @property
    def address(self) -> str:
        return next(line.removeprefix("Ready: ") for line in self.said.splitlines() if line.startswith("Ready: "))

    @property
    def password(self) -> str:
        return self.said.split("Sign in: admin / ")[1].splitlines()[0]

    def end(self, how: signal.Signals = signal.SIGTERM, within: float = 60) -> int:
        self.process.send_signal(how)
        return self.process.wait(within)

    def clean_up(self) -> None:
        for pid in processes_of(self.home):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(20)
        self.process.stdout.close()


def start(
    home: Path, command: Sequence[str] = START, *, port: int = 0, cwd: Path = CHECKOUT, **more: object
) -> Product:
    process = subprocess.Popen(
        command, cwd=cwd, env=os.environ | {"MULTICLOUD_HOME": str(home), "PORT": str(port)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more,
    )  # fmt: skip
    return Product(process, home)


def refusal(home: Path, **variables: str) -> tuple[int, str]:
    """Exit code and words of a start that is to fail."""
    done = subprocess.run(
        START, cwd=CHECKOUT, env=os.environ | {"MULTICLOUD_HOME": str(home), "PORT": "0"} | variables,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def processes_of(home: Path) -> dict[int, str]:
    """Process id and command line of everything that runs with this home, whoever its parent is by now."""
    mark = f"MULTICLOUD_HOME={home}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError, PermissionError):  # ended meanwhile, or somebody else's
            continue
    found.pop(os.getpid(), None)
    return {pid: command for pid, command in found.items() if command}  # a dead one that waits to be collected has none


def wait_until(claim: Callable[[], bool], within: float) -> None:
    deadline, pause = time.monotonic() + within, threading.Event()
    while not claim():
        assert time.monotonic() < deadline, f"not so within {within} s"
        pause.wait(0.05)
