"""AWS storage: EBS volumes. S3 buckets are in `buckets`.

Field paths are those of the EC2 API reference, 2016-11-15.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from providers.drivers.aws.tags import NAME_IT, REMOVE_TAGS, SET_TAGS, found_by_marker, with_tags
from providers.drivers.kind import Call, FindAgain, Found, Kind, LookUp, Param
from vocabulary.errors import InvalidParameter, StillInUse
from vocabulary.types import ServiceType
from vocabulary.words import State, Verb

REFERENCE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"
VOLUME_TYPES = ("gp3", "gp2", "io2", "io1", "st1", "sc1", "standard")

#: Volume types whose IOPS must be said, and those whose IOPS and throughput may be. CreateVolume refuses them for the
#: others.
WITH_IOPS, MAY_IOPS, MAY_THROUGHPUT = ("io1", "io2"), ("gp3", "io1", "io2"), ("gp3",)

#: How long a modification may take to show up in DescribeVolumesModifications.
MODIFICATION_SHOWS_SECONDS = 60.0


def zone_is_there(items: Sequence[Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Learns nothing; raises InvalidParameter when the region has no such zone."""
    if values["zone"] not in {item["ZoneName"] for item in items}:
        there = ", ".join(sorted(item["ZoneName"] for item in items))
        why = f"{values['zone']!r} is not an availability zone of {values['region']}"
        raise InvalidParameter("AWS", "zone", why, f"Choose: {there}." if there else "")
    return {}


def for_volume(verb: Verb, values: Mapping[str, Any], found: Found | None) -> Mapping[str, Any]:
    """The template values of a volume. Refuses what EBS would refuse: shrinking, deleting while attached, IOPS where
    there are none.
    """
    if verb in (Verb.CREATE, Verb.RESIZE):
        _refuse_wrong_speed(values, found)
    if (
        verb is Verb.RESIZE
        and found
        and values.get("size_gib", found.attributes["size_gib"]) < found.attributes["size_gib"]
    ):
        why = f"size_gib: {found.name} has {found.attributes['size_gib']} GiB, and a volume cannot shrink"
        raise InvalidParameter("EBS volume", verb, why, "Create a smaller one and copy what it holds.")
    if verb is Verb.DELETE and found and found.attributes.get("attachments"):
        used_by = ", ".join(found.attributes["attachments"])
        raise StillInUse("EBS volume", verb, f"{found.name} is attached to {used_by}", "Detach it first.")
    return with_tags(verb, values, found)


def _refuse_wrong_speed(values: Mapping[str, Any], found: Found | None) -> None:
    volume_type = values.get("type") or (found.attributes.get("type") if found else "") or ""
    if volume_type in WITH_IOPS and found is None and values.get("iops") is None:
        raise InvalidParameter("EBS volume", "create", f"iops is missing: {volume_type} has no default")
    if values.get("iops") is not None and volume_type not in MAY_IOPS:
        raise InvalidParameter(
            "EBS volume", "iops", f"{volume_type} has no IOPS to choose", f"Types with IOPS: {', '.join(MAY_IOPS)}."
        )
    if values.get("throughput_mibps") is not None and volume_type not in MAY_THROUGHPUT:
        raise InvalidParameter(
            "EBS volume", "throughput_mibps", f"{volume_type} has no throughput to choose", "Only gp3 has."
        )


def resize_differs(values: Mapping[str, Any], found: Found | None) -> bool:
    """Whether any value given for a resize is another than the volume has."""
    names = ("size_gib", "type", "iops", "throughput_mibps")
    return found is not None and any(values.get(name) not in (None, found.attributes.get(name)) for name in names)


