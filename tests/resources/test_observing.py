"""What an operation of ours leaves behind is in the inventory at once; a listing asked earlier does not undo it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from providers.drivers.kind import Found
from providers.journal import Operation
from providers.models import Account
from providers.plans import Plan
from resources import places, store, work
from resources.facts import facts_of
from resources.found import found_of
from resources.models import Reading, Resource
from tests.resources.conftest import Reader
from tests.resources.scripted import ACCOUNT, REGION, ScriptedEngine, driver_over, instance
from vocabulary.words import State

pytestmark = pytest.mark.django_db


def operation(verb: str, subject: str = "", native_id: str = "") -> Operation:
    plan = Plan("aws", f"aws/{ACCOUNT}", REGION, "instance", verb, f"{verb} it", "web-1", (), subject, native_id)
    return Operation(id="op-1", plan=plan, plan_hash=plan.hash, actor="operator")


def seen(**more: Any) -> Found:
    driver = driver_over(ScriptedEngine({REGION: [instance(1, **more)]}))
    found = driver.get(driver.cloud.kind("instance"), REGION, instance(1)["InstanceId"])
    assert found is not None
    return found


def test_what_was_created_is_there_at_once(account: Account) -> None:
    work.observe_operation(operation("create"), seen())
    row = Resource.objects.get()
    assert (row.name, row.state) == ("web-1", "running")
    assert row.changes.get().source == "operation op-1"


def test_what_was_stopped_is_stopped_at_once(read: Reader) -> None:
    read()
    work.observe_operation(operation("stop"), seen(State={"Name": "stopped"}))
    row = Resource.objects.get(name="web-1")
    assert row.state == "stopped"
    assert row.changes.order_by("-pk")[0].source == "operation op-1"


@pytest.mark.parametrize("verb", ["create", "delete"])
def test_what_comes_and_goes_with_a_machine_is_read_again_at_once(read: Reader, account: Account, verb: str) -> None:
    read()
    later = timezone.now() + timedelta(hours=1)
    for region, kind in ((REGION, "volume"), (REGION, "firewall"), (REGION, "bucket"), ("eu-west-1", "volume")):
        Reading.objects.create(account=account, region=region, kind=kind, due_at=later)
    work.observe_operation(operation("stop"), seen(State={"Name": "stopped"}))
    assert not places.due_in(account).exists()
    work.observe_operation(operation(verb, native_id=instance(1)["InstanceId"]), seen() if verb == "create" else None)
    assert set(places.due_in(account).values_list("region", "kind")) == {(REGION, "volume"), (REGION, "firewall")}


def test_what_is_gone_keeps_its_creation(account: Account) -> None:
    attached = {"DeviceIndex": 0, "AttachTime": "2025-11-07T10:15:01+00:00"}
    work.observe_operation(operation("create"), seen(NetworkInterfaces=[{"Attachment": attached}]))
    work.observe_operation(operation("delete"), replace(seen(), state=State.GONE, created_at=None))
    row = Resource.objects.get()
    assert row.gone_at
    assert row.created_at
    assert row.created_at.isoformat() == "2025-11-07T10:15:01+00:00"


def test_what_was_deleted_is_gone_at_once_and_nothing_else(read: Reader) -> None:
    read()
    row = Resource.objects.get(name="web-1")
    work.observe_operation(operation("delete", row.public_id, row.native_id), None)
    gone = Resource.objects.exclude(gone_at=None)
    assert list(gone.values_list("name", "state")) == [("web-1", "gone")]


def test_a_listing_that_was_asked_before_an_operation_does_not_undo_what_it_saw(read: Reader, account: Account) -> None:
    read()
    running = found_of(Resource.objects.get(name="web-1"))
    asked_at = timezone.now()
    work.observe_operation(operation("stop"), seen(State={"Name": "stopped"}))
    now = timezone.now() + timedelta(seconds=1)
    late = [facts_of(replace(running, zone="us-east-1b"), "aws", ACCOUNT)]
    store.store(store.Sighting(account, "listing", now, asked_at), late)
    assert Resource.objects.get(name="web-1").state == "stopped"
    store.store(store.Sighting(account, "listing", now, now), late)
    assert Resource.objects.get(name="web-1").state == "running"


def test_found_of_gives_back_what_was_stored(read: Reader) -> None:
    read()
    assert replace(found_of(Resource.objects.get(name="web-1")), relations=()) == replace(seen(), relations=())
    assert found_of(Resource.objects.get(name="web-1")).state is State.RUNNING
