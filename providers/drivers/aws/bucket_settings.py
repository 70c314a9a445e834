"""What is set on an S3 bucket, in neutral words and back: versioning, encryption, public access and tags. Pure
functions.

`buckets` has the row that names them.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any

from providers.drivers.aws.tags import refuse_reserved
from providers.drivers.kind import Call, Found
from vocabulary.errors import Conflict, InvalidParameter
from vocabulary.words import Verb

#: What reading a bucket with all its facts needs. A missing one but the first makes a fact unknown.
READING = (
    "s3:ListAllMyBuckets",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketPolicyStatus",
)
SETTING = ("s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutBucketTagging")

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, read 2026-11-24.
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def bucket_name(name: str) -> str:
    """The name, if S3 allows it. Raises ValueError with the rule that it breaks."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name[:70]!r} is not 3 to 63 small letters, digits, hyphens and dots, with a letter or digit at each end"
        )
    if ".." in name or name.startswith(_PREFIXES) or name.endswith(_SUFFIXES):
        raise ValueError(f"{name!r} has two dots in a row, or a beginning or ending that S3 keeps for itself")
    try:
        ip_address(name)
    except ValueError:
        return name
    raise ValueError(f"{name!r} looks like an IP address")


def shaped(item: dict[str, Any]) -> dict[str, Any]:
    """A listed bucket with what its details said, as the row's fields want it. None stands for what was not
    obtained.
    """
    region = item.get("BucketRegion") or item.get("region")
    encryption = item.get("encryption") or {}
    return {
        **item,
        # "EU" is what S3 called eu-west-1 until 2008, and still says of buckets from then.
        "Region": "eu-west-1" if region == "EU" else region,
        "Versioning": item["versioning"] == "Enabled" if "versioning" in item else None,
        "Encryption": encryption.get("SSEAlgorithm"),
        "Key": encryption.get("KMSMasterKeyID"),
        "BlockPublicAccess": _blocked(item["block_public_access"]) if "block_public_access" in item else None,
        "PublicByPolicy": bool((item["public_by_policy"] or {}).get("IsPublic"))
        if "public_by_policy" in item
        else None,
    }


def _blocked(block: Mapping[str, Any] | None) -> bool | None:
    """Whether all public access is blocked; None when some of the four switches are on and others off."""
    switches = {bool((block or {}).get(name)) for name in BLOCKS}
    return switches.pop() if len(switches) == 1 else None


def for_bucket(verb: Verb, values: Mapping[str, Any], found: Found | None) -> Mapping[str, Any]:
    """The template values of a bucket: its settings and tags in S3's shapes."""
    if verb is Verb.TAG:
        return tags_for(values, found)
    if verb not in (Verb.CREATE, Verb.UPDATE):
        return {}
    _refuse_unknown(values, found)
    wanted, versioning = values.get("block_public_access"), values.get("versioning")
    # In us-east-1 the location must not be said. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    location = values["region"] if values["region"] != "us-east-1" else None
    return {
        "location": location,
        "versioning_status": _status(versioning) if versioning is not None else None,
        "was_versioning_status": _status(bool(values.get("was_versioning"))),
        "encryption_rules": _rules(values, found),
        "access_block": dict.fromkeys(BLOCKS, wanted) if wanted is not None else None,
        "tag_set": _as_set(_given(values)) or None,
    }


def _refuse_unknown(values: Mapping[str, Any], found: Found | None) -> None:
    """A setting whose present value is unknown could be neither verified nor taken back."""
    for fact, reason in (found.unknown if found else {}).items():
        if values.get(fact) is not None:
            raise Conflict(
                "S3 bucket", "update", f"its {fact} of now is unknown: {reason}", "Allow it to be read first."
            )


def tags_for(values: Mapping[str, Any], found: Found | None) -> Mapping[str, Any]:
    """All tags of the bucket after the change: S3 has no call that changes one of them.

    Raises Conflict when the tags of now are unknown, because writing the set would wipe them out.
    """
    assert found is not None
    if "tags" in found.unknown:
        why = f"the present tags are unknown: {found.unknown['tags']}"
        raise Conflict("S3 bucket", "tag", why, "Allow s3:GetBucketTagging: S3 replaces all tags of a bucket at once.")
    refuse_reserved(values.get("tags") or {})
    kept = {key: value for key, value in found.tags.items() if key not in values["tags"]}
    after = {**kept, **_given(values)}
    unchanged = after == dict(found.tags)
    return {"tag_set": _as_set(after) if after and not unchanged else None, "no_tags": not after and not unchanged}


def _given(values: Mapping[str, Any]) -> dict[str, str]:
    tags = {key: str(value) for key, value in (values.get("tags") or {}).items() if value is not None}
    refuse_reserved(tags)
    return tags


def _as_set(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _status(enabled: bool) -> str:
    return "Enabled" if enabled else "Suspended"


def _rules(values: Mapping[str, Any], found: Found | None) -> dict[str, Any] | None:
    algorithm, key = values.get("encryption"), values.get("key")
    if algorithm is None and key is None:
        return None
    algorithm = algorithm or (found.attributes.get("encryption") if found else None) or "aws:kms"
    if key and algorithm == "AES256":
        raise InvalidParameter(
            "S3 bucket", "key", "AES256 uses S3's own key", "Choose aws:kms to encrypt with a KMS key."
        )
    default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key} if key else {})}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": algorithm == "aws:kms"}]}


def differs(*names: str) -> Callable[[Mapping[str, Any], Found | None], bool]:
    """A `when`: whether any of these is given, and other than it is now."""

    def any_differs(values: Mapping[str, Any], found: Found | None) -> bool:
        now = found.attributes if found else {}
        return any(values.get(name) is not None and values[name] != now.get(name) for name in names)

    return any_differs


def versioning_is_set(arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether versioning is as the call would set it."""
    return bool(found.attributes.get("versioning") == (arguments["VersioningConfiguration"]["Status"] == "Enabled"))


def encryption_is_set(arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether the default encryption is as the call would set it."""
    (rule,) = arguments["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    key = default.get("KMSMasterKeyID")
    same_key = key is None or found.attributes.get("key") == key
    return same_key and bool(found.attributes.get("encryption") == default["SSEAlgorithm"])


def access_block_is_set(arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether public access is blocked, or not, as the call would set it."""
    wanted = arguments["PublicAccessBlockConfiguration"]["BlockPublicAcls"]
    return bool(found.attributes.get("block_public_access") == wanted)


def tags_are(arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether the bucket has exactly the tags that the call would write."""
    return dict(found.tags) == {tag["Key"]: tag["Value"] for tag in arguments["Tagging"]["TagSet"]}


def has_no_tags(arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether the bucket has no tags at all."""
    return not found.tags and "tags" not in found.unknown


PUT_TAGS = Call(
    "s3.put_bucket_tagging",
    {"Bucket": "{id}", "ExpectedBucketOwner": "{account}", "Tagging": {"TagSet": "{tag_set}"}},
    title="Write the bucket's tags",
    when=lambda values, found: bool(values.get("tag_set")),
    holds=tags_are,
)
DELETE_TAGS = Call(
    "s3.delete_bucket_tagging",
    {"Bucket": "{id}", "ExpectedBucketOwner": "{account}"},
    title="Remove the last tags",
    when=lambda values, found: bool(values.get("no_tags")),
    holds=has_no_tags,
)
