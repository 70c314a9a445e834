"""One operation, killed at one point, recovered, and judged.

The cloud is the sandbox in a process of its own. Every worker is a forked child that advances the operation as the
queue's worker would; the parent never calls the cloud, plays the passing of time (an abandoned lease runs out at once),
and asks the ledger afterwards.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from sandbox import testing
from tests.crash.cases import CASES, Case

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, order=True)
class Point:
    """Where the worker dies: the nth time that the walk of a kind and verb reaches a journal point; `again`, the second
    death.
    """

    subject: str
    point: str
    hit: int
    again: str = ""

    def __str__(self) -> str:
        return f"{self.subject}:{self.point}:{self.hit}" + (f" and {self.again}" if self.again else "")


class Rehearsal:
    """A home with a database, a sandbox and one account in manage mode."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.random = home, random.Random(seed)
        self.counts = home / "crash-counts"
        self._number = 0

    def __enter__(self) -> "Rehearsal":
        self.sandbox = testing.start(self.home, empty=True, speed=1000.0)
        from tests.crash.home import prepared

        self.actor, self.account = prepared(self.home)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sandbox.stop()

    def every_point(self, only: str = "") -> list[Point]:
        """The points that each case really reaches, each alone and with a second death during recovery."""
        points = []
        for case in CASES:
            if only and case.subject != only:
                continue
            reached = self._points_of(case)
            for point, hits in reached.items():
                for hit in range(1, hits + 1):
                    points.append(Point(case.subject, point, hit))
                    if point != "closed":
                        points.append(Point(case.subject, point, hit, self._later(case.subject, point, hit)))
        return points

    def problems_at(self, point: Point) -> list[str]:
        """What is wrong after dying at this point and recovering. Empty when every invariant holds."""
        case = next(case for case in CASES if case.subject == point.subject)
        operation_id = self._planned(case)
        first = f"{point.subject}:{point.point}:{point.hit}"
        crash_at = f"{first},{point.again}" if point.again else first
        deaths = self._run_to_the_end(operation_id, crash_at)
        expected = 2 if point.again else 1
        problems = [] if deaths == expected else [f"died {deaths} times instead of {expected}"]
        return problems + self._judged(operation_id)

    def chain_problems(self) -> list[str]:
        """Whether the audit of everything that was done here is still one chain."""
        from tests.crash.judge import chain_problems

        return chain_problems(self.account.key)

    def _points_of(self, case: Case) -> Counter[str]:
        operation_id = self._planned(case)
        self._run_to_the_end(operation_id, "nowhere:nowhere:1")
        problems = self._judged(operation_id)
        if problems:
            raise AssertionError(f"{case.subject} fails without any crash: {problems}")
        lines = Counter(line.strip().rpartition(":")[2] for line in self.counts.read_text().splitlines())
        return Counter({point: 1 if point == "claimed" else hits for point, hits in lines.items()})

    def _later(self, subject: str, point: str, hit: int) -> str:
        choices = [
            f"{subject}:claimed:2",
            f"{subject}:closed:1",
            f"{subject}:verified:{2 if point == 'verified' else 1}",
        ]
        if point in ("intended", "sent", "answered"):
            choices.append(f"{subject}:recorded:{hit}")
        return self.random.choice(choices)

    def _planned(self, case: Case) -> str:
        """An approved operation, on a resource of its own that is ready for it."""
        self._number += 1
        name = f"crash-{self._number}"
        native_id = ""
        for verb, parameters in case.before(name):
            operation_id = self._in_child(lambda v=verb, p=parameters, n=native_id: _approved(self, case.kind, v, p, n))
            self._run_to_the_end(operation_id, "")
            native_id = self._operation(operation_id).native_id
        return self._in_child(lambda: _approved(self, case.kind, case.verb, case.parameters(name), native_id))

    def _run_to_the_end(self, operation_id: str, crash_at: str) -> int:
        """Workers, one after the other, until the operation is closed. Returns how many were killed."""
        self.counts.unlink(missing_ok=True)
        deaths, deadline = 0, time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            ended = self._fork(
                lambda: _work(operation_id, deadline), {"CRASH_AT": crash_at, "CRASH_COUNTS": str(self.counts)}
            )
            if not os.WIFSIGNALED(ended):
                break
            assert os.WTERMSIG(ended) == signal.SIGKILL
            deaths += 1
            self._let_leases_run_out()
        return deaths

    def _judged(self, operation_id: str) -> list[str]:
        from tests.crash.judge import problems_of

        return problems_of(operation_id, self.home)

    def _operation(self, operation_id: str) -> Any:
        from providers.db_journal import DatabaseJournal

        return DatabaseJournal().load(operation_id)

    def _let_leases_run_out(self) -> None:
        from datetime import UTC, datetime

        from providers.models import OperationRow

        OperationRow.objects.exclude(lease_until=None).update(lease_until=datetime(2000, 1, 1, tzinfo=UTC))

    def _in_child(self, make: Callable[[], str]) -> str:
        reader, writer = os.pipe()

        def run() -> None:
            os.write(writer, make().encode())

        ended = self._fork(run, {})
        os.close(writer)
        with os.fdopen(reader) as pipe:
            text = pipe.read()
        if ended or not text:
            raise AssertionError("a preparing child failed; its traceback is above")
        return text

    def _fork(self, run: Callable[[], None], environment: dict[str, str]) -> int:
        from django.db import connections

        connections.close_all()
        child = os.fork()
        if child:
            return os.waitpid(child, 0)[1]
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


def _approved(rehearsal: Rehearsal, kind: str, verb: Any, parameters: dict[str, Any], native_id: str) -> str:
    from providers import work
    from providers.connect import driver_for
    from providers.drivers.planning import make_plan

    driver = driver_for(rehearsal.account)
    plan = make_plan(
        driver,
        driver.cloud.kind(kind),
        verb,
        "us-east-1",
        account=rehearsal.account.key,
        native_id=native_id,
        parameters=parameters,
        simulated=True,
    )
    engine = work.engine(rehearsal.actor)
    operation = engine.propose(plan, rehearsal.actor.get_username())
    engine.approve(operation.id, plan.hash, rehearsal.actor.get_username())
    return operation.id


def _work(operation_id: str, deadline: float) -> None:
    """What the queue's workers do, without the queue: claim whatever is due until the operation has ended."""
    from providers import work
    from providers.db_journal import DatabaseJournal

    engine, journal = work.engine(), DatabaseJournal()
    while time.monotonic() < deadline:
        engine.advance(operation_id)
        if journal.load(operation_id).state in ("succeeded", "failed", "cancelled", "expired", "needs_human"):
            return
        time.sleep(0.02)
