"""A sandbox of its own for these tests, asked through boto3 as anyone would. Tests move its time."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.aws.auth import ACCOUNTS
from sandbox.testing import Running, start

PRODUCTION = "111111111111"

Client = Callable[..., Any]


def boto_client(address: str, service: str, region: str = "us-east-1", account: str = PRODUCTION, **more: Any) -> Any:
    """A client without retries of its own, so that each test sees each answer."""
    _name, key, secret = ACCOUNTS[account]
    keys = {"aws_access_key_id": more.pop("key", key), "aws_secret_access_key": more.pop("secret", secret)}
    config = Config(retries={"total_max_attempts": 1}, read_timeout=more.pop("timeout", 10), connect_timeout=5)
    return boto3.client(service, region_name=region, endpoint_url=address, config=config, **keys, **more)


#: Making a client costs more than most calls, so that tests share those they leave as they are.
known_client = cache(boto_client)


#: A simulated second lasts this many real ones, so that a busy machine does not move the time that a test holds.
SLOW = 20


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    sandbox = start(tmp_path_factory.mktemp("sandbox"), speed=1 / SLOW, empty=True)
    advance = sandbox.control.advance
    sandbox.control.advance = lambda seconds: advance(seconds * SLOW)  # type: ignore[method-assign] - in simulated seconds
    yield sandbox
    sandbox.stop()


@pytest.fixture
def cloud(running: Running) -> Running:
    """The sandbox with empty accounts, all faults off, and time at its pace again."""
    running.control.reset(empty=True)
    running.control.speed(1 / SLOW)
    return running


@pytest.fixture
def client(cloud: Running) -> Client:
    def make(service: str, region: str = "us-east-1", fresh: bool = False, **more: Any) -> Any:
        """`fresh`: a client of this test's own, which it may change."""
        return (boto_client if fresh else known_client)(cloud.address, service, region, **more)

    return make


@pytest.fixture
def ec2(client: Client) -> Any:
    return client("ec2")


def code_of(call: Callable[..., Any], **parameters: Any) -> str:
    """The vendor's code with which this call is refused."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"])


def image_of(ec2: Any) -> str:
    filters = [{"Name": "architecture", "Values": ["x86_64"]}, {"Name": "name", "Values": ["debian-12-*"]}]
    return str(ec2.describe_images(Owners=["136693071363"], Filters=filters)["Images"][0]["ImageId"])


def launch(ec2: Any, **more: Any) -> dict[str, Any]:
    """One instance, freshly launched."""
    asked = {"ImageId": image_of(ec2), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **more}
    return dict(ec2.run_instances(**asked)["Instances"][0])


def named(name: str, kind: str = "instance") -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def state_of(ec2: Any, instance: str) -> str:
    return str(ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"])
