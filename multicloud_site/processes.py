"""One child process of the supervisor: its log, its lifeline, its pauses before it is started again, its end."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from multicloud_site import lifelines

LOG_BYTES = 5 * 1024 * 1024
OLD_LOGS = 3
LONGEST_PAUSE_SECONDS = 30.0
# A child that ends sooner than this after its start counts as failed to start, and its next pause is longer.
SHORT_LIFE_SECONDS = 10.0
GIVE_UP_AFTER = 5


@dataclass(frozen=True)
class Program:
    """What one child runs. `title` is what the terminal calls it."""

    name: str
    title: str
    command: Sequence[str]
    environment: Mapping[str, str]
    working_directory: Path
    inherited_files: Sequence[int] = ()


@dataclass
class Child:
    program: Program
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    short_lives: int = 0
    start_again_at: float | None = None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def gave_up(self) -> bool:
        return self.short_lives >= GIVE_UP_AFTER

    def start(self) -> None:
        self.process = launch(self.program, self.log)
        self.started = time.monotonic()
        self.start_again_at = None

    def note_end(self) -> str | None:
        """When it has just ended: how, as half a sentence, and `start_again_at` is set. None while all is well."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        self.kill()  # what it forked and left behind
        self.process = None
        lived = time.monotonic() - self.started
        self.short_lives = self.short_lives + 1 if lived < SHORT_LIFE_SECONDS else 0
        pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** max(self.short_lives - 1, 0)) if self.short_lives else 0.0
        self.start_again_at = time.monotonic() + pause
        return _how_it_ended(code)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """The child and everything in its session's process group, and collects it."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses for a group of zombies
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def launch(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C reaches the supervisor alone, and it stops the children in order."""
    supervisor = os.getpid()
    with log.open("ab") as output:
        return subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**program.environment, lifelines.SUPERVISOR_VARIABLE: str(supervisor)},
            cwd=program.working_directory,
            pass_fds=program.inherited_files,
            start_new_session=True,
            preexec_fn=lambda: lifelines.die_with(supervisor),  # noqa: PLW1509 - the supervisor has no threads
        )


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def rotate(log: Path) -> None:
    """Moves a large log to `.1`, `.1` to `.2` and so on; the oldest goes. Called before anybody writes to it."""
    if not log.exists() or log.stat().st_size < LOG_BYTES:
        return
    for number in range(OLD_LOGS - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    log.replace(log.with_name(f"{log.name}.1"))


def last_line(log: Path) -> str:
    """The last line that says something, for the one sentence on the terminal."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
