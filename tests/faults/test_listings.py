"""Listings that fail, lie or belong to somebody else: nothing is called gone that is still there."""

from typing import Any

import pytest

from providers.connect import address_of
from resources import places, work
from resources.models import Reading, Resource
from tests.faults.test_bad_answers import BAD
from tests.faults.world import REGION, World
from tests.sandbox.conftest import boto_client, image_of

MANY = 55


@pytest.fixture
def read(world: World) -> World:
    """More machines than fit on a page, all of them in the inventory."""
    world.account.regions = [REGION]
    world.account.save()
    ec2 = boto_client(address_of("sandbox"), "ec2")
    ec2.run_instances(ImageId=image_of(ec2), InstanceType="t3.micro", MinCount=MANY, MaxCount=MANY)
    world.control.advance(300)
    read_again(world)
    assert standing() == MANY
    Resource.objects.update(first_seen_at="2020-01-01T00:00:00Z")  # long enough ago to be missed by a listing
    return world


def read_again(world: World) -> str:
    """Read the machines again; what the place says afterwards."""
    places.want(world.account)
    Reading.objects.exclude(kind__in=("instance", places.REGIONS)).update(due_at="2099-01-01T00:00:00Z")
    work.read_account(world.account.pk)
    return Reading.objects.get(kind="instance").state


def standing() -> int:
    """The machines that the inventory takes for existing."""
    return Resource.objects.filter(kind="instance", gone_at=None).count()


@pytest.mark.parametrize(
    ("fault", "options"),
    [("page_fail", {"status": 500}), ("token_loop", {}), *BAD[2:], ("error", {"status": 503})],
    ids=str,
)
def test_a_listing_that_goes_wrong_makes_nothing_gone(read: World, fault: str, options: dict[str, Any]) -> None:
    """Fault 12. Fault 15. Fault 16. Fault 17."""
    # A whole document under a wrong length is a whole document to the SDK.
    expected = Reading.State.COMPLETE if fault == "wrong_length" else Reading.State.REFUSED
    read.control.fault(fault, action="DescribeInstances", **options)
    assert read_again(read) == expected
    assert standing() == MANY
    read.control.clear()
    read_again(read)
    assert standing() == MANY


def test_an_item_that_moves_between_two_pages_is_not_gone(read: World) -> None:
    """Fault 17: it was on neither page."""
    read.control.fault("moved", action="DescribeInstances", skip=1, count=1)
    assert read_again(read) == Reading.State.COMPLETE
    assert standing() == MANY


def test_what_is_really_gone_is_gone_after_a_whole_listing(read: World) -> None:
    """Fault 17: the other side, so that the caution above is not blindness."""
    read.control.delete(Resource.objects.filter(kind="instance").first().native_id)
    read_again(read)
    assert standing() == MANY - 1


@pytest.mark.parametrize(
    ("fault", "options"),
    [("wrong_account", {"answer_account": "222222222222"}), ("wrong_region", {"answer_region": "eu-west-1"})],
)
def test_an_answer_for_another_account_or_region_is_refused(read: World, fault: str, options: dict[str, Any]) -> None:
    """Fault 25. Input 39: the answer of another account never enters the inventory."""
    other = {"account": "222222222222"} if fault == "wrong_account" else {"region": "eu-west-1"}
    ec2 = boto_client(address_of("sandbox"), "ec2", **other)
    ec2.run_instances(ImageId=image_of(ec2), InstanceType="t3.micro", MinCount=3, MaxCount=3)
    read.control.advance(300)
    read.control.fault(fault, action="DescribeInstances", **options)
    state, place = read_again(read), Reading.objects.get(kind="instance")
    assert standing() == MANY
    assert Resource.objects.filter(kind="instance").count() == MANY
    assert state == Reading.State.REFUSED or len(place.unreadable) == 3
