"""EC2 instances as their users know them: launched once, in states over time, refused in EC2's words."""

from typing import Any

import pytest

from sandbox.testing import Running
from tests.sandbox.conftest import PRODUCTION, Client, code_of, image_of, launch, named, state_of


def test_an_instance_passes_through_its_states(ec2: Any, cloud: Running) -> None:
    id = launch(ec2)["InstanceId"]
    cloud.control.advance(2)
    assert state_of(ec2, id) == "pending"
    cloud.control.advance(25)
    assert state_of(ec2, id) == "running"
    ec2.stop_instances(InstanceIds=[id])
    assert state_of(ec2, id) == "stopping"
    cloud.control.advance(31)
    assert state_of(ec2, id) == "stopped"
    ec2.start_instances(InstanceIds=[id])
    cloud.control.advance(26)
    ec2.terminate_instances(InstanceIds=[id])
    assert state_of(ec2, id) == "shutting-down"
    cloud.control.advance(31)
    assert state_of(ec2, id) == "terminated"
    cloud.control.advance(3601)
    assert code_of(ec2.describe_instances, InstanceIds=[id]) == "InvalidInstanceID.NotFound"


def test_a_start_moves_the_launch_time_and_not_what_was_attached(ec2: Any, cloud: Running) -> None:
    def moments(id: str) -> tuple[Any, Any, Any]:
        (one,) = ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"]
        (interface,), (disk,) = one["NetworkInterfaces"], one["BlockDeviceMappings"]
        return one["LaunchTime"], interface["Attachment"]["AttachTime"], disk["Ebs"]["AttachTime"]

    cloud.control.reset(empty=False)
    stopped = ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["stopped"]}])
    id = stopped["Reservations"][0]["Instances"][0]["InstanceId"]
    before = moments(id)
    ec2.start_instances(InstanceIds=[id])
    cloud.control.advance(26)
    after = moments(id)
    assert after[0] > before[0]
    assert after[1:] == before[1:]


def test_a_new_instance_is_not_shown_at_once(ec2: Any, cloud: Running) -> None:
    cloud.control.fault("invisible", action="RunInstances", seconds=40)
    id = launch(ec2, ClientToken="once")["InstanceId"]
    cloud.control.advance(30)
    assert code_of(ec2.describe_instances, InstanceIds=[id]) == "InvalidInstanceID.NotFound"
    assert launch(ec2, ClientToken="once")["InstanceId"] == id
    cloud.control.advance(11)
    assert state_of(ec2, id) == "running"


def test_one_token_makes_one_instance(ec2: Any, cloud: Running) -> None:
    first = launch(ec2, ClientToken="token-1", TagSpecifications=named("web"))
    assert launch(ec2, ClientToken="token-1", TagSpecifications=named("web"))["InstanceId"] == first["InstanceId"]
    assert launch(ec2, ClientToken="token-2")["InstanceId"] != first["InstanceId"]
    asked = {
        "ImageId": image_of(ec2),
        "InstanceType": "t3.small",
        "MinCount": 1,
        "MaxCount": 1,
        "ClientToken": "token-1",
    }
    assert code_of(ec2.run_instances, **asked) == "IdempotentParameterMismatch"
    assert [entry["replayed"] for entry in cloud.control.ledger()] == [False, True, False]
    cloud.control.advance(2)
    filters = [{"Name": "client-token", "Values": ["token-1"]}]
    assert len(ec2.describe_instances(Filters=filters)["Reservations"]) == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"InstanceType": "t99.huge"}, "InvalidParameterValue"),
        ({"InstanceType": "t4g.micro"}, "InvalidParameterValue"),
        ({"ImageId": "ami-00000000000000000"}, "InvalidAMIID.NotFound"),
        ({"ImageId": "nonsense"}, "InvalidAMIID.Malformed"),
        ({"SubnetId": "subnet-00000000000000000"}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-00000000000000000"]}, "InvalidGroup.NotFound"),
        ({"MinCount": 0}, "InvalidParameterValue"),
        ({"Placement": {"AvailabilityZone": "us-east-1z"}}, "InvalidParameterValue"),
    ],
)
def test_a_launch_that_makes_no_sense_is_refused_and_changes_nothing(
    ec2: Any, cloud: Running, wrong: dict[str, Any], code: str
) -> None:
    asked = {"ImageId": image_of(ec2), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **wrong}
    assert code_of(ec2.run_instances, **asked) == code
    assert cloud.control.ledger() == []
    assert cloud.control.resources(kind="instance") == []


