"""Answers that are partial, wrong or meant to harm: nothing is gone because of them, and everything else is read."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from resources import sync
from resources.models import Reading, Resource
from tests.resources.conftest import Reader
from tests.resources.scripted import ACCOUNT, REGION, ScriptedEngine, answer, instance
from vocabulary.errors import BadAnswer, CredentialExpired, ProviderDown, RateLimited

pytestmark = pytest.mark.django_db

DOWN = ProviderDown("aws/production", "ec2.describe_instances", "503 Service Unavailable")


@pytest.fixture
def many(read: Reader, engine: ScriptedEngine) -> Reader:
    """Ten instances in pages of four, known since yesterday."""
    engine.instances[REGION] = [instance(number) for number in range(10)]
    engine.page_size = 4
    read()
    Resource.objects.update(first_seen_at=timezone.now() - timedelta(days=1))
    return read


def nothing_is_gone() -> bool:
    return not Resource.objects.exclude(gone_at=None).exists() and Resource.objects.count() == 10


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(DOWN, id="the second page fails"),
        pytest.param(RateLimited("aws", "call", "asked too often", retry_after_seconds=0.0), id="throttled for good"),
        pytest.param(BadAnswer("aws", "call", "half a body"), id="half a body"),
        pytest.param(CredentialExpired("aws", "call", "the token has expired"), id="the credential expires"),
        pytest.param({"html": "<h1>Welcome</h1>"}, id="another schema"),
        pytest.param({"Reservations": None}, id="a null list"),
        pytest.param({"Reservations": "<html>"}, id="HTML for a list"),
        pytest.param((answer(instance(4)), {"page": 1}), id="page tokens that go in circles"),
        pytest.param(answer(instance(4), owner="999999999999"), id="an answer of another account"),
    ],
)
def test_a_listing_that_breaks_off_makes_nothing_gone(many: Reader, engine: ScriptedEngine, trouble: Any) -> None:
    """Faults 15, 16, 17, 22 and 25."""
    engine.instances[REGION] = []
    full = [instance(number) for number in range(4)]
    engine.trouble = lambda region, number: (answer(*full), {"page": 1}) if number == 0 else trouble
    outcome = many()
    assert list(outcome.refused) == ["instance us-east-1"]
    assert nothing_is_gone()
    place = Reading.objects.get(kind="instance")
    assert place.state == Reading.State.REFUSED
    assert place.error["why"]
    assert place.completed_at is not None  # how old its resources are is still known


def test_what_came_before_the_listing_broke_off_is_kept(many: Reader, engine: ScriptedEngine) -> None:
    changed = [instance(number, State={"Name": "stopped"}) for number in range(4)]
    engine.trouble = lambda region, number: (answer(*changed), {"page": 1}) if number == 0 else DOWN
    many()
    # Fewer than a batch had come: nothing of an incomplete page is stored half.
    assert Resource.objects.filter(state="stopped").count() in (0, 4)
    assert nothing_is_gone()


def test_an_item_that_moves_between_pages_is_not_gone(many: Reader, engine: ScriptedEngine) -> None:
    """Fault 17: it stood on page 2 while page 1 was read, and on page 1 when page 2 was."""
    pages = {
        0: (answer(*(instance(number) for number in range(4))), {"page": 1}),
        1: (answer(*(instance(number) for number in range(5, 10))), None),
    }
    engine.trouble = lambda region, number: pages[number]
    assert many().gone == 0
    assert nothing_is_gone()


def test_what_was_just_created_and_is_not_listed_yet_is_not_gone(
    read: Reader, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 18."""
    read()
    listed = engine.instances[REGION]
    engine.instances[REGION] = listed[:2]
    monkeypatch.setattr(sync, "GRACE", timedelta(days=1000))
    assert read().gone == 0


def test_an_item_that_cannot_be_read_is_recorded_and_ends_nothing(many: Reader, engine: ScriptedEngine) -> None:
    engine.instances[REGION][3] = {**instance(3), "Tags": "not a list of tags", "SecurityGroups": 7, "LaunchTime": []}
    engine.instances[REGION][4] = {**instance(4), "Placement": {"AvailabilityZone": "eu-west-1a"}}
    engine.instances[REGION][5] = {**instance(5), "Tags": [None]}
    del engine.instances[REGION][6]
    many()
    unreadable = {entry["id"]: entry["why"] for entry in Reading.objects.get(kind="instance").unreadable}
    assert "eu-west-1" in unreadable[instance(4)["InstanceId"]]
    assert instance(5)["InstanceId"] in unreadable
    gone = set(Resource.objects.exclude(gone_at=None).values_list("native_id", flat=True))
    assert gone == {instance(6)["InstanceId"]}


def test_an_item_without_an_id_may_be_any_so_nothing_is_gone(many: Reader, engine: ScriptedEngine) -> None:
    engine.instances[REGION][3] = {**instance(3), "InstanceId": None}
    many()
    assert nothing_is_gone()


def test_names_and_ids_from_a_cloud_are_text_and_bounded(read: Reader, engine: ScriptedEngine) -> None:
    """Input 39: markup, a path, halves of characters, NUL, a million tags, an endless value."""
    hostile = instance(7, tags={"Name": "<script>alert(1)</script>\ud800\x00", "huge": "x" * 5000})
    hostile["InstanceId"] = "../../../etc/passwd"
    hostile["PlatformDetails"] = "y" * 400_000
    hostile["Extra"] = {f"field-{number}": "z" * 4000 for number in range(100)}
    crowd = {f"key-{number}": "v" for number in range(20_000)}
    engine.instances[REGION] += [hostile, instance(8, tags=crowd)]
    outcome = read()
    assert outcome.refused == {}
    row = Resource.objects.get(native_id="../../../etc/passwd")
    assert row.name == "<script>alert(1)</script>\ufffd\ufffd"
    assert row.tags.get(key="huge").value == "x" * 1024
    assert len(row.attributes["platform"]) <= 16_384
    assert "characters" in row.unknown["raw"]
    assert row.raw == {}
    assert Resource.objects.get(name="web-8").tags.count() == 1000


def test_an_id_of_endless_length_is_unreadable(read: Reader, engine: ScriptedEngine) -> None:
    engine.instances[REGION].append({**instance(7), "InstanceId": "i-" + "0" * 100_000})
    read()
    assert Resource.objects.count() == 3
    assert "characters" in Reading.objects.get(kind="instance").unreadable[0]["why"]


def test_an_answer_nested_without_end_is_unreadable_and_ends_nothing(read: Reader, engine: ScriptedEngine) -> None:
    nested: Any = {}
    for _ in range(50_000):
        nested = {"in": nested}
    engine.instances[REGION].append({**instance(7), "Deep": nested})
    read()
    assert Resource.objects.count() == 3
    assert "RecursionError" in Reading.objects.get(kind="instance").unreadable[0]["why"]
    # Python takes such a nest apart by recursion too: from the inside, so that nothing is deep any more.
    while nested:
        nested = nested.pop("in")


def test_the_same_resource_twice_in_one_listing_is_one_row(read: Reader, engine: ScriptedEngine) -> None:
    engine.instances[REGION] += [instance(1), instance(1)]
    assert read().resources == 3


def test_a_word_for_a_state_that_nobody_knows_is_unknown(read: Reader, engine: ScriptedEngine) -> None:
    engine.instances[REGION].append(instance(7, State={"Name": "dreaming"}))
    read()
    row = Resource.objects.get(name="web-7")
    assert (row.state, row.native_state) == ("unknown", "dreaming")
    assert row.account.native_id == ACCOUNT
