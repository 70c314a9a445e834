"""S3 buckets: found in all accounts and regions, created under S3's rules for names and places, deleted when empty."""

import re
from typing import Any

from sandbox.aws.auth import ACCOUNTS
from sandbox.aws.calls import Call, handles
from sandbox.aws.catalog import REGIONS
from sandbox.aws.errors import Refused
from sandbox.clock import moment
from sandbox.store import Thing

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
BY_S3 = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}


def owner_id(account: str) -> str:
    """The canonical user id of an account."""
    return f"{int(account):064x}"


def anywhere(call: Call, name: str) -> Thing | None:
    """The bucket with this name, whoever owns it, wherever it is."""
    shelves = (call.store.shelf(account, region, "bucket") for account in ACCOUNTS for region in REGIONS)
    return next((shelf[name] for shelf in shelves if name in shelf), None)


def bucket_asked(call: Call) -> Thing:
    """The bucket that this call is about, if the caller owns it and asks in its region."""
    name = call.params["Bucket"]
    bucket = anywhere(call, name)
    if bucket is None or bucket.visible_at > call.clock.now():
        raise Refused("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name)
    if bucket.account != call.account or call.params.get("ExpectedBucketOwner", bucket.account) != bucket.account:
        raise Refused("AccessDenied", "Access Denied", 403)
    if call.region not in (bucket.region, "aws-global") and not (
        call.action == "GetBucketLocation" and call.region == "us-east-1"
    ):
        headers = {"x-amz-bucket-region": bucket.region}
        if call.region == "us-east-1":
            words = (
                f"The authorization header is malformed; the region 'us-east-1' is wrong; expecting '{bucket.region}'"
            )
            raise Refused("AuthorizationHeaderMalformed", words, 400, headers, Region=bucket.region)
        words = "The bucket you are attempting to access must be addressed using the specified endpoint."
        endpoint = f"{name}.s3.{bucket.region}.amazonaws.com"
        raise Refused("PermanentRedirect", words, 301, headers, Bucket=name, Endpoint=endpoint)
    return bucket


def objects_kind(name: str) -> str:
    return f"object:{name}"


def objects_of(call: Call, bucket: Thing) -> list[Thing]:
    """Every version of every object, delete markers included: by key, newest first."""
    found = call.store.shelf(bucket.account, bucket.region, objects_kind(bucket.id)).values()
    return sorted(found, key=lambda one: (str(one.data["Key"]).encode(), -one.data["seq"]))


@handles("s3", "ListBuckets")
def list_buckets(call: Call) -> dict[str, Any]:
    wanted, prefix = call.params.get("BucketRegion"), call.params.get("Prefix", "")
    found = [bucket for region in REGIONS for bucket in call.things("bucket", region=region)]
    found = [one for one in found if one.id.startswith(prefix) and wanted in (None, one.region)]
    page, token = call.page(
        sorted(found, key=lambda one: one.id), most=10000, size="MaxBuckets", token="ContinuationToken"
    )
    rows = [
        {
            "Name": one.id,
            "CreationDate": one.data["CreationDate"],
            "BucketRegion": one.region,
            "BucketArn": f"arn:aws:s3:::{one.id}",
        }
        for one in page
    ]
    answer: dict[str, Any] = {"Buckets": rows, "Owner": {"ID": owner_id(call.account)}, "ContinuationToken": token}
    return {**answer, "Prefix": prefix} if prefix else answer


def check_name(name: str) -> None:
    good = _NAME.fullmatch(name) and ".." not in name and not name.startswith("xn--") and not name.endswith("-s3alias")
    looks_like_an_address = re.fullmatch(r"\d+(\.\d+){3}", name)
    if not good or looks_like_an_address:
        raise Refused("InvalidBucketName", "The specified bucket is not valid.", 400, BucketName=name)


def place(call: Call, configuration: dict[str, Any]) -> str:
    """The region of a new bucket. S3 wants it said, and to be the one that is asked, but for us-east-1, where it must
    not be said.
    """
    asked = configuration.get("LocationConstraint")
    region = "us-east-1" if call.region == "aws-global" else call.region
    if region == "us-east-1" and asked == "us-east-1":
        raise Refused("InvalidLocationConstraint", "The specified location-constraint is not valid")
    if (asked or "us-east-1") != region:
        said = f"The {asked or 'unspecified'} location constraint"
        words = f"{said} is incompatible for the region specific endpoint this request was sent to."
        raise Refused("IllegalLocationConstraintException", words)
    return region


@handles("s3", "CreateBucket")
def create_bucket(call: Call) -> dict[str, Any]:
    name, configuration = call.params["Bucket"], call.params.get("CreateBucketConfiguration", {})
    check_name(name)
    region = place(call, configuration)
    known = anywhere(call, name)
    if known is not None and known.account == call.account:
        words = "Your previous request to create the named bucket succeeded and you already own it."
        raise Refused("BucketAlreadyOwnedByYou", words, 409, BucketName=name)
    if known is not None:
        words = "The requested bucket name is not available. The bucket namespace is shared by all users of the system."
        raise Refused("BucketAlreadyExists", words, 409, BucketName=name)
    count = sum(len(call.store.shelf(call.account, region, "bucket")) for region in REGIONS)
    if count + 1 > call.quota("buckets"):
        raise Refused("TooManyBuckets", "You have attempted to create more buckets than allowed", 400)
    ownership = call.params.get("ObjectOwnership", "BucketOwnerEnforced")
    data = {
        "CreationDate": moment(),
        "encryption": BY_S3,
        "public_access_block": dict(BLOCKED),
        "ownership": {"Rules": [{"ObjectOwnership": ownership}]},
    }
    tags = {tag["Key"]: tag["Value"] for tag in configuration.get("Tags", [])}
    visible = {} if "invisible" in call.faults else {"visible_at": 0.0}
    bucket = call.add("bucket", name, data, region=region, tags=tags, state="available", **visible)
    call.accepted("bucket", bucket, name=name, region=region)
    return {"Location": f"/{name}"}


@handles("s3", "HeadBucket")
def head_bucket(call: Call) -> dict[str, Any]:
    return {"BucketRegion": bucket_asked(call).region}


@handles("s3", "GetBucketLocation")
def get_bucket_location(call: Call) -> dict[str, Any]:
    region = bucket_asked(call).region
    return {"LocationConstraint": None if region == "us-east-1" else region}


@handles("s3", "DeleteBucket")
def delete_bucket(call: Call) -> dict[str, Any]:
    bucket = bucket_asked(call)
    if objects_of(call, bucket):
        raise Refused("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, BucketName=bucket.id)
    call.store.remove(bucket)
    call.accepted("bucket", bucket, name=bucket.id, region=bucket.region)
    return {}
