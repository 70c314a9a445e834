"""From a cloud's words to ours: what a hostile or odd answer does, and does not."""

import json
from typing import Any

import pytest

from providers.drivers.clouds import cloud
from providers.drivers.driver import Driver
from providers.drivers.kind import Found, Kind, Unreadable
from providers.drivers.mapping import MOST_TAGS, found_of, moment
from tests.recordings.replay import ReplayEngine
from vocabulary.errors import BadAnswer
from vocabulary.words import State

VOLUME, INSTANCE, BUCKET = (cloud("aws").kind(name) for name in ("volume", "instance", "bucket"))
GOOD = {"VolumeId": "vol-1", "State": "available", "AvailabilityZone": "us-east-1a", "Size": 8}


def listed(kind: Kind, method: str, **answer: Any) -> list[Found | Unreadable]:
    return list(Driver(cloud("aws"), ReplayEngine({method: answer}), "111111111111").list(kind, "us-east-1"))


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "a\u202eb", "=cmd|'/c calc'!A0", "{{7*7}}", "../../etc/passwd", "\x00\r\n"]
)
def test_a_hostile_name_is_kept_as_text(name: str) -> None:
    found = found_of(
        VOLUME, {**GOOD, "Tags": [{"Key": "Name", "Value": name}, {"Key": name, "Value": "x"}]}, "us-east-1"
    )
    assert found.native_id == "vol-1"
    assert found.name.replace("\x00", "") in (name.replace("\x00", ""), found.name)
    assert len(found.tags) == 2


def test_a_million_tags_and_endless_texts_are_bounded() -> None:
    tags = [{"Key": f"k{number}", "Value": "v" * 5000} for number in range(4000)] * 250
    found = found_of(VOLUME, {**GOOD, "Tags": tags}, "us-east-1")
    assert len(found.tags) <= MOST_TAGS
    assert max(map(len, found.tags.values())) <= 1024
    assert len(json.dumps(found.raw)) < 10_000_000, "what is stored of one answer"


def test_an_item_without_an_id_is_unreadable_and_ends_nothing() -> None:
    ones = listed(VOLUME, "ec2.describe_volumes", Volumes=[{"State": "available"}, "text", None, GOOD])
    assert [type(one) for one in ones] == [Unreadable, Unreadable, Unreadable, Found]
    assert all(one.reason for one in ones if isinstance(one, Unreadable))


def test_one_id_twice_is_one_resource() -> None:
    assert len(listed(VOLUME, "ec2.describe_volumes", Volumes=[GOOD, GOOD])) == 1


def test_what_lies_in_another_region_is_not_taken() -> None:
    (one,) = listed(VOLUME, "ec2.describe_volumes", Volumes=[{**GOOD, "AvailabilityZone": "eu-west-1a"}])
    assert isinstance(one, Unreadable)
    assert "eu-west-1a" in one.reason


def test_an_answer_of_another_account_is_refused_as_a_whole() -> None:
    strangers = [{"OwnerId": "222222222222", "Instances": []}]
    with pytest.raises(BadAnswer, match="belongs to account 222222222222"):
        listed(INSTANCE, "ec2.describe_instances", Reservations=strangers)


def test_a_list_that_is_missing_is_no_empty_list() -> None:
    with pytest.raises(BadAnswer, match="has no Volumes"):
        listed(VOLUME, "ec2.describe_volumes", Other=[])
    assert listed(VOLUME, "ec2.describe_volumes", Volumes=[]) == []


def test_a_word_nobody_knows_is_unknown_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    found = found_of(VOLUME, {**GOOD, "State": "levitating"}, "us-east-1")
    assert found.state is State.UNKNOWN
    assert found.native_state == "levitating"
    assert "levitating" in caplog.text


def test_a_fact_that_may_not_be_read_is_unknown_with_its_reason() -> None:
    (found,) = listed(BUCKET, "s3.list_buckets", Buckets=[{"Name": "b-1", "BucketRegion": "eu-west-1"}])
    assert isinstance(found, Found)
    assert set(found.unknown) == {"tags", "versioning", "encryption", "block_public_access", "public_by_policy"}
    assert found.unknown["encryption"] == "this call was not recorded"
    assert not found.attributes
    assert found.region == "eu-west-1"


@pytest.mark.parametrize(("said", "meant"), [(None, "us-east-1"), ("EU", "eu-west-1"), ("eu-west-2", "eu-west-2")])
def test_a_server_that_lists_no_region_is_asked_for_it(said: str | None, meant: str) -> None:
    answers = {
        "s3.list_buckets": {"Buckets": [{"Name": "b-1"}]},
        "s3.get_bucket_location": {"LocationConstraint": said},
    }
    (found,) = Driver(cloud("aws"), ReplayEngine(answers)).list(BUCKET, "us-east-1")
    assert isinstance(found, Found)
    assert found.region == meant


def test_moments_are_in_utc_and_nonsense_is_no_moment() -> None:
    assert str(moment("2026-03-01T10:00:00+02:00")) == "2026-03-01 08:00:00+00:00"
    assert moment("yesterday") is None
    assert moment(12) is None


@pytest.mark.parametrize(
    ("first_interface", "root", "created"),
    [
        ("2025-11-07T10:15:01+00:00", "2025-11-07T10:15:02+00:00", "2025-11-07T10:15:01+00:00"),
        ("2025-11-07T10:15:01+00:00", "2026-02-01T00:00:00+00:00", "2025-11-07T10:15:01+00:00"),
        (None, "2025-11-07T10:15:02+00:00", "2025-11-07T10:15:02+00:00"),
        (None, None, None),
        ([], {}, None),
    ],
)
def test_a_machine_is_as_old_as_what_it_was_created_with_and_not_as_its_last_start(
    first_interface: Any, root: Any, created: str | None
) -> None:
    older = "2020-01-01T00:00:00+00:00"  # of what was moved here from another machine
    attached = [(1, older), (0, first_interface)]
    item = {
        "InstanceId": "i-1",
        "State": {"Name": "running"},
        "LaunchTime": "2026-11-24T17:40:00+00:00",
        "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/sdf", "Ebs": {"AttachTime": older}},
            {"DeviceName": "/dev/xvda", "Ebs": {"AttachTime": root}},
        ],
        "NetworkInterfaces": [{"Attachment": {"DeviceIndex": n, "AttachTime": at}} for n, at in attached],
    }
    found = found_of(INSTANCE, item, "us-east-1")
    assert found.created_at == moment(created)
    assert found.attributes["launched_at"] == "2026-11-24T17:40:00+00:00"
