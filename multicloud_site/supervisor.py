"""The parent of everything that `make run` starts: sandbox, web, worker and scheduler; none of them outlives it.

It stays a small program without Django and without threads (a child's lifeline is tied to the thread that forked it).
Children write to MULTICLOUD_HOME/logs; only this process writes to the terminal, and only there the one-time password.
"""

import argparse
import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from multicloud_site import lifelines
from multicloud_site.home import home_of
from multicloud_site.processes import Child, last_line, launch, rotate
from multicloud_site.programs import environment_of_children, preparation, programs
from multicloud_site.readiness import sandbox_answers, web_answers
from multicloud_site.signals import SignalInbox
from multicloud_site.starting import CannotStart, listen, prepare_home, sole_supervisor

READY_WITHIN_SECONDS = 90.0
LOOK_EVERY_SECONDS = 0.05
# Within the minute that a deployment may take: a call at a cloud is given time to end, then it is left to recovery.
PATIENCE_SECONDS = 50.0
PATIENCE_WHEN_ORPHANED_SECONDS = 1.0
SANDBOX_PATIENCE_SECONDS = 5.0


class Supervisor:
    def __init__(self, home: Path, listener: socket.socket, inbox: SignalInbox) -> None:
        self.home, self.listener, self.inbox = home, listener, inbox
        self.port: int = listener.getsockname()[1]
        self.parent = os.getppid()
        self.environment = environment_of_children(home, self.port)
        self.children = {
            program.name: Child(program, self._log(program.name))
            for program in programs(self.environment, listener.fileno())
        }

    def run(self) -> None:
        """Until a signal asks for the end. CannotStart when something does not come up; all else is stopped then."""
        lifelines.heartbeat_file(self.home).unlink(missing_ok=True)
        try:
            self.children["sandbox"].start()
            sign_in = self._prepare()
            if sign_in is not None:
                for name in ("web", "worker"):
                    self.children[name].start()
                if self._wait_until_ready():
                    # Nobody waits for the scheduler, and while it loads the others would come up later.
                    self.children["scheduler"].start()
                    print(f"Ready: http://127.0.0.1:{self.port}/\n{sign_in}", flush=True)
                    self._watch()
        finally:
            self._stop_everything()

    def _prepare(self) -> str | None:
        """The line about signing in; None when a signal came meanwhile."""
        log = self._log("preparation")
        reader, writer = os.pipe()
        with os.fdopen(reader, encoding="utf-8") as answer:
            process = launch(preparation(self.environment, writer), log)
            os.close(writer)
            while process.poll() is None:
                self.inbox.wait(LOOK_EVERY_SECONDS)
                if self.inbox.stop_requests:
                    process.kill()
                    process.wait()
                    return None
            text = answer.read()
        if process.returncode != 0 or not text:
            raise CannotStart(f"The home {self.home} could not be prepared: {_told_by(log)}")
        return _sign_in_line(json.loads(text))

    def _wait_until_ready(self) -> bool:
        """False when a signal came meanwhile."""
        waiting: dict[str, Callable[[], bool]] = {
            "sandbox": lambda: sandbox_answers(self.home),
            "worker": lambda: lifelines.worker_is_alive(self.home),
            "web": lambda: web_answers(self.port),
        }
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while waiting:
            self.inbox.wait(LOOK_EVERY_SECONDS)
            if self.inbox.stop_requests:
                return False
            for child in self.children.values():
                how = child.note_end()
                if how is not None:
                    raise CannotStart(f"The {child.program.title} {how} before it was ready: {_told_by(child.log)}")
            waiting = {name: is_ready for name, is_ready in waiting.items() if not is_ready()}
            if waiting and time.monotonic() > deadline:
                late = self.children[next(iter(waiting))]
                raise CannotStart(
                    f"The {late.program.title} was not ready after {READY_WITHIN_SECONDS:.0f} s: see {late.log}."
                )
        return True

    def _watch(self) -> None:
        """Sleeps until a child dies or a signal comes: an idle supervisor costs nothing."""
        while not self.inbox.stop_requests:
            due = [child.start_again_at for child in self.children.values() if child.start_again_at is not None]
            self.inbox.wait(max(0.0, min(due) - time.monotonic()) if due else None)
            for child in self.children.values():
                how = child.note_end()
                if how is not None:
                    self._say_end(child, how)
                if child.start_again_at is not None and child.start_again_at <= time.monotonic():
                    child.start()

    def _say_end(self, child: Child, how: str) -> None:
        if child.gave_up:
            raise CannotStart(
                f"The {child.program.title} {how} again and again: {last_line(child.log)} (see {child.log})."
            )
        _say(f"The {child.program.title} {how} and is started again; see {child.log}.")

    def _stop_everything(self) -> None:
        """First what asks, then the sandbox that answers it. A second Ctrl-C, or the end of our patience, kills."""
        orphaned = os.getppid() != self.parent
        if self.inbox.stop_requests and not orphaned:
            _say("Stopping: work at a cloud may end first; press Ctrl-C again to kill it.")
        patience = PATIENCE_WHEN_ORPHANED_SECONDS if orphaned else PATIENCE_SECONDS
        asking = [child for name, child in self.children.items() if name != "sandbox"]
        self._stop(asking, patience)
        self._stop([self.children["sandbox"]], min(patience, SANDBOX_PATIENCE_SECONDS))

    def _stop(self, children: Iterable[Child], patience: float) -> None:
        children = list(children)
        requests = self.inbox.stop_requests
        deadline = time.monotonic() + patience
        for child in children:
            child.ask_to_stop()
        while any(child.is_running for child in children):
            left = deadline - time.monotonic()
            if left <= 0 or self.inbox.stop_requests > max(requests, 1):
                break
            self.inbox.wait(min(left, 1.0))
        for child in children:
            child.kill()

    def _log(self, name: str) -> Path:
        log = self.home / "logs" / f"{name}.log"
        rotate(log)
        return log


def _sign_in_line(answer: dict[str, str | None]) -> str:
    if answer.get("error"):
        raise CannotStart(str(answer["error"]))
    if answer["password"]:
        return f"Sign in: {answer['username']} / {answer['password']}"
    name = answer["username"]
    return f"Sign in: {name} (password shown at first start; lost: paas-cli users reset {name})"


def _told_by(log: Path) -> str:
    return f"{last_line(log)} (see {log})."


def _say(sentence: str) -> None:
    print(f"multicloud: {sentence}", file=sys.stderr, flush=True)


def _port_from_environment() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise CannotStart(f"PORT={text} is not a port; give a number from 1 to 65535.")
    return int(text)


def serve(*, with_parent: bool = False) -> int:
    """Runs the product until it is asked to stop; the exit code. `with_parent`: stop when the parent process ends."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold keys
    home = home_of()
    try:
        with SignalInbox() as inbox:
            if with_parent:
                lifelines.die_with(os.getppid(), signal.SIGTERM)
            port = _port_from_environment()
            prepare_home(home)
            with sole_supervisor(home), listen(port) as listener:
                Supervisor(home, listener, inbox).run()
    except CannotStart as refusal:
        _say(str(refusal))
        return 1
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="multicloud", description="Run web, worker, scheduler and sandbox.")
    parser.add_argument("--die-with-parent", action="store_true", help="stop when the starting process ends")
    return serve(with_parent=parser.parse_args().die_with_parent)


if __name__ == "__main__":
    sys.exit(main())
