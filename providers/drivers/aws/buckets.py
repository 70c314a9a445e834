"""AWS storage: S3 buckets. Field paths are those of the S3 API reference, 2006-03-01.

What a bucket's settings look like, in neutral words and in S3's, is in `bucket_settings`.
"""

from collections.abc import Mapping
from typing import Any

from providers.drivers.aws import bucket_settings as settings
from providers.drivers.kind import Call, FindAgain, Kind, Param
from vocabulary.types import ServiceType
from vocabulary.words import State, Verb

REFERENCE = "https://docs.aws.amazon.com/AmazonS3/latest/API"

OWN_BUCKET: Mapping[str, Any] = {"Bucket": "{id}", "ExpectedBucketOwner": "{account}"}


def detail(method: str, result: str, into: str, *absent: str) -> Call:
    """A question about one bucket. `into` is the name of the fact that stays unknown when it is not answered."""
    return Call(method, OWN_BUCKET, result, into=into, absent=absent)


DELETE_BUCKET = Call("s3.delete_bucket", OWN_BUCKET, title="Delete the bucket", until=(State.GONE,), gone_is_done=True)
PUT_VERSIONING = Call(
    "s3.put_bucket_versioning",
    {**OWN_BUCKET, "VersioningConfiguration": {"Status": "{versioning_status}"}},
    title="Set versioning to {versioning_status}",
    when=settings.differs("versioning"),
    holds=settings.versioning_is_set,
    back=Call(
        "s3.put_bucket_versioning",
        {**OWN_BUCKET, "VersioningConfiguration": {"Status": "{was_versioning_status}"}},
        title="Set versioning back to {was_versioning_status}",
        holds=settings.versioning_is_set,
    ),
)
PUT_ENCRYPTION = Call(
    "s3.put_bucket_encryption",
    {**OWN_BUCKET, "ServerSideEncryptionConfiguration": "{encryption_rules}"},
    title="Encrypt with {encryption}",
    when=settings.differs("encryption", "key"),
    holds=settings.encryption_is_set,
)
PUT_ACCESS_BLOCK = Call(
    "s3.put_public_access_block",
    {**OWN_BUCKET, "PublicAccessBlockConfiguration": "{access_block}"},
    title="Set the block of public access",
    when=settings.differs("block_public_access"),
    holds=settings.access_block_is_set,
)
SETTINGS = (
    Param("versioning", "Versioning", "boolean"),
    Param("encryption", "Encryption", choices=("AES256", "aws:kms", "aws:kms:dsse")),
    Param("key", "KMS key", help="Only with aws:kms."),
    Param("block_public_access", "Block public access", "boolean"),
)

BUCKET = Kind(
    name="bucket",
    service_type=ServiceType.STORAGE,
    vendor_name="S3 bucket",
    native_type="AWS::S3::Bucket",
    vendor_url=f"{REFERENCE}/API_Bucket.html",
    scope="account",
    calls={
        Verb.LIST: (Call("s3.list_buckets", {}, "Buckets"),),
        # S3 has no call that describes one bucket. A name comes first of all that begin with it.
        Verb.GET: (Call("s3.list_buckets", {"Prefix": "{id}"}, "Buckets"),),
        Verb.CREATE: (
            Call(
                "s3.create_bucket",
                {"Bucket": "{name}", "CreateBucketConfiguration": {"LocationConstraint": "{location}"}},
                title="Create the bucket {name}",
                until=(State.AVAILABLE,),
                find=FindAgain("name"),
                back=DELETE_BUCKET,
            ),
            PUT_ACCESS_BLOCK,
            PUT_VERSIONING,
            PUT_ENCRYPTION,
            settings.PUT_TAGS,
        ),
        Verb.DELETE: (DELETE_BUCKET,),
        Verb.UPDATE: (PUT_ACCESS_BLOCK, PUT_VERSIONING, PUT_ENCRYPTION),
        Verb.TAG: (settings.PUT_TAGS, settings.DELETE_TAGS),
    },
    details=(
        # Servers that do not tell the region in the listing are older than 2025, or not AWS.
        Call(
            "s3.get_bucket_location",
            OWN_BUCKET,
            "LocationConstraint || 'us-east-1'",
            into="region",
            when=lambda item, found: not item.get("BucketRegion"),
        ),
        detail("s3.get_bucket_tagging", "TagSet", "tags", "NoSuchTagSet"),
        detail("s3.get_bucket_versioning", "Status", "versioning"),
        detail(
            "s3.get_bucket_encryption",
            "ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault",
            "encryption",
            "ServerSideEncryptionConfigurationNotFoundError",
        ),
        detail(
            "s3.get_public_access_block",
            "PublicAccessBlockConfiguration",
            "block_public_access",
            "NoSuchPublicAccessBlockConfiguration",
        ),
        detail("s3.get_bucket_policy_status", "PolicyStatus", "public_by_policy", "NoSuchBucketPolicy"),
    ),
    shape=settings.shaped,
    fields={
        "id": "Name",
        "name": "Name",
        "region": "Region",
        "created_at": "CreationDate",
        "tags": "tags",
        "versioning": "Versioning",
        "encryption": "Encryption",
        "key": "Key",
        "block_public_access": "BlockPublicAccess",
        "public_by_policy": "PublicByPolicy",
    },
    steady=State.AVAILABLE,
    relations={"key": ("key", "Key")},
    params={
        Verb.CREATE: (
            Param("name", "Name", required=True, form=settings.bucket_name, help="3 to 63 of a-z, 0-9, - and dots."),
            *SETTINGS[:3],
            Param("block_public_access", "Block public access", "boolean", default=True),
            Param("tags", "Tags", "tags"),
        ),
        Verb.UPDATE: SETTINGS,
        Verb.TAG: (Param("tags", "Tags", "tags", required=True),),
    },
    derive=settings.for_bucket,
    effects={
        Verb.CREATE: ("A new, empty bucket; it is billed for what is put into it.",),
        Verb.DELETE: ("The bucket is deleted, if it is empty. Its name can be taken by anyone then.",),
        Verb.UPDATE: ("The settings apply to what is stored from now on.",),
        Verb.TAG: ("S3 replaces all tags of a bucket at once: the others are written again as they are now.",),
    },
    stays={
        Verb.DELETE: ("A bucket that holds anything, old versions included, is not deleted.",),
        Verb.UPDATE: ("What is stored already stays as it is.",),
    },
    permissions={
        Verb.LIST: settings.READING,
        Verb.GET: settings.READING,
        Verb.CREATE: ("s3:CreateBucket", "s3:PutBucketPublicAccessBlock", *settings.SETTING, "s3:DeleteBucket"),
        Verb.DELETE: ("s3:DeleteBucket",),
        Verb.UPDATE: ("s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration"),
        Verb.TAG: ("s3:PutBucketTagging",),
    },
    quota=("s3", "L-DC2B2D3D"),
    name_is_id=True,
    tags_replaced=True,
    example={"name": "conformance-bucket-1", "versioning": True, "encryption": "AES256", "tags": {"env": "test"}},
    examples={
        Verb.UPDATE: {"versioning": False, "encryption": "aws:kms", "block_public_access": False},
        Verb.TAG: {"tags": {"team": "platform", "env": "production"}},
    },
)
