"""Workers that die: whatever had begun is found again, done once, and ends."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kombu import Connection

from providers import tasks
from sandbox.testing import CHECKOUT
from tests.crash.walk import Point
from tests.faults.world import World, until
from vocabulary.words import Verb


@pytest.mark.parametrize("point", ["claimed", "intended", "answered", "recorded", "verified", "closed"])
def test_a_worker_killed_at_any_point_of_a_creation_leaves_one_machine(world: World, point: str) -> None:
    """Fault 1. Fault 2. Fault 4. Fault 5. Fault 6."""
    assert world.problems_at(Point("instance.create", point, 1)) == []
    assert len(world.there()) == 1
    assert world.chain_problems() == []


def test_a_closed_operation_whose_message_comes_again_stays_closed(world: World) -> None:
    """Fault 6: the worker ended the operation and died before it could acknowledge the message."""
    operation = world.creation()
    world.finish(operation)
    tasks.wake(operation)
    assert world.problems(operation) == []


@pytest.mark.parametrize(
    ("subject", "action"), [("instance.create", "RunInstances"), ("bucket.create", "CreateBucket")]
)
def test_a_worker_killed_after_the_cloud_did_it_and_before_it_answered(world: World, subject: str, action: str) -> None:
    """Fault 3: the cloud commits, then kills whoever asked."""
    kind = subject.partition(".")[0]
    example = {"bucket": {"name": "fault-three"}}
    operation = world.approved(kind, Verb.CREATE, **example["bucket"]) if kind == "bucket" else world.creation()

    def dies() -> None:
        world.control.fault("kill_pid", action=action, pid=os.getpid(), count=1)
        world.works(operation)

    assert world.ended(world.worker(dies)) == -signal.SIGKILL
    assert [entry.action for entry in world.ledger(operation)] == [action]
    world.time_passes()
    assert world.finish(operation).native_id == world.ledger(operation)[0].native_ids[0]
    assert world.problems(operation) == []


def test_the_whole_group_of_workers_and_the_queue_are_lost_at_once(world: World) -> None:
    """Fault 7: every process of the group dies in mid-call, and the folder of the queue is gone."""
    operations = [world.creation("web-1"), world.creation("web-2")]
    world.control.fault("hold", action="RunInstances", seconds=30)

    def both() -> None:
        os.setpgid(0, 0)
        other = world.worker(lambda: world.works(operations[1]))
        world.works(operations[0])
        world.ended(other)

    leader = world.worker(both)
    try:
        until(lambda: len(world.ledger()) == 2)
    finally:
        os.killpg(leader, signal.SIGKILL)
    assert world.ended(leader) == -signal.SIGKILL
    shutil.rmtree(world.home / "queue", ignore_errors=True)
    world.control.clear()
    world.time_passes()
    until(lambda: tasks.sweep() or all(world.load(one).state.closed for one in operations))
    assert world.problems(*operations) == []
    assert len(world.there()) == 2


@pytest.mark.parametrize(
    ("point", "again"), [("sent", "claimed:2"), ("answered", "recorded:1"), ("intended", "sent:1")]
)
def test_a_worker_killed_again_while_it_recovers(world: World, point: str, again: str) -> None:
    """Fault 9."""
    assert world.problems_at(Point("instance.create", point, 1, f"instance.create:{again}")) == []
    assert len(world.there()) == 1


def test_sigterm_in_the_middle_of_a_call_ends_the_worker_in_order(world: World, tmp_path: Path) -> None:
    """Fault 8: a deployment. The call that is out is awaited and recorded; the worker is gone within a minute."""
    machine = world.machine()
    operation = world.approved("instance", Verb.STOP, machine)
    world.control.fault("hold", action="StopInstances", seconds=1, count=1)
    queue = Connection("folder://", transport_options={"folder": str(world.home / "queue")})
    tasks.wake.apply_async([operation], connection=queue)
    command = [sys.executable, "-m", "celery", "-A", "multicloud_site", "worker", "--concurrency", "1"]
    environment = {**os.environ, "MULTICLOUD_HOME": str(world.home), "MULTICLOUD_SANDBOX_SPEED": "1000"}
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle"],
            cwd=CHECKOUT,
            env={**environment, "CELERY_SKIP_CHECKS": "1", "DJANGO_SETTINGS_MODULE": "multicloud_site.settings"},
            stdout=log,
            stderr=log,
        )
        try:
            until(lambda: world.ledger(operation), 60)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(timeout=60) == 0, (tmp_path / "log").read_text()
        finally:
            worker.kill()
            worker.wait()
    assert world.load(operation).phase != "intended"
    world.time_passes()
    world.finish(operation)
    assert world.problems(operation) == []
