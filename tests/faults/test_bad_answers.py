"""A cloud that answers badly: too often, with errors, late, half, or with something else altogether."""

import time
from typing import Any

import pytest

from providers.connect import address_of
from providers.db_journal import DatabaseJournal
from providers.drivers.clouds import cloud
from providers.drivers.driver import Driver
from providers.drivers.engines.boto import BotoEngine
from providers.drivers.engines.boto_session import SignIn
from providers.health import DatabaseGate
from providers.journal import OperationState
from providers.operations import Operations, Surroundings
from tests.faults.world import World
from vocabulary.words import Verb

KEYS = {"access_key_id": "AKIASANDBOXPRODUCTION", "secret_access_key": "sandbox-production-secret"}


def impatient(world: World, read_seconds: float = 0.3) -> Operations:
    """An engine whose calls time out soon."""
    engine = BotoEngine("aws/production", SignIn("keys", KEYS, address_of("sandbox")), "us-east-1", read_seconds)
    driver = Driver(cloud("aws"), engine, world.account.native_id, DatabaseGate(world.account), tempo=0.001)
    around = Surroundings(connect=lambda operation: driver)
    return Operations(DatabaseJournal(), around, "impatient")


class TestThrottling:
    def test_nothing_is_asked_before_the_moment_that_the_cloud_named(self, world: World) -> None:
        """Fault 11: once, with Retry-After."""
        operation = world.approved("instance", Verb.STOP, world.machine())
        world.control.forget_calls()
        world.control.fault("throttle", action="StopInstances", retry_after=1, count=1)
        began = time.monotonic()
        assert world.finish(operation).state is OperationState.SUCCEEDED
        assert time.monotonic() - began >= 1.0
        assert world.control.calls()["ec2:StopInstances"] == 2
        assert world.problems(operation) == []

    def test_fifty_in_a_row_are_waited_out_with_one_call_each(self, world: World) -> None:
        """Fault 11: fifty times."""
        operation = world.approved("instance", Verb.STOP, world.machine())
        world.control.forget_calls()
        world.control.fault("throttle", action="StopInstances", retry_after=0.01, count=50)
        assert world.finish(operation, patience=50).state is OperationState.SUCCEEDED
        assert world.control.calls()["ec2:StopInstances"] == 51
        assert world.problems(operation) == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_error_before_anything_was_done_is_tried_again(world: World, status: int) -> None:
    """Fault 12: creation and listing."""
    operation = world.creation()
    world.control.fault("error", action="RunInstances", status=status, count=2)
    world.control.fault("error", action="DescribeInstances", status=status, count=2)
    world.finish(operation)
    assert world.problems(operation) == []
    assert len(world.there()) == 1


BAD = [
    ("error_after", {"status": 500}),
    ("reset_after", {}),
    ("cut", {"at": 60}),
    ("cut", {"at": 0}),
    ("wrong_length", {"extra": 100}),
    ("html", {}),
    ("html", {"well_formed": False}),
    ("schema", {}),
    ("null_list", {}),
]


@pytest.mark.parametrize(("fault", "options"), BAD, ids=str)
def test_a_creation_whose_answer_is_bad_is_looked_up_and_made_once(
    world: World, fault: str, options: dict[str, Any]
) -> None:
    """Fault 13. Fault 15. Fault 16. Whether it was done or not, there is one machine in the end."""
    operation = world.creation()
    world.control.fault(fault, action="RunInstances", count=1, **options)
    world.finish(operation, impatient(world, 2.0))
    assert world.problems(operation) == []
    assert len(world.there()) == 1


def test_a_creation_that_was_done_and_never_answered_is_found(world: World) -> None:
    """Fault 14: the answer is held longer than the client waits."""
    operation = world.creation()
    world.control.fault("hold", action="RunInstances", seconds=3, count=1)
    world.finish(operation, impatient(world))
    assert world.problems(operation) == []
    assert len(world.there()) == 1
