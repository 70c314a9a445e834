"""What is set on an S3 bucket: tags, versioning, encryption, public access, policy, ACL and the rest.

Most settings are one value that is put, got and deleted; a table says what each is called.
"""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.aws.calls import Call, handles
from sandbox.aws.errors import Refused
from sandbox.aws.s3_buckets import BY_S3, bucket_asked, owner_id
from sandbox.store import Thing


@dataclass(frozen=True)
class Setting:
    """One setting: the noun in the calls' names, the parameter that carries it, S3's code when it is not set (""
    answers empty).
    """

    noun: str
    parameter: str
    field: str
    unset: str = ""
    words: str = ""
    whole: bool = True
    deletes: bool = False


SETTINGS = (
    Setting("BucketVersioning", "VersioningConfiguration", "versioning", whole=False),
    Setting("BucketLogging", "BucketLoggingStatus", "logging", whole=False),
    Setting(
        "BucketEncryption",
        "ServerSideEncryptionConfiguration",
        "encryption",
        "ServerSideEncryptionConfigurationNotFoundError",
        "The server side encryption configuration was not found",
    ),
    Setting(
        "PublicAccessBlock",
        "PublicAccessBlockConfiguration",
        "public_access_block",
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
        deletes=True,
    ),
    Setting(
        "BucketOwnershipControls",
        "OwnershipControls",
        "ownership",
        "OwnershipControlsNotFoundError",
        "The bucket ownership controls were not found",
        deletes=True,
    ),
    Setting(
        "BucketLifecycleConfiguration",
        "LifecycleConfiguration",
        "lifecycle",
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist",
        whole=False,
    ),
)


def changed(call: Call, bucket: Thing) -> dict[str, Any]:
    call.store.put(bucket)
    call.accepted("bucket", bucket, name=bucket.id, region=bucket.region)
    return {}


def not_set(code: str, words: str, bucket: Thing) -> Refused:
    return Refused(code, words, 404, BucketName=bucket.id)


def register(setting: Setting) -> None:
    """Make the handlers of one setting."""

    @handles("s3", f"Get{setting.noun}")
    def get(call: Call) -> dict[str, Any]:
        bucket = bucket_asked(call)
        value = bucket.data.get(setting.field)
        if value is None and setting.unset:
            raise not_set(setting.unset, setting.words, bucket)
        return {setting.parameter: value} if setting.whole else dict(value or {})

    @handles("s3", f"Put{setting.noun}")
    def put(call: Call) -> dict[str, Any]:
        bucket = bucket_asked(call)
        bucket.data[setting.field] = call.params.get(setting.parameter, {})
        return changed(call, bucket)

    if setting.deletes:

        @handles("s3", f"Delete{setting.noun}")
        def delete(call: Call) -> dict[str, Any]:
            bucket = bucket_asked(call)
            bucket.data.pop(setting.field, None)
            return changed(call, bucket)


for _setting in SETTINGS:
    register(_setting)


@handles("s3", "DeleteBucketEncryption")
def delete_bucket_encryption(call: Call) -> dict[str, Any]:
    bucket = bucket_asked(call)
    # Since 2023 S3 always encrypts: taking the setting away goes back to its own keys.
    bucket.data["encryption"] = BY_S3
    return changed(call, bucket)


@handles("s3", "DeleteBucketLifecycle")
def delete_bucket_lifecycle(call: Call) -> dict[str, Any]:
    bucket = bucket_asked(call)
    bucket.data.pop("lifecycle", None)
    return changed(call, bucket)


@handles("s3", "GetBucketTagging")
def get_bucket_tagging(call: Call) -> dict[str, Any]:
    bucket = bucket_asked(call)
    if not bucket.tags:
        raise not_set("NoSuchTagSet", "The TagSet does not exist", bucket)
    return {"TagSet": [{"Key": key, "Value": value} for key, value in bucket.tags.items()]}


