"""Several workers, several schedulers, lost and doubled wake-ups: every operation is carried out once."""

import os
import shutil
import signal
import threading

import pytest

from providers import actions, operations, tasks, work
from resources import places
from resources import tasks as reading
from resources.models import Reading
from tests.faults.world import MACHINE, REGION, World, until
from vocabulary.errors import CloudError, PlanChanged
from vocabulary.words import Verb


def test_a_wake_up_that_was_lost_loses_nothing(world: World) -> None:
    """Fault 28: the queue is gone between the approval and the worker."""
    operation = world.creation()
    shutil.rmtree(world.home / "queue", ignore_errors=True)
    until(lambda: tasks.sweep() or world.load(operation).state.closed)
    assert world.problems(operation) == []


def test_a_wake_up_that_comes_again_while_the_first_still_runs_does_nothing(world: World) -> None:
    """Fault 29."""
    operation = world.creation()
    world.control.fault("hold", action="RunInstances", seconds=0.5, count=1)
    first = world.worker(lambda: world.works(operation))
    until(lambda: world.ledger(operation))
    assert work.engine().advance(operation) is None
    tasks.wake(operation)
    assert world.ended(first) == 0
    assert world.problems(operation) == []


def test_two_workers_that_claim_at_the_same_moment_carry_each_operation_out_once(world: World) -> None:
    """Fault 30: both wait at a gate, and go together."""
    created = [world.creation(f"web-{number}") for number in range(3)]
    opened, gate = os.pipe()

    def at_the_gate() -> None:
        os.close(gate)
        os.read(opened, 1)
        for operation in created:
            world.works(operation)

    workers = [world.worker(at_the_gate), world.worker(at_the_gate)]
    os.close(gate)
    assert [world.ended(worker) for worker in workers] == [0, 0]
    os.close(opened)
    assert world.problems(*created) == []
    assert len(world.there()) == 3


def test_a_worker_that_slept_past_its_lease_makes_no_call(world: World) -> None:
    """Fault 31: it is stopped right before the call, another carries the operation out, and it wakes up."""
    operation = world.creation()

    world.control.forget_calls()

    def sleeps() -> None:
        def stop_here(subject: str, point: str) -> None:
            if point == "intended":
                os.kill(os.getpid(), signal.SIGSTOP)

        operations.reach = stop_here
        assert work.engine().advance(operation) is None

    sleeper = world.worker(sleeps)
    assert os.WIFSTOPPED(os.waitpid(sleeper, os.WUNTRACED)[1])
    assert world.ledger(operation) == []
    world.time_passes()
    world.finish(operation)
    os.kill(sleeper, signal.SIGCONT)
    assert world.ended(sleeper) == 0
    assert world.problems(operation) == []
    assert world.control.calls()["ec2:RunInstances"] == 1
    assert len(world.there()) == 1


class TestTwoSchedulers:
    def test_each_operation_is_swept_up_once(self, world: World) -> None:
        """Fault 32."""
        created = [world.creation(f"web-{number}") for number in range(3)]

        def sweeps() -> None:
            until(lambda: tasks.sweep() or all(world.load(one).state.closed for one in created))

        assert [world.ended(worker) for worker in [world.worker(sweeps), world.worker(sweeps)]] == [0, 0]
        assert world.problems(*created) == []

    def test_each_place_is_read_once(self, world: World) -> None:
        """Fault 32: both schedulers send a reader to the same account in the same slot."""
        world.account.regions = [REGION]
        world.account.save()
        world.control.forget_calls()
        readers = [world.worker(lambda: reading.read_account(world.account.pk)) for _ in range(2)]
        assert [world.ended(reader) for reader in readers] == [0, 0]
        read = Reading.objects.exclude(kind=places.REGIONS)
        until(lambda: reading.read_account(world.account.pk) or not read.exclude(state="complete").exists())
        assert world.control.calls()["ec2:DescribeVpcs"] == 1
        assert world.control.calls()["ec2:DescribeSecurityGroups"] == 1


def test_two_people_change_one_machine_and_the_second_is_told(world: World) -> None:
    """Fault 33: both have planned from what they saw; what the second saw is no longer so."""
    machine = world.machine()
    first = world.approved("instance", Verb.TAG, machine, tags={"team": "blue"})
    second = world.approved("instance", Verb.TAG, machine, tags={"team": "red"})
    assert world.finish(first).state == "succeeded"
    ended = world.finish(second)
    assert ended.state == "failed"
    assert ended.error is not None
    assert ended.error["type"] == PlanChanged.__name__
    assert world.ledger(second) == []
    assert world.there()[0]["tags"]["team"] == "blue"


@pytest.mark.parametrize("first", ["approve", "cancel"])
def test_of_an_approval_and_a_cancellation_at_the_same_moment_one_wins(world: World, first: str) -> None:
    """Fault 34: two people press at once; what was cancelled never reaches the cloud."""
    plan = world.plan("instance", Verb.CREATE, name="web-1", **MACHINE)
    operation = actions.propose(world.actor, plan)
    barrier, refused = threading.Barrier(2), list[str]()

    def press(button: str) -> None:
        engine = work.engine()
        barrier.wait()
        try:
            if button == "approve":
                engine.approve(operation.pk, plan.hash, "ada")
            else:
                engine.cancel(operation.pk, "bob")
        except CloudError:
            refused.append(button)

    presses = [
        threading.Thread(target=press, args=(one,)) for one in sorted(["approve", "cancel"], reverse=first == "cancel")
    ]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    state = world.load(operation.pk).state
    # Approved and then cancelled is an order of things, too; cancelled and then approved is not.
    assert state == ("approved" if refused == ["cancel"] else "cancelled")
    world.worker_advances(operation.pk)
    assert bool(world.ledger(operation.pk)) == (state == "approved")
