"""The fault switch: each fault does to a real client what its name says, and the ledger says whether it was done."""

import subprocess
import sys
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from sandbox.control import Control
from sandbox.testing import Running
from tests.sandbox.conftest import PRODUCTION, Client, code_of, image_of, launch
from vocabulary.errors import InvalidParameter


def test_throttling_says_when_to_come_back(client: Client, cloud: Running, ec2: Any) -> None:
    cloud.control.fault("throttle", service="ec2", action="Describe*", count=1, retry_after=3)
    with pytest.raises(ClientError) as refused:
        ec2.describe_instances()
    answer = refused.value.response
    assert answer["Error"]["Code"] == "RequestLimitExceeded"
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["ResponseMetadata"]["HTTPHeaders"]["retry-after"]) == (
        503,
        "3",
    )
    assert ec2.describe_instances()["Reservations"] == []
    cloud.control.fault("throttle", service="s3")
    assert code_of(client("s3").list_buckets) == "SlowDown"


def test_a_rate_is_drawn_from_its_seed(cloud: Running, ec2: Any) -> None:
    def struck(seed: int) -> list[bool]:
        rule = cloud.control.fault("error", action="DescribeRegions", rate=0.5, seed=seed)
        outcomes = []
        for _ in range(12):
            try:
                ec2.describe_regions()
                outcomes.append(False)
            except ClientError:
                outcomes.append(True)
        cloud.control.clear(rule)
        return outcomes

    first = struck(7)
    assert first == struck(7)
    assert first != struck(8)
    assert 0 < sum(first) < 12


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_error_before_does_nothing_and_an_error_after_has_done_it(cloud: Running, ec2: Any, status: int) -> None:
    image = image_of(ec2)
    asked = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "ClientToken": "once"}
    cloud.control.fault("error", action="RunInstances", status=status, count=1)
    code_of(ec2.run_instances, **asked)
    assert cloud.control.ledger() == []
    cloud.control.fault("error_after", action="RunInstances", status=status, count=1)
    code_of(ec2.run_instances, **asked)
    (entry,) = cloud.control.ledger()
    assert ec2.run_instances(**asked)["Instances"][0]["InstanceId"] == entry["native_ids"][0]


@pytest.mark.parametrize("fault", [{"kind": "hold", "seconds": 3}, {"kind": "cut", "at": 20}, {"kind": "reset_after"}])
def test_an_answer_that_does_not_arrive_was_done_all_the_same(
    client: Client, cloud: Running, fault: dict[str, Any]
) -> None:
    ec2 = client("ec2", timeout=1)
    image = image_of(ec2)
    cloud.control.fault(**fault, action="RunInstances", count=1)
    with pytest.raises((BotoCoreError, ResponseParserError)):
        ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    assert [entry["action"] for entry in cloud.control.ledger()] == ["RunInstances"]


def test_a_wrong_length_passes_boto3_unseen_when_the_document_is_whole(cloud: Running, ec2: Any) -> None:
    cloud.control.fault("wrong_length", action="DescribeRegions", extra=100)
    answer = ec2.describe_regions()
    said, sent = int(answer["ResponseMetadata"]["HTTPHeaders"]["content-length"]), len(answer["Regions"])
    assert sent == 18
    cloud.control.clear()
    assert said == int(ec2.describe_regions()["ResponseMetadata"]["HTTPHeaders"]["content-length"]) + 100


def test_a_broken_connection_before_does_nothing(cloud: Running, ec2: Any) -> None:
    image = image_of(ec2)
    cloud.control.fault("reset", action="RunInstances")
    with pytest.raises(BotoCoreError):
        ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    assert cloud.control.ledger() == []


def test_answers_nobody_can_use(cloud: Running, ec2: Any) -> None:
    launch(ec2)
    cloud.control.advance(2)
    # A well-formed page of HTML is XML to boto3: it comes back as an answer without a list, and without an error.
    for kind in ("html", "schema", "null_list"):
        cloud.control.fault(kind, action="DescribeInstances", count=1)
        assert "Reservations" not in ec2.describe_instances()
    cloud.control.fault("html", action="DescribeInstances", count=1, well_formed=False)
    with pytest.raises(ResponseParserError):
        ec2.describe_instances()
    assert ec2.describe_instances()["Reservations"]