@handles("s3", "PutBucketTagging")
def put_bucket_tagging(call: Call) -> dict[str, Any]:
    bucket, given = bucket_asked(call), call.params["Tagging"]["TagSet"]
    tags = {tag["Key"]: tag["Value"] for tag in given}
    if len(tags) != len(given):
        raise Refused("InvalidTag", "Cannot provide multiple Tags with the same key")
    if len(tags) > 50:
        raise Refused("BadRequest", "Bucket tag count cannot be greater than 50")
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or len(value) > 256:
            raise Refused("InvalidTag", "The TagKey or TagValue you have provided is invalid")
        if key.lower().startswith("aws:") and bucket.tags.get(key) != value:
            raise Refused("InvalidTag", "System tags cannot be added/updated by requester")
    bucket.tags = tags
    return changed(call, bucket)


@handles("s3", "DeleteBucketTagging")
def delete_bucket_tagging(call: Call) -> dict[str, Any]:
    bucket = bucket_asked(call)
    bucket.tags = {}
    return changed(call, bucket)


def is_public(policy: str | None) -> bool:
    """Whether a bucket policy lets anyone in: an allowing statement for everybody, without a condition."""
    statements = json.loads(policy).get("Statement", []) if policy else []
    for one in statements if isinstance(statements, list) else [statements]:
        if one.get("Effect") == "Allow" and one.get("Principal") in ("*", {"AWS": "*"}) and not one.get("Condition"):
            return True
    return False


@handles("s3", "GetBucketPolicy")
def get_bucket_policy(call: Call) -> dict[str, Any]:
    bucket = bucket_asked(call)
    if not bucket.data.get("policy"):
        raise not_set("NoSuchBucketPolicy", "The bucket policy does not exist", bucket)
    return {"Policy": bucket.data["policy"]}


@handles("s3", "PutBucketPolicy")
def put_bucket_policy(call: Call) -> dict[str, Any]:
    bucket, policy = bucket_asked(call), call.params["Policy"]
    try:
        public = is_public(policy)
    except (ValueError, AttributeError):
        raise Refused("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'") from None
    if public and (bucket.data.get("public_access_block") or {}).get("BlockPublicPolicy"):
        words = "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
        raise Refused(
            "AccessDenied",
            f"User: {call.key.data['Arn']} is not authorized to perform: s3:PutBucketPolicy because {words}",
            403,
        )
    bucket.data["policy"] = policy
    return changed(call, bucket)


@handles("s3", "DeleteBucketPolicy")
def delete_bucket_policy(call: Call) -> dict[str, Any]:
    bucket = bucket_asked(call)
    bucket.data.pop("policy", None)
    return changed(call, bucket)


@handles("s3", "GetBucketPolicyStatus")
def get_bucket_policy_status(call: Call) -> dict[str, Any]:
    bucket = bucket_asked(call)
    if not bucket.data.get("policy"):
        raise not_set("NoSuchBucketPolicy", "The bucket policy does not exist", bucket)
    restricted = (bucket.data.get("public_access_block") or {}).get("RestrictPublicBuckets", False)
    return {"PolicyStatus": {"IsPublic": is_public(bucket.data["policy"]) and not restricted}}


ALL_USERS = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}


@handles("s3", "GetBucketAcl")
def get_bucket_acl(call: Call) -> dict[str, Any]:
    bucket = bucket_asked(call)
    owner = {"ID": owner_id(bucket.account)}
    grants = [{"Grantee": {"Type": "CanonicalUser", **owner}, "Permission": "FULL_CONTROL"}]
    if bucket.data.get("acl") in ("public-read", "public-read-write"):
        grants.append({"Grantee": ALL_USERS, "Permission": "READ"})
    return {"Owner": owner, "Grants": grants}


@handles("s3", "PutBucketAcl")
def put_bucket_acl(call: Call) -> dict[str, Any]:
    bucket, acl = bucket_asked(call), call.params.get("ACL", "private")
    rules = (bucket.data.get("ownership") or {}).get("Rules", [])
    if any(rule["ObjectOwnership"] == "BucketOwnerEnforced" for rule in rules):
        raise Refused("AccessControlListNotSupported", "The bucket does not allow ACLs")
    if acl.startswith("public") and (bucket.data.get("public_access_block") or {}).get("BlockPublicAcls"):
        raise Refused("AccessDenied", "Access Denied", 403)
    bucket.data["acl"] = acl
    return changed(call, bucket)
