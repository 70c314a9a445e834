"""The sandbox says what real answers say: every field that nearly all recorded ones have, in the same type."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Running
from tests.sandbox.conftest import Client, launch

#: A field counts as usual when at least this share of the recorded answers has it.
USUAL = 0.8

LISTINGS = {
    "ec2.DescribeInstances": "Reservations[].Instances[]",
    "ec2.DescribeVolumes": "Volumes[]",
    "ec2.DescribeSecurityGroups": "SecurityGroups[]",
    "ec2.DescribeImages": "Images[]",
    "ec2.DescribeVpcs": "Vpcs[]",
    "ec2.DescribeSubnets": "Subnets[]",
    "ec2.DescribeTags": "Tags[]",
    "ec2.DescribeVolumesModifications": "VolumesModifications[]",
    "s3.ListBuckets": "Buckets[]",
    "s3.ListObjectVersions": "Versions[]",
}


def at(value: Any, path: str) -> list[Any]:
    values = [value]
    for step in path.split("."):
        values = [item for one in values for item in one.get(step.removesuffix("[]"), [])]
    return values


def recorded(folder: Path, operation: str, path: str) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob(f"*/{operation}_*.json")):
        answer = json.loads(file.read_text())
        if answer.get("status_code") == 200:
            yield from at(answer["data"], path)


def kind_of(value: Any) -> str:
    if isinstance(value, datetime) or (isinstance(value, dict) and value.get("__class__") == "datetime"):
        return "moment"
    return "moment" if isinstance(value, str) and value[4:5] == "-" and "T" in value else type(value).__name__


@pytest.fixture
def said(client: Client, cloud: Running) -> dict[str, dict[str, Any]]:
    """One answer of the sandbox for each listing."""
    ec2, s3 = client("ec2"), client("s3")
    cloud.control.advance(0)
    launch(
        ec2, TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}], KeyName="key"
    )
    s3.create_bucket(Bucket="our-bucket")
    s3.put_object(Bucket="our-bucket", Key="k", Body=b"1")
    cloud.control.advance(30)
    volume = ec2.describe_volumes()["Volumes"][0]["VolumeId"]
    ec2.modify_volume(VolumeId=volume, Size=50)
    answers = {
        "ec2.DescribeInstances": ec2.describe_instances(),
        "ec2.DescribeVolumes": ec2.describe_volumes(),
        "ec2.DescribeSecurityGroups": ec2.describe_security_groups(),
        "ec2.DescribeImages": ec2.describe_images(),
        "ec2.DescribeVpcs": ec2.describe_vpcs(),
        "ec2.DescribeSubnets": ec2.describe_subnets(),
        "ec2.DescribeTags": ec2.describe_tags(),
        "ec2.DescribeVolumesModifications": ec2.describe_volumes_modifications(VolumeIds=[volume]),
        "s3.ListBuckets": s3.list_buckets(),
        "s3.ListObjectVersions": s3.list_object_versions(Bucket="our-bucket"),
    }
    return {operation: at(answer, LISTINGS[operation])[0] for operation, answer in answers.items()}


@pytest.mark.parametrize("operation", LISTINGS)
def test_an_answer_has_what_recorded_ones_have(
    reference_data: Path, said: dict[str, dict[str, Any]], operation: str
) -> None:
    items = list(recorded(reference_data / "recorded" / "aws", operation, LISTINGS[operation]))
    assert items, f"nothing is recorded of {operation}"
    counted = Counter(field for item in items for field in item)
    usual = {field for field, times in counted.items() if times >= USUAL * len(items)}
    assert usual - said[operation].keys() == set()
    for field in usual & said[operation].keys():
        kinds = {kind_of(item[field]) for item in items if field in item}
        assert kind_of(said[operation][field]) in kinds, field
