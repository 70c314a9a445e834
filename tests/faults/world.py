"""A product to break: a home with a database file of its own, the vault, one account in manage mode, and its cloud.

Workers are forked children, or this process; the parent plays the passing of time. The cloud is the sandbox in a
process of its own, and its ledger is the judge.
"""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from django.db import connections
from django.test.utils import override_settings

from providers import work
from providers.connect import driver_for
from providers.db_journal import DatabaseJournal
from providers.drivers.planning import make_plan
from providers.health import memory
from providers.journal import Operation, OperationState
from providers.models import OperationRow
from providers.operations import Operations
from providers.plans import Plan
from sandbox import ledger
from sandbox.control import Control
from tests.crash.judge import chain_problems, problems_of
from tests.crash.walk import Rehearsal, _work
from vocabulary.words import Verb

Answer = TypeVar("Answer")

REGION = "us-east-1"
MACHINE = {"instance_type": "t3.micro", "image": "ubuntu-24.04"}


def until(condition: Callable[[], Answer], patience: float = 30.0) -> Answer:
    """What the condition says, as soon as it says something true."""
    pause, deadline = threading.Event(), time.monotonic() + patience
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"still not so after {patience} s"
        pause.wait(0.01)
    return answer


@contextmanager
def at_home(home: Path) -> Iterator[None]:
    """Point this process at the database file of a home, so that forked workers share it; afterwards back again."""
    ours, values = connections["default"], connections.settings["default"]
    # A killed process loses nothing that it has handed to the kernel; only a power cut needs FULL, and time.
    options = {**values["OPTIONS"], "init_command": values["OPTIONS"]["init_command"].replace("=FULL", "=OFF")}
    connections.settings["default"] = {**values, "NAME": str(home / "db.sqlite3"), "OPTIONS": options}
    connections["default"] = connections.create_connection("default")
    memory.clear()
    try:
        with override_settings(MULTICLOUD_HOME=home, MULTICLOUD_SANDBOX_SPEED=1000.0):
            yield
    finally:
        connections["default"].close()
        connections.settings["default"] = values
        connections["default"] = ours
        memory.clear()


class World(Rehearsal):
    """What a test of a fault needs."""

    @property
    def control(self) -> Control:
        """The switches of the cloud."""
        return self.sandbox.control

    def keep(self) -> None:
        """Remember the database as it is now."""
        connections["default"].close()
        shutil.copy(self.home / "db.sqlite3", self.home / "kept.sqlite3")

    def begin(self) -> None:
        """The database as it was kept, an empty cloud without faults, an empty queue."""
        connections["default"].close()
        for path in self.home.glob("db.sqlite3*"):
            path.unlink()
        shutil.copy(self.home / "kept.sqlite3", self.home / "db.sqlite3")
        shutil.rmtree(self.home / "queue", ignore_errors=True)
        memory.clear()
        self.control.reset(empty=True)
        self.control.clear()

    def plan(self, kind: str, verb: Verb, native_id: str = "", **parameters: Any) -> Plan:
        """What would be done, as the cloud is now."""
        driver = driver_for(self.account)
        return make_plan(
            driver,
            driver.cloud.kind(kind),
            verb,
            REGION,
            account=self.account.key,
            native_id=native_id,
            parameters=parameters,
            simulated=True,
        )

    def approved(self, kind: str, verb: Verb, native_id: str = "", **parameters: Any) -> str:
        """The id of an operation that waits for a worker."""
        plan, engine = self.plan(kind, verb, native_id, **parameters), work.engine(self.actor)
        operation = engine.propose(plan, self.actor.get_username())
        engine.approve(operation.id, plan.hash, self.actor.get_username())
        return operation.id

    def creation(self, name: str = "web-1") -> str:
        """An approved creation of a machine."""
        return self.approved("instance", Verb.CREATE, name=name, **MACHINE)

    def machine(self, name: str = "web-1") -> str:
        """The native id of a running machine."""
        return self.finish(self.creation(name)).native_id

    def volume(self, name: str = "disk-1") -> str:
        """The native id of a volume."""
        made = self.approved("volume", Verb.CREATE, name=name, size_gib=8, zone=f"{REGION}a")
        return self.finish(made).native_id

    def finish(self, operation_id: str, engine: Operations | None = None, patience: float = 30.0) -> Operation:
        """Work on an operation, as this process, until it has ended or needs a person."""
        engine = engine or work.engine()

        def ended() -> Operation | None:
            engine.advance(operation_id)
            operation = self.load(operation_id)
            return operation if operation.state.closed or operation.state is OperationState.NEEDS_HUMAN else None

        return until(ended, patience)

    def load(self, operation_id: str) -> Operation:
        """The operation as the journal has it."""
        return DatabaseJournal().load(operation_id)

    def story(self, operation_id: str) -> str:
        """The lines of an operation's progress."""
        return " | ".join(text for _, text in DatabaseJournal().events(operation_id))

    def worker_advances(self, operation_id: str) -> None:
        """One turn of this process's worker."""
        work.engine().advance(operation_id)

    def time_passes(self) -> None:
        """Every lease has run out, and whatever waits for its time may go on."""
        self._let_leases_run_out()
        OperationRow.objects.update(not_before=None)

    def ledger(self, operation_id: str = "") -> list[ledger.Entry]:
        """The changing calls that the cloud has accepted and carried out, of one operation or all."""
        entries = [entry for entry in ledger.read(self.home) if not entry.replayed]
        return [entry for entry in entries if f"op/{operation_id}" in entry.user_agent]

    def problems(self, *operation_ids: str) -> list[str]:
        """What the judge has to say about operations that should have succeeded."""
        found = [problem for one in operation_ids for problem in problems_of(one, self.home)]
        return found + chain_problems(self.account.key)

    def there(self, kind: str = "instance") -> list[dict[str, Any]]:
        """What the cloud really has of a kind."""
        gone = ("terminated", "gone", "shutting-down")
        return [thing for thing in self.control.resources(kind=kind) if thing["state"] not in gone]

    def works(self, operation_id: str) -> None:
        """What a forked worker does: work on an operation until it has ended, and no longer than a test may take."""
        _work(operation_id, time.monotonic() + 60)

    def worker(self, run: Callable[[], None], **environment: str) -> int:
        """Fork a worker and come back at once. Returns its process id; `ended` waits for it."""
        self._hang_up()
        connections.close_all()
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            os.environ.update(environment)
            run()
            code = 0
        except BaseException:  # noqa: BLE001 - a forked child must not return into the parent's code, whatever happens
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)

    def _hang_up(self) -> None:
        """Two processes must not talk over one connection to the cloud."""
        signed_in: Any = driver_for(self.account).engine
        for client in signed_in._engine._clients.values():
            client.close()

    def ended(self, worker: int) -> int:
        """How a worker ended: its exit code, or minus the signal that killed it."""
        return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])

    def kill(self, worker: int) -> None:
        """End a worker as a power cut would."""
        os.kill(worker, signal.SIGKILL)
        self.ended(worker)
