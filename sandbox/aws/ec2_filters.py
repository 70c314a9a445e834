"""EC2's filters: which names a kind knows, where each looks, and how values with wildcards match."""

import re
from fnmatch import translate
from typing import Any

from sandbox.aws.errors import Refused
from sandbox.store import Thing

#: Kind -> filter name -> path in the thing's data (`[]` after a list), or `state`, `id`, `account`.
FILTERS: dict[str, dict[str, str]] = {
    "instance": {
        "instance-id": "id", "instance-state-name": "state", "instance-type": "InstanceType", "image-id": "ImageId",
        "vpc-id": "VpcId", "subnet-id": "SubnetId", "availability-zone": "Placement.AvailabilityZone",
        "client-token": "ClientToken", "architecture": "Architecture", "private-ip-address": "PrivateIpAddress",
        "ip-address": "PublicIpAddress", "key-name": "KeyName", "reservation-id": "ReservationId",
        "owner-id": "account",
        "instance.group-id": "SecurityGroups[].GroupId", "network-interface.group-id": "SecurityGroups[].GroupId",
        "group-id": "SecurityGroups[].GroupId", "root-device-name": "RootDeviceName",
        "platform-details": "PlatformDetails",
        "block-device-mapping.volume-id": "BlockDeviceMappings[].Ebs.VolumeId", "launch-time": "LaunchTime",
    },
    "volume": {
        "volume-id": "id", "status": "state", "size": "Size", "volume-type": "VolumeType", "encrypted": "Encrypted",
        "availability-zone": "AvailabilityZone", "snapshot-id": "SnapshotId", "create-time": "CreateTime",
        "attachment.instance-id": "Attachments[].InstanceId", "attachment.device": "Attachments[].Device",
        "attachment.status": "Attachments[].State",
        "attachment.delete-on-termination": "Attachments[].DeleteOnTermination",
    },
    "group": {
        "group-id": "id", "group-name": "GroupName", "vpc-id": "VpcId", "description": "Description",
        "owner-id": "account",
        "ip-permission.cidr": "IpPermissions[].IpRanges[].CidrIp",
        "ip-permission.from-port": "IpPermissions[].FromPort",
        "ip-permission.to-port": "IpPermissions[].ToPort", "ip-permission.protocol": "IpPermissions[].IpProtocol",
        "ip-permission.group-id": "IpPermissions[].UserIdGroupPairs[].GroupId",
        "ip-permission.ipv6-cidr": "IpPermissions[].Ipv6Ranges[].CidrIpv6",
    },
    "group-rule": {"group-id": "GroupId", "security-group-rule-id": "id"},
    "image": {
        "image-id": "id", "name": "Name", "state": "state", "architecture": "Architecture", "owner-id": "OwnerId",
        "owner-alias": "ImageOwnerAlias", "is-public": "Public", "root-device-type": "RootDeviceType",
        "description": "Description",
        "virtualization-type": "VirtualizationType", "platform": "Platform", "image-type": "ImageType",
        "creation-date": "CreationDate",
    },
    "snapshot": {
        "snapshot-id": "id", "status": "state", "volume-id": "VolumeId", "volume-size": "VolumeSize",
        "owner-id": "account",
        "encrypted": "Encrypted", "description": "Description",
    },
    "vpc": {"vpc-id": "id", "state": "state", "cidr": "CidrBlock", "is-default": "IsDefault", "owner-id": "account"},
    "subnet": {
        "subnet-id": "id", "vpc-id": "VpcId", "availability-zone": "AvailabilityZone", "state": "state",
        "default-for-az": "DefaultForAz", "cidr-block": "CidrBlock", "owner-id": "account",
    },
    "tag": {"resource-id": "ResourceId", "resource-type": "ResourceType", "key": "Key", "value": "Value"},
    "region": {"region-name": "RegionName", "opt-in-status": "OptInStatus", "endpoint": "Endpoint"},
    "zone": {"zone-name": "ZoneName", "region-name": "RegionName", "state": "State", "zone-id": "ZoneId"},
    "type": {
        "instance-type": "InstanceType",
        "processor-info.supported-architecture": "ProcessorInfo.SupportedArchitectures[]",
        "current-generation": "CurrentGeneration", "vcpu-info.default-vcpus": "VCpuInfo.DefaultVCpus",
        "memory-info.size-in-mib": "MemoryInfo.SizeInMiB", "bare-metal": "BareMetal",
    },
    "modification": {"volume-id": "VolumeId", "modification-state": "ModificationState"},
}  # fmt: skip


def look(value: Any, path: str) -> list[Any]:
    """The values at a path; `[]` steps into each item of a list."""
    values = [value]
    for step in path.split("."):
        name, many = step.removesuffix("[]"), step.endswith("[]")
        values = [one[name] for one in values if isinstance(one, dict) and one.get(name) is not None]
        if many:
            values = [item for one in values for item in one]
    return values


def said(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def matching(kind: str, shown: dict[str, Any], filters: list[dict[str, Any]], thing: Thing | None = None) -> bool:
    """Whether what a describing call shows of a thing passes every filter. Raises Refused for a filter that EC2
    lacks.
    """
    for one in filters:
        name, wanted = one.get("Name", ""), one.get("Values", [])
        if name.startswith("tag:"):
            values = [tag["Value"] for tag in shown.get("Tags", []) if tag["Key"] == name[4:]]
        elif name in ("tag-key", "tag-value"):
            values = [tag[name[4:].capitalize()] for tag in shown.get("Tags", [])]
        elif name in FILTERS[kind]:
            values = _at(FILTERS[kind][name], shown, thing)
        else:
            raise Refused("InvalidParameterValue", f"The filter '{name}' is invalid")
        if not any(_like(said(value), pattern) for value in values for pattern in wanted):
            return False
    return True


def _at(path: str, shown: dict[str, Any], thing: Thing | None) -> list[Any]:
    if thing is not None and path in ("id", "state", "account"):
        return [getattr(thing, path)]
    return look(shown, path)


def _like(value: str, pattern: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return value == pattern
    return re.match(translate(pattern.replace("[", "[[]")), value) is not None


def tag_list(thing: Thing) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in thing.tags.items()]


def tags_given(specifications: list[dict[str, Any]], kind: str) -> dict[str, str]:
    """The tags of a creating call for one resource type, checked as EC2 checks them."""
    tags: dict[str, str] = {}
    for specification in specifications:
        if specification.get("ResourceType") == kind:
            for tag in specification.get("Tags", []):
                if tag.get("Key") in tags:
                    raise Refused("InvalidParameterValue", f"Duplicate tag key '{tag.get('Key')}' specified.")
                tags[check_tag(tag)] = tag.get("Value", "")
    if len(tags) > 50:
        raise Refused("TagLimitExceeded", "More than 50 tags")
    return tags


def check_tag(tag: dict[str, str]) -> str:
    key, value = tag.get("Key", ""), tag.get("Value", "")
    if not 1 <= len(key) <= 127 or len(value) > 255:
        raise Refused("InvalidParameterValue", f"Tag key or value is too long or empty: '{key[:40]}'")
    if key.lower().startswith("aws:"):
        raise Refused("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
    return key