def test_the_vcpu_quota_holds_and_is_shown(client: Client, ec2: Any, cloud: Running) -> None:
    cloud.control.quota(PRODUCTION, "vcpus", 3, region="us-east-1")
    launch(ec2)
    asked = {"ImageId": image_of(ec2), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    assert code_of(ec2.run_instances, **asked) == "VcpuLimitExceeded"
    quota = client("service-quotas").get_service_quota(ServiceCode="ec2", QuotaCode="L-1216C47A")["Quota"]
    assert quota["Value"] == 3


def test_a_type_is_changed_only_when_stopped(ec2: Any, cloud: Running) -> None:
    id = launch(ec2)["InstanceId"]
    cloud.control.advance(26)
    resize = {"InstanceId": id, "InstanceType": {"Value": "t3.small"}}
    assert code_of(ec2.modify_instance_attribute, **resize) == "IncorrectInstanceState"
    ec2.stop_instances(InstanceIds=[id])
    cloud.control.advance(31)
    ec2.modify_instance_attribute(**resize)
    found = ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]
    assert found["InstanceType"] == "t3.small"


def test_a_protected_instance_is_not_terminated(ec2: Any, cloud: Running) -> None:
    id = launch(ec2, DisableApiTermination=True)["InstanceId"]
    cloud.control.advance(26)
    assert code_of(ec2.terminate_instances, InstanceIds=[id]) == "OperationNotPermitted"
    ec2.modify_instance_attribute(InstanceId=id, DisableApiTermination={"Value": False})
    assert ec2.terminate_instances(InstanceIds=[id])["TerminatingInstances"]


def test_user_data_is_kept_but_never_listed_or_logged(ec2: Any, cloud: Running) -> None:
    id = launch(ec2, UserData="secret-in-user-data")["InstanceId"]
    cloud.control.advance(2)
    value = ec2.describe_instance_attribute(InstanceId=id, Attribute="userData")["UserData"]["Value"]
    assert value == "c2VjcmV0LWluLXVzZXItZGF0YQ=="
    assert value not in str(ec2.describe_instances()) + str(cloud.control.ledger())


def test_pages_hold_what_was_asked_for_and_nothing_twice(ec2: Any, cloud: Running) -> None:
    asked = {"ImageId": image_of(ec2), "InstanceType": "t3.micro", "MaxCount": 12}
    ec2.run_instances(MinCount=12, **asked)
    cloud.control.advance(2)
    pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))
    ids = [one["InstanceId"] for page in pages for group in page["Reservations"] for one in group["Instances"]]
    assert (len(pages), len(ids), len(set(ids))) == (3, 12, 12)
    assert code_of(ec2.describe_instances, NextToken="nonsense") == "InvalidNextToken"


def test_tags_and_filters(ec2: Any, cloud: Running) -> None:
    id = launch(ec2, TagSpecifications=named("web-1"))["InstanceId"]
    launch(ec2, TagSpecifications=named("db-1"))
    cloud.control.advance(2)
    ec2.create_tags(Resources=[id], Tags=[{"Key": "env", "Value": "<b>&\u202e"}])

    def found(name: str, *values: str) -> list[str]:
        answer = ec2.describe_instances(Filters=[{"Name": name, "Values": list(values)}])
        return [one["InstanceId"] for group in answer["Reservations"] for one in group["Instances"]]

    assert found("tag:Name", "web-*") == found("tag:env", "<b>&\u202e") == [id]
    assert len(found("instance-state-name", "pending")) == 2
    ec2.delete_tags(Resources=[id], Tags=[{"Key": "env"}])
    assert found("tag-key", "env") == []
    assert code_of(ec2.describe_instances, Filters=[{"Name": "nonsense", "Values": ["x"]}]) == "InvalidParameterValue"
    assert code_of(ec2.create_tags, Resources=[id], Tags=[{"Key": "aws:x", "Value": ""}]) == "InvalidParameterValue"


def test_a_reboot_is_found_again_in_the_trail_by_its_user_agent(client: Client, cloud: Running) -> None:
    ec2 = client("ec2", fresh=True)
    id = launch(ec2)["InstanceId"]
    cloud.control.advance(26)
    ec2.meta.events.register(
        "before-send.ec2.RebootInstances",
        lambda request, **_: request.headers.__setitem__("User-Agent", "multicloud/op-81"),
    )
    ec2.reboot_instances(InstanceIds=[id])
    trail = client("cloudtrail")
    lookup = [{"AttributeKey": "EventName", "AttributeValue": "RebootInstances"}]
    assert trail.lookup_events(LookupAttributes=lookup)["Events"] == []
    cloud.control.advance(301)
    (event,) = trail.lookup_events(LookupAttributes=lookup)["Events"]
    assert '"userAgent": "multicloud/op-81"' in event["CloudTrailEvent"]
    assert event["Resources"][0]["ResourceName"] == id
