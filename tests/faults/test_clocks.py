"""Clocks that jump: a worker's, and the machine's own under the database."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from providers import work
from providers.connect import driver_for
from providers.db_journal import DatabaseJournal
from providers.health import memory
from providers.journal import OperationState
from providers.models import OperationRow, ServiceHealth
from tests.faults.world import REGION, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("jump", [DAY, -DAY, HOUR, -HOUR], ids=str)
def test_a_worker_with_a_wrong_clock_takes_nothing_from_another(world: World, jump: timedelta) -> None:
    """Fault 39: leases are judged by the database's clock."""
    operation = world.creation()
    first = DatabaseJournal().claim(operation, "the first", 60.0)
    assert first is not None
    with time_machine.travel(timezone.now() + jump, tick=True):
        assert work.engine().advance(operation) is None
        assert DatabaseJournal().due(10) == []
    assert world.ledger(operation) == []
    world.time_passes()
    world.finish(operation)
    assert world.problems(operation) == []


@pytest.mark.parametrize(
    "written",
    [
        {"state": "running", "lease_until": DAY, "worker": "gone"},
        {"state": "queued", "not_before": DAY},
        {"state": "queued", "not_before": 30 * DAY},
    ],
    ids="-".join,
)
def test_a_time_written_by_a_clock_that_was_set_back_since_holds_nothing_up(
    world: World, written: dict[str, Any]
) -> None:
    """Fault 39: the machine's clock was a day ahead when a lease or a wait was written."""
    operation = world.creation()
    driver_for(world.account).get(driver_for(world.account).cloud.kind("instance"), REGION, "i-0123456789abcdef0")
    ServiceHealth.objects.update(open_until=timezone.now() + DAY, failures=9)
    memory.clear()
    now = DatabaseJournal().now()
    values = {name: now + value if isinstance(value, timedelta) else value for name, value in written.items()}
    OperationRow.objects.filter(pk=operation).update(**values)
    assert world.finish(operation, patience=20).state is OperationState.SUCCEEDED
    assert world.problems(operation) == []
