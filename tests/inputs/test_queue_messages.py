"""Messages: nothing in a queue is an authority."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from kombu.exceptions import ContentDisallowed
from kombu.serialization import loads

from access.models import Membership
from multicloud_site.celery import app
from providers import tasks
from tests.faults.world import MACHINE, World
from vocabulary.words import Verb


class Dangerous:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return exec, ("raise SystemExit('a message was executed')",)


@pytest.mark.parametrize(
    ("kind", "body"), [("application/x-python-serialize", pickle.dumps(Dangerous())), ("application/x-yaml", b"a: 1")]
)
def test_a_message_that_is_not_json_is_never_read(kind: str, body: bytes) -> None:
    """Input 36."""
    assert app.conf.accept_content == ["json"]
    with pytest.raises(ContentDisallowed):
        loads(body, kind, "binary" if b"\x80" in body else "utf-8", accept=app.conf.accept_content)


def test_a_task_nobody_knows_is_none_of_ours() -> None:
    """Input 36: every name that a message can call is written in our own modules; none takes code or a path."""
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert all(app.tasks[name].run.__module__.endswith(".tasks") for name in ours)
    assert "os.system" not in app.tasks


@pytest.mark.parametrize(
    "forged", ["", "op-aaaaaaaaaaaaaaaa", "' OR 1=1 --", "../../db.sqlite3", "op-\x00", "x" * 5000]
)
def test_a_forged_id_wakes_nothing(world: World, forged: str) -> None:
    """Input 36."""
    plan = world.plan("instance", Verb.CREATE, name="web-1", **MACHINE)
    tasks.work.engine(world.actor).propose(plan, world.actor.get_username())
    tasks.wake(forged)
    assert world.ledger() == []


def test_a_message_does_not_approve_a_plan(world: World) -> None:
    """Input 36: a plan nobody has approved stays a plan, whoever wakes it."""
    plan = world.plan("instance", Verb.CREATE, name="web-1", **MACHINE)
    operation = tasks.work.engine(world.actor).propose(plan, world.actor.get_username())
    tasks.wake(operation.id)
    assert world.load(operation.id).state == "planned"
    assert world.ledger() == []


@pytest.mark.parametrize("lost", ["role", "membership", "person", "mode", "switch"])
def test_a_right_that_was_lost_after_the_approval_stops_the_worker(world: World, lost: str) -> None:
    """Input 36: users, rights and modes are looked at again by the worker, right before the call."""
    operation = world.creation()
    if lost == "role":
        Membership.objects.update(role="viewer")
    elif lost == "membership":
        Membership.objects.all().delete()
    elif lost == "person":
        type(world.actor).objects.update(is_active=False)
    else:
        changed = {"mode": {"mode": "observe"}, "switch": {"enabled": False}}[lost]
        type(world.account).objects.update(**changed)
    assert world.finish(operation).state == "failed"
    assert world.ledger() == []
    assert world.there() == []
