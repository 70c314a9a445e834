"""EC2 volumes: created, attached, grown and deleted, each of which takes its time."""

from typing import Any

from sandbox.aws.calls import Call, handles
from sandbox.aws.catalog import QUOTAS, VOLUME_COUNT, zones
from sandbox.aws.ec2_filters import matching, tag_list, tags_given
from sandbox.aws.ec2_places import listed
from sandbox.aws.errors import Refused, invalid
from sandbox.clock import moment
from sandbox.store import GONE, Thing

#: Simulated seconds of each change.
CREATING, DELETING, ATTACHING, DETACHING, MODIFYING, OPTIMIZING = 8.0, 5.0, 4.0, 6.0, 20.0, 60.0
#: Volume type -> least and most GiB, standard IOPS, standard throughput (MiB/s).
SPANS: dict[str, tuple[int, int, int | None, int | None]] = {
    "gp3": (1, 65536, 3000, 125),
    "gp2": (1, 16384, 100, None),
    "io1": (4, 16384, None, None),
    "io2": (4, 65536, None, None),
    "st1": (125, 16384, None, None),
    "sc1": (125, 16384, None, None),
    "standard": (1, 1024, None, None),
}


def settled(call: Call, volume: Thing) -> Thing:
    """A volume with every attachment and modification that has fallen due carried through."""
    now, data = call.clock.now(), volume.data
    kept = []
    for one in data.get("Attachments", []):
        if not one.get("_due") or one["_due"] > now:
            kept.append(one)
        elif one["State"] != "detaching":
            kept.append({**{k: v for k, v in one.items() if k != "_due"}, "State": "attached"})
    data["Attachments"] = kept
    if volume.state in ("available", "in-use"):
        volume.state = "in-use" if kept else "available"
    change = volume.hidden.get("modification")
    if change and now >= change["modified_at"] and not change.get("applied"):
        data.update(change["target"])
        change["applied"] = True
    return volume


def volumes(call: Call, hidden: bool = False) -> list[Thing]:
    return [settled(call, volume) for volume in call.things("volume", hidden=hidden)]


def get_volume(call: Call, id: str) -> Thing:
    return settled(call, call.get("volume", id))


def attachment_row(volume: Thing, one: dict[str, Any]) -> dict[str, Any]:
    row = {k: v for k, v in one.items() if k != "_due"}
    return {"State": "attached", **row, "VolumeId": volume.id}


def attached_to(call: Call, instance: str) -> list[dict[str, Any]]:
    """The block device mappings of an instance, from the volumes attached to it."""
    index: dict[str, list[dict[str, Any]]] | None = call.memo.get("attachments")
    if index is None:
        index = call.memo["attachments"] = {}
        for volume in volumes(call, hidden=True):
            for one in volume.data["Attachments"]:
                row = attachment_row(volume, one)
                ebs = {k: row[k] for k in ("VolumeId", "AttachTime", "DeleteOnTermination")} | {"Status": row["State"]}
                index.setdefault(one["InstanceId"], []).append({"DeviceName": one["Device"], "Ebs": ebs})
    return sorted(index.get(instance, []), key=lambda row: str(row["DeviceName"]))


def volume_row(volume: Thing) -> dict[str, Any]:
    attachments = [attachment_row(volume, one) for one in volume.data["Attachments"]]
    return {
        **volume.data,
        "VolumeId": volume.id,
        "State": volume.state,
        "Attachments": attachments,
        "Tags": tag_list(volume),
    }


@handles("ec2", "DescribeVolumes")
def describe_volumes(call: Call) -> dict[str, Any]:
    all_volumes = volumes(call)
    page, token = call.page(listed(call, "volume", "VolumeIds", volume_row, all_volumes), least=5)
    return {"Volumes": [volume_row(volume) for volume in page], "NextToken": token}


def check_storage(call: Call, kind: str, gib: int) -> None:
    """Refuse what would take the account over its storage or its number of volumes in this region."""
    existing = call.things("volume", hidden=True)
    quota = f"{kind}_tib"
    used = sum(one.data["Size"] for one in existing if one.data["VolumeType"] == kind)
    if quota in QUOTAS and used + gib > call.quota(quota) * 1024:
        raise Refused(
            "VolumeLimitExceeded", f"You have exceeded your maximum {kind} storage limit of {call.quota(quota):g} TiB."
        )
    if len(existing) + 1 > call.quota(VOLUME_COUNT):
        raise Refused(
            "VolumeLimitExceeded", f"You have exceeded your maximum number of volumes, {call.quota(VOLUME_COUNT):g}."
        )


