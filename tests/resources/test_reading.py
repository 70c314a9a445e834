"""Reading an account: what is stored, what is written down as changed, what is gone, and who reads what."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from access.models import AuditRecord
from providers.models import Account
from resources import places, store, work
from resources.facts import facts_of
from resources.found import found_of
from resources.models import Reading, Resource, ResourceChange
from tests.resources.conftest import Reader
from tests.resources.scripted import REGION, ScriptedEngine, driver_over, instance
from vocabulary.errors import AuthenticationFailed, LeaseLost, PermissionMissing, ProviderDown

pytestmark = pytest.mark.django_db


def states() -> dict[str, str]:
    return dict(Resource.objects.values_list("name", "state"))


def long_ago() -> None:
    """What was just seen for the first time was seen long ago."""
    Resource.objects.update(first_seen_at=timezone.now() - timedelta(days=1))


def test_a_first_reading_stores_what_is_there(read: Reader, account: Account) -> None:
    outcome = read()
    row = Resource.objects.get(name="web-1")
    assert outcome.resources == 3
    assert (row.kind, row.region, row.zone, row.state) == ("instance", REGION, "us-east-1a", "running")
    assert {tag.key: tag.value for tag in row.tags.all()} == {"Name": "web-1", "env": "prod"}
    assert {(edge.edge, edge.native_id) for edge in row.relations.all()} >= {("network", "vpc-1"), ("firewall", "sg-1")}
    assert row.attributes["instance_type"] == "t3.micro"
    assert row.raw["InstanceId"] == row.native_id
    assert list(row.changes.values_list("fact", "before", "after", "source")) == [("state", "", "running", "listing")]


def test_a_second_reading_of_the_same_writes_no_row(read: Reader) -> None:
    read()
    written: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith("SELECT") and "resources_resource" in sql:
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        outcome = read()
    assert outcome.resources == 3
    assert written == []


def test_a_change_is_written_down_with_what_from_to_when_and_by_whom_it_was_seen(
    read: Reader, engine: ScriptedEngine
) -> None:
    read()
    since = Resource.objects.get(name="web-1").state_since
    engine.instances[REGION][1] = instance(
        1, State={"Name": "stopped"}, InstanceType="m5.large", tags={"env": "dev", "team": "a"}, SecurityGroups=[]
    )
    read()
    row = Resource.objects.get(name="web-1")
    changes = set(row.changes.exclude(before="", fact="state").values_list("fact", "before", "after", "source"))
    assert changes == {
        ("state", "running", "stopped", "listing"),
        ("instance_type", "t3.micro", "m5.large", "listing"),
        ("tag env", "prod", "dev", "listing"),
        ("tag team", "", "a", "listing"),
        ("relation firewall firewall", "sg-1", "", "listing"),
    }
    assert row.state_since > since
    assert dict(row.tags.values_list("key", "value")) == {"Name": "web-1", "env": "dev", "team": "a"}
    assert row.raw["InstanceType"] == "m5.large"
    assert Resource.objects.get(name="web-2").changes.count() == 1


def test_what_a_complete_listing_does_not_contain_is_gone_and_keeps_its_history(
    read: Reader, engine: ScriptedEngine
) -> None:
    read()
    long_ago()
    del engine.instances[REGION][1]
    assert read().gone == 1
    row = Resource.objects.get(name="web-1")
    assert (row.state, row.gone_at is not None) == ("gone", True)
    assert list(row.changes.order_by("pk").values_list("after", flat=True)) == ["running", "gone"]
    assert states() == {"web-0": "running", "web-1": "gone", "web-2": "running"}


def test_what_comes_back_is_no_longer_gone(read: Reader, engine: ScriptedEngine) -> None:
    read()
    long_ago()
    (removed,) = engine.instances[REGION][1:2]
    engine.instances[REGION].remove(removed)
    read()
    engine.instances[REGION].append(removed)
    read()
    row = Resource.objects.get(name="web-1")
    assert (row.state, row.gone_at) == ("running", None)


def test_many_that_are_missing_are_gone_after_a_second_listing(read: Reader, engine: ScriptedEngine) -> None:
    engine.instances[REGION] = [instance(number) for number in range(60)]
    read()
    long_ago()
    engine.instances[REGION] = engine.instances[REGION][:10]
    assert read().gone == 50
    assert engine.calls.count(("ec2.describe_instances", REGION)) == 3


def test_a_listing_run_is_one_audit_record(read: Reader, account: Account) -> None:
    read()
    (record,) = AuditRecord.objects.filter(account=account.key)
    assert (record.action, record.outcome, record.detail["resources"]) == ("read account", "complete", 3)


def test_a_place_that_somebody_reads_is_left_to_them(read: Reader, account: Account, engine: ScriptedEngine) -> None:
    read()
    place = Reading.objects.get(kind="instance")
    Reading.objects.update(due_at=None)
    assert places.claim(place) is not None
    assert places.claim(place) is None
    engine.calls.clear()
    assert read.on_time().complete == []
    assert engine.calls == []


def test_a_killed_reading_goes_on_with_the_places_it_had_not_completed(
    account: Account, engine: ScriptedEngine
) -> None:
    account.regions = ["us-east-1", "eu-west-1", "us-west-2"]
    account.save()
    read = Reader(account, engine)
    read()
    engine.calls.clear()
    # As a kill leaves it: one place claimed and never ended, its lease over by now.
    Reading.objects.filter(region="eu-west-1").update(
        state=Reading.State.RUNNING, due_at=Now() - timedelta(minutes=5), lease_until=Now() - timedelta(seconds=1)
    )
    assert work.accounts_due() == []  # no credential yet
    assert read.on_time().complete == ["instance eu-west-1"]
    assert engine.calls == [("ec2.describe_instances", "eu-west-1")]


def test_a_reader_that_slept_past_its_lease_stores_nothing(read: Reader, account: Account) -> None:
    read()
    place = Reading.objects.get(kind="instance")
    Reading.objects.update(due_at=None)
    claimed = places.claim(place)
    assert claimed is not None
    Reading.objects.update(lease_until=Now() - timedelta(seconds=1), due_at=None)
    assert places.claim(place) is not None
    now = timezone.now()
    late = facts_of(found_of(Resource.objects.get(name="web-1")), "aws", account.native_id)
    with pytest.raises(LeaseLost):
        store.store(store.Sighting(account, "listing", now, now, claimed), [replace(late, fingerprint="other")])
    assert not places.complete(claimed, 0, [], timedelta(minutes=5))
    assert Reading.objects.get(kind="instance").state == Reading.State.RUNNING


def test_a_reading_asked_for_while_one_runs_is_done_again(read: Reader, account: Account) -> None:
    read()
    Reading.objects.update(due_at=None)
    claimed = places.claim(Reading.objects.get(kind="instance"))
    assert claimed is not None
    Reading.objects.filter(pk=claimed.pk).update(due_at=Now() + timedelta(milliseconds=5))
    places.complete(claimed, 3, [], timedelta(minutes=15))
    due_at = Reading.objects.get(pk=claimed.pk).due_at
    assert due_at is not None
    assert due_at < timezone.now() + timedelta(minutes=1)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumped_a_day_keeps_no_place_from_being_read(read: Reader, days: int) -> None:
    """Fault 39."""
    read()
    jumped = Now() + timedelta(days=days)
    Reading.objects.update(due_at=jumped, lease_until=jumped)
    assert read.on_time().complete == ["instance us-east-1"]


def test_without_a_right_to_list_regions_the_home_region_is_read(account: Account, engine: ScriptedEngine) -> None:
    account.regions = []
    account.save()

    def refused() -> list[str]:
        raise PermissionMissing("aws/production", "ec2.describe_regions", "not allowed", "Grant ec2:DescribeRegions.")

    engine.names = refused
    outcome = Reader(account, engine)()
    assert outcome.complete == ["instance us-east-1"]
    assert Reading.objects.get(kind=places.REGIONS).error["type"] == "PermissionMissing"


def test_a_refused_sign_in_is_a_state_of_the_account_and_asks_no_further(
    account: Account, engine: ScriptedEngine
) -> None:
    """Fault 22: a key that was revoked stops the reading, and a new one starts it again."""
    account.regions = []
    account.save()
    read = Reader(account, engine)
    read()

    def refused() -> list[str]:
        raise AuthenticationFailed("aws/production", "sts", "the key is not known", "Replace it.")

    working, engine.names = engine.names, refused
    engine.calls.clear()
    read()
    assert engine.calls == []
    place = Reading.objects.get(kind=places.REGIONS)
    assert (place.state, place.error["why"]) == (Reading.State.REFUSED, "the key is not known")
    assert set(states().values()) == {"running"}
    engine.names = working
    assert read().complete == ["instance us-east-1"]
    assert Reading.objects.get(kind=places.REGIONS).error is None


def test_a_region_that_is_no_longer_offered_keeps_its_resources(account: Account, engine: ScriptedEngine) -> None:
    engine.instances["eu-west-1"] = [instance(9, "eu-west-1")]
    account.regions = ["us-east-1", "eu-west-1"]
    account.save()
    read = Reader(account, engine)
    read()
    long_ago()
    account.regions = ["us-east-1"]
    account.save()
    read()
    assert states()["web-9"] == "running"
    place = Reading.objects.get(region="eu-west-1", kind="instance")
    assert (place.state, place.error["type"]) == (Reading.State.REFUSED, "UnknownRegion")


def test_a_region_that_refuses_is_recorded_and_the_others_are_read(account: Account, engine: ScriptedEngine) -> None:
    engine.instances["eu-west-1"] = [instance(9, "eu-west-1")]
    account.regions = ["us-east-1", "eu-west-1"]
    account.save()
    read = Reader(account, engine)
    read()
    long_ago()
    engine.instances["us-east-1"].clear()
    down = ProviderDown("aws/production", "ec2.describe_instances", "503", "See the status page.")
    engine.trouble = lambda region, number: down if region == "eu-west-1" else None
    outcome = read()
    assert outcome.refused == {"instance eu-west-1": "503"}
    assert states() == {"web-0": "gone", "web-1": "gone", "web-2": "gone", "web-9": "running"}
    assert AuditRecord.objects.order_by("-pk")[0].outcome == "refused in 1"


def test_the_configuration_limits_the_regions_that_are_read(
    account: Account, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, settings: Any
) -> None:
    """CF: providers.aws.regions."""
    configuration = tmp_path / "multicloud.yaml"
    configuration.write_text('providers:\n  aws:\n    regions: ["eu-west-1"]\n')
    settings.MULTICLOUD_CONFIG = str(configuration)
    account.regions = []
    account.save()
    engine.names = lambda: ["us-east-1", "eu-west-1"]
    assert Reader(account, engine)().complete == ["instance eu-west-1"]


def test_the_history_tells_when(read: Reader) -> None:
    before = timezone.now() - timedelta(seconds=5)
    read()
    assert all(before < change.at <= timezone.now() for change in ResourceChange.objects.all())


def test_a_driver_is_not_needed_for_an_account_without_a_credential(account: Account) -> None:
    work.read_account(account.pk)
    place = Reading.objects.get(kind=places.REGIONS)
    assert (place.state, place.error["type"]) == (Reading.State.REFUSED, "AuthenticationFailed")
    assert driver_over(ScriptedEngine()).account == account.native_id
