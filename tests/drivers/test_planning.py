"""Plans: what cannot work is refused before anything is touched, and what is shown is what will be sent."""

import re
from typing import Any

import pytest

from providers.drivers.aws.machines import disks_that_go
from providers.drivers.clouds import cloud
from providers.drivers.kind import Found
from providers.journal import OperationState
from providers.plans import Plan
from tests.conformance.bench import Bench, succeeded
from tests.simulated_aws import PRODUCTION
from vocabulary.errors import Conflict, InvalidParameter, NameTaken, QuotaReached, StillInUse, UnknownRegion
from vocabulary.words import State, Verb

MACHINE = {"name": "web-1", "instance_type": "t3.micro", "image": "ubuntu-24.04"}


def plan(bench: Bench, kind: str, verb: Verb, native_id: str = "", **given: Any) -> Plan:
    return bench.desk.plan(bench.driver.cloud.kind(kind), verb, native_id, **given)


def made(bench: Bench, kind: str, **given: Any) -> str:
    row = bench.driver.cloud.kind(kind)
    return succeeded(bench.desk.do(row, Verb.CREATE, **{**row.example, **given})).native_id


@pytest.mark.promise("TR-5", "TR-6")
@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"instance_type": "t9.colossal"}, "t9.colossal' is not an instance type of us-east-1"),
        ({"instance_type": "t3.*"}, "is not an instance type"),
        ({"image": "windows-3.11"}, "neither an AMI id nor a name this product knows"),
        ({"image": "ami-00000000000000000"}, "is not in us-east-1"),
        ({"instance_type": "t4g.medium", "image": "ubuntu-22.04"}, "there is no ubuntu-22.04 for arm64"),
    ],
)
def test_a_machine_that_cannot_be_made_is_refused_before_any_call(
    bench: Bench, given: dict[str, Any], why: str
) -> None:
    with pytest.raises(InvalidParameter, match=re.escape(why)) as caught:
        plan(bench, "instance", Verb.CREATE, **{**MACHINE, **given})
    assert caught.value.hint
    assert not bench.control.ledger()


@pytest.mark.promise("TR-5")
@pytest.mark.parametrize("region", ["mars-north-1", "ap-east-1", "", "../us-east-1"])
def test_a_region_the_account_cannot_use_is_refused_with_those_it_can(bench: Bench, region: str) -> None:
    with pytest.raises(UnknownRegion) as caught:
        bench.desk.plan(bench.driver.cloud.kind("instance"), Verb.CREATE, region=region, **MACHINE)
    assert "eu-central-1" in caught.value.hint
    assert not bench.control.ledger()


@pytest.mark.parametrize("alias", ["ubuntu-24.04", "debian-12", "al2023"])
@pytest.mark.parametrize("size", ["t3.micro", "t4g.micro"])
def test_a_neutral_image_is_the_newest_of_its_architecture(bench: Bench, alias: str, size: str) -> None:
    proposed = plan(bench, "instance", Verb.CREATE, **{**MACHINE, "image": alias, "instance_type": size})
    ami = proposed.steps[0].arguments["ImageId"]
    found = bench.desk.found(bench.driver.cloud.kind("image"), ami)
    assert found is not None
    assert found.attributes["architecture"] == ("arm64" if size.startswith("t4g") else "x86_64")
    assert f"{alias} ({ami})" in [change.after for change in proposed.changes]


@pytest.mark.promise("TR-6")
def test_a_resize_to_another_architecture_is_refused_before_the_machine_is_stopped(bench: Bench) -> None:
    machine = made(bench, "instance")
    before = bench.entries()
    with pytest.raises(InvalidParameter, match=r"t4g\.medium is arm64"):
        plan(bench, "instance", Verb.RESIZE, machine, instance_type="t4g.medium")
    assert bench.entries() == before


def test_a_plan_made_without_a_call_is_checked_by_whoever_runs_it(bench: Bench) -> None:
    from providers.drivers.planning import make_plan

    row, machine = bench.driver.cloud.kind("instance"), made(bench, "instance")
    given = {"instance_type": "t9.colossal"}
    unasked = make_plan(
        bench.driver, row, Verb.RESIZE, "us-east-1",
        account=f"aws/{PRODUCTION}", native_id=machine, parameters=given, standing=bench.standing(row, machine),
    )  # fmt: skip
    before = bench.entries()
    operation = bench.desk.run(unasked)
    assert operation.state is OperationState.FAILED
    assert (operation.error or {})["type"] == "InvalidParameter"
    assert bench.entries() == before


