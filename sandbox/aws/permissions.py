"""Which IAM action each API call needs. Mostly the call's own name; S3 and a few others have names of their own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

S3_ACTIONS = {
    "ListBuckets": ("s3:ListAllMyBuckets",),
    "HeadBucket": ("s3:ListBucket",),
    "ListObjectsV2": ("s3:ListBucket",),
    "ListObjectVersions": ("s3:ListBucketVersions",),
    "HeadObject": ("s3:GetObject",),
    "GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "DeleteBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "DeletePublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "DeleteBucketTagging": ("s3:PutBucketTagging",),
    "GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
}


def actions_of(service: str, operation: str, params: Mapping[str, Any] = MappingProxyType({})) -> tuple[str, ...]:
    """The IAM actions that this API call needs. Tagging what a call creates is an action of its own."""
    if service == "s3":
        return S3_ACTIONS.get(operation, (f"s3:{operation}",))
    tagging = ("ec2:CreateTags",) if service == "ec2" and params.get("TagSpecifications") else ()
    return (f"{service}:{operation}", *tagging)