def add_volume(
    call: Call, zone: str, gib: int, kind: str, tags: dict[str, str], encrypted: bool = False, state: str = "creating"
) -> Thing:  # fmt: skip
    """A new volume, whose parameters have been checked."""
    _least, _most, iops, throughput = SPANS[kind]
    data = {
        "Size": gib, "VolumeType": kind, "AvailabilityZone": zone, "CreateTime": moment(), "Encrypted": encrypted,
        "SnapshotId": call.params.get("SnapshotId", ""), "MultiAttachEnabled": False, "Attachments": [],
        "Iops": call.params.get("Iops", iops), "Throughput": call.params.get("Throughput", throughput),
    }  # fmt: skip
    volume = call.add("volume", call.new_id("vol-"), data, tags=tags)
    if state == "creating":
        call.plan(volume, state, (CREATING, "error" if "fail_later" in call.faults else "available"))
    else:
        call.plan(volume, state)
    return volume


def check_size(kind: str, gib: int) -> None:
    if kind not in SPANS:
        raise invalid("volumeType", kind)
    least, most = SPANS[kind][:2]
    if not least <= gib <= most:
        raise Refused(
            "InvalidParameterValue", f"Volume of {gib}GiB is invalid; {kind} volumes have {least} to {most} GiB."
        )


@handles("ec2", "CreateVolume")
def create_volume(call: Call) -> dict[str, Any]:
    if (ids := call.earlier()) is not None:
        call.accepted("volume", *ids, replayed=True)
        known = call.find("volume", ids[0], hidden=True)
        if known is None:
            raise Refused("InvalidVolume.NotFound", f"The volume '{ids[0]}' does not exist.")
        return volume_row(settled(call, known))
    params = call.params
    snapshot = call.get("snapshot", params["SnapshotId"]) if params.get("SnapshotId") else None
    zone = params.get("AvailabilityZone", "")
    if zone not in zones(call.region):
        raise Refused("InvalidZone.NotFound", f"The zone '{zone}' does not exist.")
    if "Size" not in params and snapshot is None:
        raise Refused("MissingParameter", "The request must contain the parameter size/snapshot")
    gib = params.get("Size", snapshot.data["VolumeSize"] if snapshot else 0)
    if snapshot and gib < snapshot.data["VolumeSize"]:
        raise invalid("size", gib, "It is smaller than the snapshot.")
    kind = params.get("VolumeType", "gp2")
    check_size(kind, gib)
    if kind in ("io1", "io2") and "Iops" not in params:
        raise Refused("MissingParameter", f"The parameter iops must be specified for {kind} volumes.")
    tags = tags_given(params.get("TagSpecifications", []), "volume")
    check_storage(call, kind, gib)
    volume = add_volume(call, zone, gib, kind, tags, encrypted=params.get("Encrypted", False))
    call.remember([volume.id])
    call.accepted("volume", volume)
    row = volume_row(volume)
    row.pop("Attachments")
    return row


@handles("ec2", "DeleteVolume")
def delete_volume(call: Call) -> dict[str, Any]:
    volume = get_volume(call, call.params["VolumeId"])
    if volume.state == "in-use":
        holder = volume.data["Attachments"][0]["InstanceId"]
        raise Refused("VolumeInUse", f"Volume {volume.id} is currently attached to {holder}")
    if volume.state not in ("available", "error"):
        raise Refused("IncorrectState", f"Volume {volume.id} is in state {volume.state}")
    call.plan(volume, "deleting", (DELETING, GONE))
    call.accepted("volume", volume)
    return {}


@handles("ec2", "AttachVolume")
def attach_volume(call: Call) -> dict[str, Any]:
    params = call.params
    volume, instance = get_volume(call, params["VolumeId"]), call.get("instance", params["InstanceId"])
    if volume.state == "in-use":
        raise Refused("VolumeInUse", f"{volume.id} is already attached to an instance")
    if volume.state != "available":
        raise Refused("IncorrectState", f"Volume {volume.id} is not 'available'.")
    if instance.state not in ("running", "stopped"):
        raise Refused("IncorrectState", f"Instance '{instance.id}' is not 'running'.")
    if volume.data["AvailabilityZone"] != instance.data["Placement"]["AvailabilityZone"]:
        raise Refused("InvalidVolume.ZoneMismatch", "The volume is not in the same availability zone as the instance")
    if any(row["DeviceName"] == params["Device"] for row in attached_to(call, instance.id)):
        raise invalid("unixDevice", params["Device"], "Attachment point is already in use")
    attachment = {
        "InstanceId": instance.id, "Device": params["Device"], "AttachTime": moment(), "DeleteOnTermination": False,
        "State": "attaching", "_due": call.clock.after(ATTACHING),
    }  # fmt: skip
    call.store.put(volume)
    volume.data["Attachments"] = [attachment]
    volume.state = "in-use"
    call.accepted("volume", volume, instance)
    return attachment_row(volume, attachment)