@pytest.mark.promise("TR-4")
@pytest.mark.parametrize(
    ("kind", "quota", "given"),
    [
        ("instance", "vcpus", {}),
        ("volume", "gp3_tib", {}),
        ("bucket", "buckets", {}),
        ("firewall", "groups", {}),
        ("firewall", "rules", {}),
    ],
)
def test_a_quota_that_is_reached_changes_nothing_and_says_so(
    bench: Bench, kind: str, quota: str, given: dict[str, Any]
) -> None:
    bench.control.quota(PRODUCTION, quota, 0)
    row = bench.driver.cloud.kind(kind)
    before = set(bench.desk.listed(row))
    operation = bench.desk.do(row, Verb.CREATE, **{**row.example, **given})
    assert operation.state is OperationState.FAILED
    assert (operation.error or {})["type"] == QuotaReached.__name__
    assert "quota" in (operation.error or {})["hint"]
    assert set(bench.desk.listed(row)) == before


def test_a_name_that_is_taken_is_refused(bench: Bench) -> None:
    with pytest.raises(NameTaken, match="is there already"):
        plan(bench, "bucket", Verb.CREATE, name="example-production-assets")
    row = bench.driver.cloud.kind("bucket")
    operation = bench.desk.do(row, Verb.CREATE, name="example-staging-assets")
    assert (operation.error or {})["type"] == NameTaken.__name__


@pytest.mark.parametrize("name", ["Capital", "ab", "a" * 64, "a..b", "-a-", "192.168.0.1", "xn--a-b", "a_b", "../etc"])
def test_a_bucket_name_that_s3_refuses_is_refused_without_asking(bench: Bench, name: str) -> None:
    with pytest.raises(InvalidParameter, match="name"):
        plan(bench, "bucket", Verb.CREATE, name=name)
    assert not bench.control.calls()


def test_a_volume_neither_shrinks_nor_goes_while_something_uses_it(bench: Bench) -> None:
    volume = made(bench, "volume")
    with pytest.raises(InvalidParameter, match="cannot shrink"):
        plan(bench, "volume", Verb.RESIZE, volume, size_gib=4)
    used = next(
        one for one in bench.desk.listed(bench.driver.cloud.kind("volume")).values() if one.attributes["attachments"]
    )
    with pytest.raises(StillInUse, match="is attached to i-"):
        plan(bench, "volume", Verb.DELETE, used.native_id)