def test_paging_goes_wrong_in_three_ways(cloud: Running, ec2: Any) -> None:
    ec2.run_instances(ImageId=image_of(ec2), InstanceType="t3.micro", MinCount=11, MaxCount=11)
    cloud.control.advance(2)

    def ids(token: str | None = None) -> tuple[list[str], str | None]:
        answer = ec2.describe_instances(MaxResults=5, **({"NextToken": token} if token else {}))
        found = [one["InstanceId"] for group in answer["Reservations"] for one in group["Instances"]]
        return found, answer.get("NextToken")

    first, token = ids()
    rule = cloud.control.fault("page_fail", action="DescribeInstances")
    assert ids()[0] == first
    with pytest.raises(ClientError):
        ids(token)
    cloud.control.clear(rule)
    rule = cloud.control.fault("token_loop", action="DescribeInstances")
    assert ids(token)[1] == token
    cloud.control.clear(rule)
    second, _ = ids(token)
    cloud.control.fault("moved", action="DescribeInstances")
    assert ids(token)[0][0] == second[1]


def test_a_key_is_revoked_in_mid_run(cloud: Running, ec2: Any) -> None:
    cloud.control.fault("unauthorized", service="ec2", skip=2)
    ec2.describe_regions()
    ec2.describe_regions()
    assert code_of(ec2.describe_regions) == "AuthFailure"


def test_a_right_is_lost(cloud: Running, ec2: Any) -> None:
    cloud.control.fault("deny", action="CreateVolume")
    assert code_of(ec2.create_volume, AvailabilityZone="us-east-1a", Size=1) == "UnauthorizedOperation"


def test_a_region_is_out_and_the_others_work(client: Client, cloud: Running) -> None:
    cloud.control.fault("outage", region="eu-west-1")
    assert code_of(client("ec2", "eu-west-1").describe_instances) == "Unavailable"
    assert client("ec2", "us-east-1").describe_instances()["Reservations"] == []


def test_what_was_accepted_may_fail_later(cloud: Running, ec2: Any) -> None:
    cloud.control.fault("fail_later", action="RunInstances")
    id = launch(ec2)["InstanceId"]
    cloud.control.advance(26)
    found = ec2.describe_instances(InstanceIds=[id])["Reservations"][0]["Instances"][0]
    assert (found["State"]["Name"], found["StateReason"]["Code"]) == ("terminated", "Server.InternalError")


def test_another_account_or_region_answers(client: Client, cloud: Running, ec2: Any) -> None:
    launch(ec2)
    cloud.control.advance(2)
    cloud.control.fault("wrong_account", service="sts", answer_account="222222222222")
    assert client("sts").get_caller_identity()["Account"] == "222222222222"
    cloud.control.fault("wrong_region", region="eu-west-1", answer_region="us-east-1")
    found = client("ec2", "eu-west-1").describe_instances()["Reservations"][0]
    assert found["OwnerId"] == PRODUCTION
    assert found["Instances"][0]["Placement"]["AvailabilityZone"].startswith("us-east-1")


def test_the_caller_dies_after_it_was_done(cloud: Running, ec2: Any) -> None:
    image = image_of(ec2)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        cloud.control.fault("kill_pid", action="RunInstances", pid=victim.pid)
        ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
        assert victim.wait(timeout=10) == -9
    assert len(cloud.control.ledger()) == 1


def test_a_fault_nobody_knows_is_refused(cloud: Running) -> None:
    with pytest.raises(InvalidParameter, match="no fault is called"):
        cloud.control.fault("gremlins")
    with pytest.raises(InvalidParameter):
        cloud.control.quota(PRODUCTION, "nonsense", 1)


def test_things_change_behind_the_products_back(cloud: Running, ec2: Any) -> None:
    first, second = launch(ec2)["InstanceId"], launch(ec2)["InstanceId"]
    cloud.control.advance(26)
    cloud.control.delete(first)
    cloud.control.alter(second, state="stopped", tags={"Name": "renamed"}, data={"InstanceType": "m5.large"})
    (left,) = [one for group in ec2.describe_instances()["Reservations"] for one in group["Instances"]]
    assert (left["InstanceId"], left["InstanceType"], left["State"]["Name"]) == (second, "m5.large", "stopped")
    assert [entry["action"] for entry in cloud.control.ledger()] == ["RunInstances", "RunInstances"]


def test_calls_are_counted(cloud: Running, ec2: Any) -> None:
    cloud.control.forget_calls()
    ec2.describe_regions()
    ec2.describe_regions()
    assert cloud.control.calls() == {"ec2:DescribeRegions": 2}


def test_a_page_in_a_browser_cannot_reach_the_switches(cloud: Running) -> None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    with pytest.raises(HTTPError, match="403"):
        urlopen(Request(f"{cloud.address}/_sandbox/reset", b"{}", {"Content-Type": "text/plain"}))
    with pytest.raises(HTTPError, match="403"):
        urlopen(Request(f"{cloud.address}/_sandbox/health", headers={"Host": "evil.example"}))
    assert Control(cloud.address).health()["cloud"] == "aws"
