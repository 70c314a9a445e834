"""S3 buckets and objects."""

import io
from typing import Any

import pytest

from sandbox.testing import Running
from tests.sandbox.conftest import PRODUCTION, Client, code_of

KEYS = ("../../etc/passwd", "a b/\u00fc?&.txt", "dir/", "x//y", ".", "..")


@pytest.fixture
def s3(client: Client) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="our-bucket")
    return made


def test_names_are_one_for_all_accounts(client: Client, s3: Any) -> None:
    assert code_of(s3.create_bucket, Bucket="our-bucket") == "BucketAlreadyOwnedByYou"
    assert code_of(client("s3", account="222222222222").create_bucket, Bucket="our-bucket") == "BucketAlreadyExists"
    assert code_of(client("s3", account="222222222222").head_bucket, Bucket="our-bucket") == "403"
    assert code_of(s3.create_bucket, Bucket="No_Good") == "InvalidBucketName"


def test_a_bucket_is_made_where_it_is_asked_for(client: Client, s3: Any) -> None:
    ireland = client("s3", "eu-west-1")
    assert code_of(ireland.create_bucket, Bucket="irish") == "IllegalLocationConstraintException"
    ireland.create_bucket(Bucket="irish", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3.get_bucket_location(Bucket="irish")["LocationConstraint"] == "eu-west-1"
    assert s3.get_bucket_location(Bucket="our-bucket").get("LocationConstraint") is None
    asked = {"Bucket": "other", "CreateBucketConfiguration": {"LocationConstraint": "nowhere-1"}}
    assert code_of(s3.create_bucket, **asked) == "InvalidLocationConstraint"


def test_another_region_is_told_the_right_one(client: Client, s3: Any, running: Running) -> None:
    asked: list[str] = []
    frankfurt = client("s3", "eu-central-1", fresh=True)
    frankfurt.meta.events.register(
        "before-send.s3", lambda request, **_: asked.append(str(request.headers["Authorization"]))
    )
    frankfurt.list_objects_v2(Bucket="our-bucket")
    assert "/eu-central-1/" in asked[0]
    assert "/us-east-1/" in asked[-1]


def test_buckets_are_listed_in_pages_with_their_regions(client: Client, s3: Any) -> None:
    for number in range(4):
        s3.create_bucket(Bucket=f"bucket-{number}")
    pages = list(s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Buckets"]) for page in pages] == [2, 2, 1]
    assert {one["BucketRegion"] for page in pages for one in page["Buckets"]} == {"us-east-1"}


def test_the_bucket_quota_holds(cloud: Running, s3: Any) -> None:
    cloud.control.quota(PRODUCTION, "buckets", 1)
    assert code_of(s3.create_bucket, Bucket="one-too-many") == "TooManyBuckets"


def test_settings_are_kept(s3: Any) -> None:
    assert code_of(s3.get_bucket_tagging, Bucket="our-bucket") == "NoSuchTagSet"
    tags = [{"Key": "note", "Value": "<b>&\u202e"}]
    s3.put_bucket_tagging(Bucket="our-bucket", Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket="our-bucket")["TagSet"] == tags
    s3.put_bucket_versioning(Bucket="our-bucket", VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket="our-bucket")["Status"] == "Enabled"
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket="our-bucket", ServerSideEncryptionConfiguration=rules)
    assert s3.get_bucket_encryption(Bucket="our-bucket")["ServerSideEncryptionConfiguration"] == rules
    for unset in ("policy", "policy_status", "lifecycle_configuration"):
        assert code_of(getattr(s3, f"get_bucket_{unset}"), Bucket="our-bucket").startswith("NoSuch")


def test_a_public_policy_needs_the_block_lifted(s3: Any) -> None:
    policy = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}'
    assert code_of(s3.put_bucket_policy, Bucket="our-bucket", Policy=policy) == "AccessDenied"
    s3.delete_public_access_block(Bucket="our-bucket")
    assert code_of(s3.get_public_access_block, Bucket="our-bucket") == "NoSuchPublicAccessBlockConfiguration"
    s3.put_bucket_policy(Bucket="our-bucket", Policy=policy)
    assert s3.get_bucket_policy_status(Bucket="our-bucket")["PolicyStatus"]["IsPublic"] is True


@pytest.mark.parametrize("key", KEYS)
def test_bytes_come_back_whatever_the_key(s3: Any, cloud: Running, key: str) -> None:
    s3.put_object(Bucket="our-bucket", Key=key, Body=b"hello", Metadata={"a": "b"})
    got = s3.get_object(Bucket="our-bucket", Key=key)
    assert (got["Body"].read(), got["Metadata"]) == (b"hello", {"a": "b"})
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="our-bucket")["Contents"]] == [key]
    files = [path for path in cloud.home.rglob("*") if path.is_file() and path.read_bytes() == b"hello"]
    assert len(files) == 1
    assert files[0].is_relative_to(cloud.home / "sandbox" / "aws" / "objects")
    s3.delete_object(Bucket="our-bucket", Key=key)
    assert not files[0].exists()


def test_a_streamed_body_arrives_whole(s3: Any) -> None:
    s3.put_object(Bucket="our-bucket", Key="stream", Body=io.BytesIO(b"z" * 300_000))
    assert s3.head_object(Bucket="our-bucket", Key="stream")["ContentLength"] == 300_000
    part = s3.get_object(Bucket="our-bucket", Key="stream", Range="bytes=10-19")
    assert (part["Body"].read(), part["ContentRange"]) == (b"z" * 10, "bytes 10-19/300000")


def test_objects_are_listed_in_pages_and_folders(s3: Any) -> None:
    for key in ("a/1", "a/2", "b/1", "c"):
        s3.put_object(Bucket="our-bucket", Key=key, Body=b"")
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="our-bucket", PaginationConfig={"PageSize": 3}))
    assert [one["Key"] for page in pages for one in page["Contents"]] == ["a/1", "a/2", "b/1", "c"]
    top = s3.list_objects_v2(Bucket="our-bucket", Delimiter="/")
    assert [one["Prefix"] for one in top["CommonPrefixes"]] == ["a/", "b/"]
    assert [one["Key"] for one in top["Contents"]] == ["c"]


def test_a_bucket_is_deleted_only_when_every_version_is_gone(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="our-bucket", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="our-bucket", Key="k", Body=body)
    s3.delete_object(Bucket="our-bucket", Key="k")
    assert code_of(s3.get_object, Bucket="our-bucket", Key="k") == "NoSuchKey"
    assert code_of(s3.delete_bucket, Bucket="our-bucket") == "BucketNotEmpty"
    listed = s3.list_object_versions(Bucket="our-bucket")
    rows = listed["Versions"] + listed["DeleteMarkers"]
    assert len(rows) == 3
    doomed = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in rows]
    s3.delete_objects(Bucket="our-bucket", Delete={"Objects": doomed})
    s3.delete_bucket(Bucket="our-bucket")
    assert code_of(s3.head_bucket, Bucket="our-bucket") == "404"