@pytest.mark.parametrize(
    "given",
    [
        {"zone": "us-east-1z"},
        {"zone": "eu-west-1a"},
        {"type": "io2"},
        {"type": "gp2", "iops": 3000},
        {"type": "st1", "throughput_mibps": 200},
    ],
)
def test_a_volume_that_ebs_would_refuse_is_refused_before_any_call(bench: Bench, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        plan(bench, "volume", Verb.CREATE, **{**bench.driver.cloud.kind("volume").example, **given})
    assert not bench.control.ledger()


def test_growing_a_volume_says_that_there_is_no_way_back(bench: Bench) -> None:
    volume = made(bench, "volume")
    proposed = plan(bench, "volume", Verb.RESIZE, volume, size_gib=16)
    assert proposed.undo.startswith("There is no way back. A volume cannot be made smaller")
    assert not proposed.before


def test_a_change_of_a_bucket_s_tags_keeps_the_others_and_stops_when_one_was_added(bench: Bench) -> None:
    row, bucket = bench.driver.cloud.kind("bucket"), made(bench, "bucket", tags={"env": "test", "team": "a"})
    proposed = plan(bench, "bucket", Verb.TAG, bucket, tags={"env": "production"})
    assert proposed.steps[0].arguments["Tagging"]["TagSet"] == [
        {"Key": "env", "Value": "production"},
        {"Key": "team", "Value": "a"},
    ]
    bench.control.alter(bucket, tags={"added": "meanwhile"})
    operation = bench.desk.run(proposed)
    assert (operation.error or {})["type"] == "PlanChanged"
    assert bench.standing(row, bucket).tags == {"env": "test", "team": "a", "added": "meanwhile"}


def test_tags_that_may_not_be_read_are_not_written_over(bench: Bench) -> None:
    bucket = made(bench, "bucket")
    with bench.denied("s3:GetBucketTagging"), pytest.raises(Conflict, match="present tags are unknown"):
        plan(bench, "bucket", Verb.TAG, bucket, tags={"env": "production"})


def test_a_setting_that_may_not_be_read_is_not_changed(bench: Bench) -> None:
    bucket = made(bench, "bucket")
    with bench.denied("s3:GetEncryptionConfiguration"), pytest.raises(Conflict, match="encryption of now is unknown"):
        plan(bench, "bucket", Verb.UPDATE, bucket, encryption="aws:kms")


def test_the_last_tag_of_a_bucket_can_be_removed_and_comes_back(bench: Bench) -> None:
    row, bucket = bench.driver.cloud.kind("bucket"), made(bench, "bucket", tags={"env": "test"})
    done = succeeded(bench.desk.do(row, Verb.TAG, bucket, tags={"env": None}))
    assert bench.standing(row, bucket).tags == {}
    succeeded(bench.desk.finish(bench.desk.operations.undo(done.id, "tester")))
    assert bench.standing(row, bucket).tags == {"env": "test"}


def test_a_plan_that_would_change_nothing_is_refused(bench: Bench) -> None:
    bucket = made(bench, "bucket")
    with pytest.raises(InvalidParameter, match="nothing would change"):
        plan(bench, "bucket", Verb.UPDATE, bucket, versioning=True)


def test_a_firewall_whose_rules_are_refused_leaves_nothing_behind(bench: Bench) -> None:
    row = bench.driver.cloud.kind("firewall")
    before = set(bench.desk.listed(row))
    given = {**row.example, "rules": ["in tcp 443 sg-00000000000000000"]}
    operation = bench.desk.do(row, Verb.CREATE, **given)
    assert operation.state is OperationState.FAILED
    assert set(bench.desk.listed(row)) == before


def test_a_firewall_is_changed_by_the_difference_and_added_to_before_it_is_taken_from(bench: Bench) -> None:
    group = made(bench, "firewall")
    proposed = plan(bench, "firewall", Verb.UPDATE, group, rules=["in tcp 443 0.0.0.0/0", "in tcp 8443 0.0.0.0/0"])
    methods = [step.method for step in proposed.steps]
    assert methods == [
        "ec2.authorize_security_group_ingress",
        "ec2.revoke_security_group_ingress",
        "ec2.revoke_security_group_egress",
    ]
    (added,) = proposed.steps[0].arguments["IpPermissions"]
    assert (added["FromPort"], added["IpRanges"]) == (8443, [{"CidrIp": "0.0.0.0/0"}])


def test_a_termination_names_the_disks_that_go_with_the_machine(bench: Bench) -> None:
    machine = made(bench, "instance")
    kind = bench.driver.cloud.kind("instance")
    found = bench.driver.get(kind, "us-east-1", machine)
    assert found
    (disk,) = (edge.native_id for edge in found.relations if edge.edge == "disk")
    said = f"Deleted with it, marked delete-on-termination: {disk}."
    assert said in plan(bench, "instance", Verb.DELETE, machine).effects


@pytest.mark.parametrize(
    ("mapped", "said"),
    [
        ([{"VolumeId": "vol-1", "DeleteOnTermination": False}], "None of its disks is marked delete-on-termination."),
        ([{"VolumeId": "vol-1"}], "Disks marked delete-on-termination are deleted with it."),
        ([], "Disks marked delete-on-termination are deleted with it."),
    ],
)
def test_a_termination_claims_no_more_of_the_disks_than_the_answer_says(mapped: list[Any], said: str) -> None:
    raw = {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": disk} for disk in mapped]}
    machine = Found(cloud("aws").kind("instance"), "i-1", "web-1", "us-east-1", State.RUNNING, raw=raw)
    assert disks_that_go(machine) == said


@pytest.mark.parametrize(
    ("tags", "line"),
    [
        ({"deploy": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, "Tag deploy looks like an AWS secret access key"),
        ({"note": "password=hunter2hunter2"}, "Tag note looks like a secret with its label"),
        ({"AKIAIOSFODNN7EXAMPLE": "x"}, "A tag's name looks like an AWS access key ID"),
        ({"env": "prod", "note": None}, ""),
    ],
)
def test_a_tag_that_looks_like_a_secret_is_warned_of_without_repeating_it(
    bench: Bench, tags: dict[str, Any], line: str
) -> None:
    """Input 38: before it is stored, in the plan that a person reads."""
    warnings = plan(bench, "instance", Verb.TAG, made(bench, "instance"), tags=tags).warnings
    assert [each.partition(".")[0] for each in warnings] == ([line] if line else [])
    assert not any(text in str(warnings) for text in ("wJalr", "hunter2", "AKIAIOSFODNN7EXAMPLE"))