@handles("ec2", "DetachVolume")
def detach_volume(call: Call) -> dict[str, Any]:
    params = call.params
    volume = get_volume(call, params["VolumeId"])
    fitting = [
        one for one in volume.data["Attachments"] if params.get("InstanceId", one["InstanceId"]) == one["InstanceId"]
    ]
    if not fitting:
        raise Refused("IncorrectState", f"Volume '{volume.id}' is in the 'available' state.")
    attachment = fitting[0]
    instance = call.find("instance", attachment["InstanceId"])
    if instance and instance.state == "running" and attachment["Device"] == instance.data["RootDeviceName"]:
        raise Refused(
            "OperationNotPermitted", f"Unable to detach root volume '{volume.id}' from instance '{instance.id}'"
        )
    call.store.put(volume)
    attachment |= {"State": "detaching", "_due": call.clock.after(DETACHING)}
    call.accepted("volume", volume, attachment["InstanceId"])
    return attachment_row(volume, attachment)


def let_go(call: Call, instance: str, seconds: float) -> None:
    """What happens to the volumes of an instance that is being terminated: deleted or detached, as each says."""
    for volume in volumes(call, hidden=True):
        for one in volume.data["Attachments"]:
            if one["InstanceId"] != instance:
                continue
            call.store.put(volume)
            if one["DeleteOnTermination"]:
                volume.plan = [[call.clock.after(seconds), GONE]]
            else:
                one |= {"State": "detaching", "_due": call.clock.after(seconds)}


@handles("ec2", "ModifyVolume")
def modify_volume(call: Call) -> dict[str, Any]:
    params, volume = call.params, get_volume(call, call.params["VolumeId"])
    if volume.state not in ("available", "in-use"):
        raise Refused("IncorrectState", f"Volume {volume.id} is in state {volume.state}")
    current = volume.hidden.get("modification")
    if current and call.clock.now() < current["completed_at"]:
        raise Refused("IncorrectModificationState", f"Volume {volume.id} currently has a modification in progress")
    before: dict[str, Any] = {name: volume.data.get(name) for name in ("Size", "VolumeType", "Iops", "Throughput")}
    target = {name: params.get(name, before[name]) for name in before}
    if target["Size"] < before["Size"]:
        raise invalid("size", target["Size"], f"New size cannot be smaller than existing size {before['Size']}")
    check_size(target["VolumeType"], target["Size"])
    if target["VolumeType"] != before["VolumeType"]:
        iops, throughput = SPANS[target["VolumeType"]][2:]
        target |= {"Iops": params.get("Iops", iops), "Throughput": params.get("Throughput", throughput)}
    growth = target["Size"] - (before["Size"] if target["VolumeType"] == before["VolumeType"] else 0)
    check_storage(call, target["VolumeType"], growth)
    call.store.put(volume)
    volume.hidden["modification"] = {
        "before": before, "target": target, "start": moment(),
        "modified_at": call.clock.after(MODIFYING), "completed_at": call.clock.after(MODIFYING + OPTIMIZING),
    }  # fmt: skip
    call.accepted("volume", volume)
    return {"VolumeModification": modification_row(call, volume)}


def modification_row(call: Call, volume: Thing) -> dict[str, Any]:
    change, now = volume.hidden["modification"], call.clock.now()
    state = (
        "modifying" if now < change["modified_at"] else "optimizing" if now < change["completed_at"] else "completed"
    )
    row = {"VolumeId": volume.id, "ModificationState": state, "StartTime": change["start"]}
    row |= {f"Original{name}": value for name, value in change["before"].items()}
    row |= {f"Target{name}": value for name, value in change["target"].items()}
    return {**row, "Progress": {"modifying": 0, "optimizing": 50, "completed": 100}[state]}


@handles("ec2", "DescribeVolumesModifications")
def describe_volumes_modifications(call: Call) -> dict[str, Any]:
    asked = call.params.get("VolumeIds")
    found = [get_volume(call, id) for id in asked] if asked else volumes(call)
    changed = [volume for volume in found if volume.hidden.get("modification")]
    if asked and not changed:
        raise Refused("InvalidVolumeModification.NotFound", f"Modification for volume '{asked[0]}' does not exist.")
    filters = call.params.get("Filters", [])
    fitting = [volume for volume in changed if matching("modification", modification_row(call, volume), filters)]
    page, token = call.page(fitting)
    return {"VolumesModifications": [modification_row(call, volume) for volume in page], "NextToken": token}
