"""One machine of the demonstration estate, and its disks."""

from typing import Any

from sandbox import estate
from sandbox.aws.catalog import TYPES, zones
from sandbox.estate import ago, id_of
from sandbox.store import Store, Thing


def instance(
    store: Store,
    account: str,
    region: str,
    id: str,
    size: str,
    tags: dict[str, str],
    age: float,
    state: str = "running",
    root: int = 20,
) -> Thing:  # fmt: skip
    """A machine that was launched `age` days before the seed date, with its root disk."""
    arch, zone = TYPES[size].arch, zones(region)[int(id[-1], 16) % 3]
    host = int(id[-4:], 16)
    address = f"172.31.{16 * (int(id[-1], 16) % 3) + host // 256 % 16}.{host % 250 + 4}"
    default = id_of("sg-", account, region, "default")
    data = {
        "ImageId": estate.public_image(region, host % 3, arch), "InstanceType": size, "Architecture": arch,
        "LaunchTime": ago(age),
        "Placement": {"AvailabilityZone": zone, "Tenancy": "default", "GroupName": ""},
        "VpcId": id_of("vpc-", account, region),
        "SubnetId": id_of("subnet-", account, zone), "PrivateIpAddress": address, "AmiLaunchIndex": 0,
        "PrivateDnsName": f"ip-{address.replace('.', '-')}.ec2.internal",
        "SecurityGroups": [{"GroupId": default, "GroupName": "default"}], "RootDeviceName": "/dev/xvda",
        "RootDeviceType": "ebs",
        "VirtualizationType": "hvm", "Hypervisor": "xen", "PlatformDetails": "Linux/UNIX",
        "ReservationId": "r-" + id[2:],
        "EbsOptimized": False, "SourceDestCheck": True, "EnaSupport": True,
    }  # fmt: skip
    if tags.get("role") == "web":
        data["PublicIpAddress"] = f"203.0.113.{host % 254 + 1}"
    if state == "stopped":
        words = "Client.UserInitiatedShutdown"
        since = ago(age / 3)[:19].replace("T", " ")
        data["StateReason"] = {"Code": words, "Message": f"{words}: User initiated shutdown"}
        data["StateTransitionReason"] = f"User initiated ({since} GMT)"
    one = store.put(Thing(account, region, "instance", id, data, tags, state, hidden={"created": ago(age)}))
    add_disk(store, one, "/dev/xvda", root, age, delete=True)
    return one


def add_disk(store: Store, machine: Thing, device: str, gib: int, age: float, delete: bool) -> None:
    id = id_of("vol-", machine.id, device)
    attachment = {"InstanceId": machine.id, "Device": device, "AttachTime": ago(age), "DeleteOnTermination": delete}
    data = disk_data(machine.data["Placement"]["AvailabilityZone"], gib, age, "gp3" if age < 700 else "gp2")
    tags = {
        "Name": f"{machine.name[:200]}-{'root' if delete else 'data'}",
        **({"env": machine.tags["env"]} if "env" in machine.tags else {}),
    }
    store.put(
        Thing(machine.account, machine.region, "volume", id, {**data, "Attachments": [attachment]}, tags, "in-use")
    )


def disk_data(zone: str, gib: int, age: float, kind: str) -> dict[str, Any]:
    speed = {"Iops": 3000, "Throughput": 125} if kind == "gp3" else {"Iops": max(100, 3 * gib)}
    return {
        "Size": gib, "VolumeType": kind, "AvailabilityZone": zone, "CreateTime": ago(age), "Encrypted": age < 400,
        "SnapshotId": "", "MultiAttachEnabled": False, "Attachments": [], **speed,
    }  # fmt: skip