def is_modified(arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether the volume already has what a ModifyVolume would give it."""
    facts = {"Size": "size_gib", "VolumeType": "type", "Iops": "iops", "Throughput": "throughput_mibps"}
    return all(found.attributes.get(fact) == arguments[name] for name, fact in facts.items() if name in arguments)


def is_our_modification(arguments: Mapping[str, Any], modification: Any) -> bool:
    """Whether the newest modification of a volume aims where ours does.

    An older one with the same aim cannot be it: then the volume would have had these values when the plan was made.
    """
    aims = ("Size", "VolumeType", "Iops", "Throughput")
    failed = modification.get("ModificationState") == "failed"
    return not failed and all(
        modification.get(f"Target{name}") == arguments[name] for name in aims if name in arguments
    )


VOLUME = Kind(
    name="volume",
    service_type=ServiceType.STORAGE,
    vendor_name="EBS volume",
    native_type="AWS::EC2::Volume",
    vendor_url=f"{REFERENCE}/API_Volume.html",
    calls={
        Verb.LIST: (Call("ec2.describe_volumes", {}, "Volumes"),),
        Verb.GET: (Call("ec2.describe_volumes", {"VolumeIds": ["{id}"]}, "Volumes"),),
        Verb.CREATE: (
            Call(
                "ec2.create_volume",
                {
                    "AvailabilityZone": "{zone}",
                    "Size": "{size_gib}",
                    "VolumeType": "{type}",
                    "Iops": "{iops}",
                    "Throughput": "{throughput_mibps}",
                    "Encrypted": "{encrypted}",
                    "KmsKeyId": "{key}",
                    "SnapshotId": "{snapshot}",
                    "ClientToken": "{token}",
                    "TagSpecifications": [{"ResourceType": "volume", "Tags": "{tag_list}"}],
                },
                "VolumeId",
                title="Create a volume of {size_gib} GiB in {zone}",
                until=(State.AVAILABLE,),
                find=found_by_marker("ec2.describe_volumes", "Volumes[].VolumeId"),
            ),
        ),
        Verb.DELETE: (
            Call(
                "ec2.delete_volume",
                {"VolumeId": "{id}"},
                title="Delete the volume",
                until=(State.GONE,),
                gone_is_done=True,
            ),
        ),
        Verb.RESIZE: (
            Call(
                "ec2.modify_volume",
                {
                    "VolumeId": "{id}",
                    "Size": "{size_gib}",
                    "VolumeType": "{type}",
                    "Iops": "{iops}",
                    "Throughput": "{throughput_mibps}",
                },
                title="Change the volume",
                when=resize_differs,
                holds=is_modified,
                find=FindAgain(
                    "marker",
                    Call("ec2.describe_volumes_modifications", {"VolumeIds": ["{id}"]}, "VolumesModifications"),
                    within_seconds=MODIFICATION_SHOWS_SECONDS,
                    matches=is_our_modification,
                ),
            ),
        ),
        Verb.UPDATE: (NAME_IT,),
        Verb.TAG: (SET_TAGS, REMOVE_TAGS),
    },
    fields={
        "id": "VolumeId",
        "name": "Tags[?Key=='Name'].Value | [0]",
        "state": "State",
        "zone": "AvailabilityZone",
        "created_at": "CreateTime",
        "tags": "Tags",
        "size_gib": "Size",
        "type": "VolumeType",
        "iops": "Iops",
        "throughput_mibps": "Throughput",
        "encrypted": "Encrypted",
        "attachments": "Attachments[].InstanceId",
        "device": "Attachments[0].Device",
        "deleted_with_instance": "Attachments[0].DeleteOnTermination",
    },
    states={
        "creating": State.PENDING,
        "available": State.AVAILABLE,
        "in-use": State.AVAILABLE,
        "deleting": State.DELETING,
        "deleted": State.GONE,
        "error": State.FAILED,
    },
    relations={
        "attached_to": ("instance", "Attachments[].InstanceId"),
        "snapshot": ("snapshot", "SnapshotId"),
        "key": ("key", "KmsKeyId"),
    },
    params={
        Verb.CREATE: (
            Param("name", "Name", required=True),
            Param("zone", "Availability zone", required=True, help="For example us-east-1a."),
            Param("size_gib", "Size in GiB", "integer", required=True, minimum=1, maximum=65536),
            Param("type", "Volume type", choices=VOLUME_TYPES, default="gp3"),
            Param("iops", "IOPS", "integer", minimum=100, maximum=256000),
            Param("throughput_mibps", "Throughput in MiB/s", "integer", minimum=125, maximum=2000),
            Param("encrypted", "Encrypted", "boolean", default=True),
            Param("key", "KMS key"),
            Param("snapshot", "From snapshot"),
            Param("tags", "Tags", "tags"),
        ),
        Verb.RESIZE: (
            Param("size_gib", "Size in GiB", "integer", minimum=1, maximum=65536),
            Param("type", "Volume type", choices=VOLUME_TYPES),
            Param("iops", "IOPS", "integer", minimum=100, maximum=256000),
            Param("throughput_mibps", "Throughput in MiB/s", "integer", minimum=125, maximum=2000),
        ),
        Verb.UPDATE: (Param("name", "Name", required=True),),
        Verb.TAG: (Param("tags", "Tags", "tags", required=True),),
    },
    derive=for_volume,
    look_ups={
        Verb.CREATE: (LookUp(Call("ec2.describe_availability_zones", {}, "AvailabilityZones"), zone_is_there),),
    },
    effects={
        Verb.CREATE: ("A new disk is billed from its creation, whether anything uses it or not.",),
        Verb.DELETE: ("The disk and everything on it are deleted and cannot be brought back.",),
        Verb.RESIZE: (
            "The change runs while the disk is in use; it may be slower meanwhile.",
            "The file system on it must be grown afterwards, on the machine.",
        ),
    },
    stays={
        Verb.DELETE: ("Snapshots made of it stay and are billed.",),
        Verb.RESIZE: ("What is on it stays, and it stays attached.",),
    },
    one_way={Verb.RESIZE: "A volume cannot be made smaller, and after a change AWS allows no other for six hours."},
    permissions={
        Verb.LIST: ("ec2:DescribeVolumes",),
        Verb.GET: ("ec2:DescribeVolumes",),
        Verb.CREATE: ("ec2:CreateVolume", "ec2:CreateTags", "ec2:DescribeAvailabilityZones"),
        Verb.DELETE: ("ec2:DeleteVolume",),
        Verb.RESIZE: ("ec2:ModifyVolume", "ec2:DescribeVolumesModifications"),
        Verb.UPDATE: ("ec2:CreateTags",),
        Verb.TAG: ("ec2:CreateTags", "ec2:DeleteTags"),
    },
    quota=("ebs", "L-7A658B76"),
    allowed_from={Verb.DELETE: (State.AVAILABLE, State.FAILED), Verb.RESIZE: (State.AVAILABLE,)},
    patience_seconds=1800.0,
    example={"name": "conformance-1", "zone": "us-east-1a", "size_gib": 8, "tags": {"env": "test"}},
    examples={
        Verb.UPDATE: {"name": "conformance-2"},
        Verb.RESIZE: {"size_gib": 16, "iops": 4000},
        Verb.TAG: {"tags": {"team": "platform", "env": None}},
    },
)
