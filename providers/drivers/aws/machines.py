"""What EC2 says of a machine only between the lines: when it was created, and which disks end with it."""

from collections.abc import Mapping
from typing import Any

from providers.drivers.kind import Found, search
from providers.drivers.mapping import moment

#: The network interface a machine was created with; it cannot be detached.
FIRST_INTERFACE = "NetworkInterfaces[?Attachment.DeviceIndex==`0`].Attachment.AttachTime"
DISKS = "BlockDeviceMappings[?Ebs].[DeviceName, Ebs.AttachTime]"
MAPPED = "BlockDeviceMappings[?Ebs].Ebs"


def with_creation(item: dict[str, Any]) -> dict[str, Any]:
    """The item with `CreatedAt`, which EC2 has no word for: LaunchTime moves at every start.

    A machine is as old as its first network interface and its root disk, whichever came first.
    """
    root = item.get("RootDeviceName")
    moments = [*(search(FIRST_INTERFACE, item) or ())]
    moments += [attached for device, attached in search(DISKS, item) or () if device == root]
    known = [each for each in map(moment, moments) if each]
    return {**item, "CreatedAt": min(known, default=None)}


def disks_that_go(found: Found) -> str:
    """Which disks are deleted when the machine is terminated, as far as its answer says."""
    disks = [disk for disk in search(MAPPED, found.raw) or () if isinstance(disk, Mapping)]
    if not disks or any("DeleteOnTermination" not in disk for disk in disks):
        return "Disks marked delete-on-termination are deleted with it."
    gone = [str(disk.get("VolumeId")) for disk in disks if disk["DeleteOnTermination"]]
    if not gone:
        return "None of its disks is marked delete-on-termination."
    return f"Deleted with it, marked delete-on-termination: {', '.join(gone)}."
