"""A database that is locked, that fails at any write, or that has no room: nothing goes out that is not on record."""

import resource
import signal
import sqlite3
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, connections

from providers import work
from providers.journal import OperationState
from tests.faults.world import World, until
from vocabulary.words import Verb

WRITES = ("INSERT", "UPDATE", "DELETE")
MOST_WRITES = 60


class NthFails:
    """Fails the nth write, once. `struck` says whether there was an nth."""

    def __init__(self, number: int) -> None:
        self.left = number

    @property
    def struck(self) -> bool:
        return self.left <= 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(WRITES):
            self.left -= 1
            if self.left == 0:
                raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)


@pytest.mark.parametrize("verb", [Verb.CREATE, Verb.TAG])
def test_whichever_write_fails_the_operation_is_carried_out_once(world: World, verb: Verb) -> None:
    """Fault 37: the nth write fails, for n = 1, 2, … until none does; each time it recovers and is judged."""
    machine = world.machine("first") if verb is Verb.TAG else ""
    for number in range(1, MOST_WRITES):
        given = {"tags": {"try": str(number)}} if machine else {}
        operation = world.approved("instance", verb, machine, **given) if machine else world.creation(f"web-{number}")
        fails = NthFails(number)
        with connection.execute_wrapper(fails):
            one_turn_or_more(operation, world)
        world.time_passes()
        world.finish(operation)
        assert world.problems(operation) == [], f"after write {number} had failed"
        if not fails.struck:
            return
    raise AssertionError(f"no end of writes after {MOST_WRITES}")


def one_turn_or_more(operation: str, world: World) -> None:
    """Work until the end, or until the worker's task dies of the database."""
    try:
        until(lambda: advanced(operation, world), 10)
    except DatabaseError:
        return


def advanced(operation: str, world: World) -> bool:
    """One turn; true when the operation has ended, or nobody can have it now."""
    moved = work.engine().advance(operation)
    return world.load(operation).state.closed or (moved is None and world.load(operation).lease_until is not None)


def test_workers_that_wait_for_the_database_lose_nothing(world: World) -> None:
    """Fault 36: four workers write at the same time, all to one file."""
    machines = [world.machine(f"web-{number}") for number in range(2)]
    tagged = [
        world.approved("instance", Verb.TAG, machine, tags={f"try-{number}": "1"})
        for number in range(4)
        for machine in machines
    ]

    def works(mine: list[str]) -> None:
        for operation in mine:
            world.works(operation)

    workers = [world.worker(lambda mine=tagged[number::4]: works(mine)) for number in range(4)]
    assert [world.ended(worker) for worker in workers] == [0] * 4
    assert world.problems(*tagged) == []
    assert all(len([key for key in thing["tags"] if key.startswith("try-")]) == 4 for thing in world.there())


def test_a_database_that_stays_locked_lets_nothing_out(world: World) -> None:
    """Fault 36: longer than anyone waits. Afterwards the operation goes on."""
    operation = world.creation()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(world.home / "db.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(OperationalError, match="locked"):
        work.engine().advance(operation)
    assert world.ledger(operation) == []
    other.execute("ROLLBACK")
    other.close()
    world.finish(operation)
    assert world.problems(operation) == []


def test_without_room_for_the_audit_the_call_does_not_go_out(world: World) -> None:
    """Fault 38: the worker may not write another byte to any file."""
    operation = world.creation()
    connections.close_all()

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        try:
            work.engine().advance(operation)
        except DatabaseError:
            return

    assert world.ended(world.worker(full)) == 0
    assert world.ledger(operation) == []
    assert world.there() == []
    world.time_passes()
    assert world.finish(operation).state is OperationState.SUCCEEDED
    assert world.problems(operation) == []


def test_an_audit_that_cannot_be_written_stops_the_call(world: World) -> None:
    """Fault 38: all else can be written, only the audit cannot."""
    operation = world.creation()

    def no_audit(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "access_auditrecord"'):
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(no_audit):
        assert work.engine().advance(operation) is None
    assert world.ledger(operation) == []
    world.time_passes()
    world.finish(operation)
    assert world.problems(operation) == []
