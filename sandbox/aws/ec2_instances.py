"""EC2 instances: listing them and launching them."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from sandbox.aws.calls import Call, handles
from sandbox.aws.catalog import TYPES, zones
from sandbox.aws.ec2_filters import tag_list, tags_given
from sandbox.aws.ec2_places import find_image, listed
from sandbox.aws.ec2_volumes import add_volume, attached_to, check_storage
from sandbox.aws.errors import Refused, invalid, missing
from sandbox.clock import moment
from sandbox.store import Thing

CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
#: Simulated seconds of each change of state.
PENDING, STOPPING, SHUTTING_DOWN, LISTED_AFTER_TERMINATION = 25.0, 30.0, 30.0, 3600.0
COUNTED = ("pending", "running", "stopping")
FAILED = {"Code": "Server.InternalError", "Message": "Server.InternalError: Internal error on launch"}


def state_of(name: str) -> dict[str, Any]:
    return {"Code": CODES[name], "Name": name}


def instance_row(call: Call, instance: Thing) -> dict[str, Any]:
    """What DescribeInstances says of one instance."""
    row = {k: v for k, v in instance.data.items() if k not in ("StateReason", "ReservationId")}
    row |= {"InstanceId": instance.id, "State": state_of(instance.state), "Tags": tag_list(instance)}
    row["BlockDeviceMappings"] = attached_to(call, instance.id)
    row |= {"Monitoring": {"State": "disabled"}, "StateTransitionReason": "", "PublicDnsName": "", "ProductCodes": []}
    row["NetworkInterfaces"] = [interface_of(instance)]
    if instance.state in ("stopped", "terminated", "stopping", "shutting-down") and (
        reason := instance.data.get("StateReason")
    ):
        row["StateReason"] = reason
        row["StateTransitionReason"] = instance.data.get("StateTransitionReason", reason["Message"])
    if instance.state not in ("running", "pending"):
        row.pop("PublicIpAddress", None)
    if instance.state == "terminated":
        for gone in ("PrivateIpAddress", "VpcId", "SubnetId", "SecurityGroups", "NetworkInterfaces"):
            row.pop(gone, None)
    if "PublicIpAddress" in row:
        row["PublicDnsName"] = f"ec2-{row['PublicIpAddress'].replace('.', '-')}.compute.amazonaws.com"
    return row


def interface_of(instance: Thing) -> dict[str, Any]:
    """The one network interface that every instance has from the start, as far as it is shown with the instance."""
    data = instance.data
    attachment = {"AttachmentId": "eni-attach-" + instance.id[2:], "DeviceIndex": 0, "Status": "attached"}
    if instance.hidden.get("created"):
        attachment |= {"AttachTime": instance.hidden["created"], "DeleteOnTermination": True}
    return {
        "NetworkInterfaceId": "eni-" + instance.id[2:],
        "OwnerId": instance.account,
        "Status": "in-use",
        "InterfaceType": "interface",
        "VpcId": data["VpcId"],
        "SubnetId": data["SubnetId"],
        "PrivateIpAddress": data["PrivateIpAddress"],
        "SourceDestCheck": data.get("SourceDestCheck", True),
        "Groups": data["SecurityGroups"],
        "Attachment": attachment,
    }


@handles("ec2", "DescribeInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    if call.params.get("InstanceIds") and "MaxResults" in call.params:
        raise Refused(
            "InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults"
        )

    def show(instance: Thing) -> dict[str, Any]:
        return {**instance_row(call, instance), "ReservationId": instance.data["ReservationId"]}

    page, token = call.page(listed(call, "instance", "InstanceIds", show), least=5)
    reservations: dict[str, dict[str, Any]] = {}
    for instance in page:
        id = instance.data["ReservationId"]
        one = reservations.setdefault(id, {"ReservationId": id, "OwnerId": call.account, "Groups": [], "Instances": []})
        one["Instances"].append(instance_row(call, instance))
    return {"Reservations": list(reservations.values()), "NextToken": token}


@handles("ec2", "DescribeInstanceStatus")
def describe_instance_status(call: Call) -> dict[str, Any]:
    found = listed(call, "instance", "InstanceIds", lambda instance: instance_row(call, instance))
    shown = [one for one in found if one.state == "running" or call.params.get("IncludeAllInstances")]
    page, token = call.page(shown, least=5)
    rows = [
        {
            "InstanceId": one.id,
            "AvailabilityZone": one.data["Placement"]["AvailabilityZone"],
            "InstanceState": state_of(one.state),
            "InstanceStatus": {"Status": "ok" if one.state == "running" else "not-applicable"},
            "SystemStatus": {"Status": "ok" if one.state == "running" else "not-applicable"},
        }
        for one in page
    ]
    return {"InstanceStatuses": rows, "NextToken": token}


def check_vcpus(call: Call, size: str, count: int = 1) -> None:
    """Refuse what would take the account over its vCPU quota in this region."""
    used = sum(
        TYPES[one.data["InstanceType"]].vcpus for one in call.things("instance", hidden=True) if one.state in COUNTED
    )
    limit = call.quota("vcpus")
    if used + TYPES[size].vcpus * count > limit:
        raise Refused(
            "VcpuLimitExceeded",
            f"You have requested more vCPU capacity than your current vCPU limit of {limit:g} allows for the instance "
            "bucket that the specified instance type belongs to.",
        )


@handles("ec2", "RunInstances")
def run_instances(call: Call) -> dict[str, Any]:
    if (ids := call.earlier()) is not None:
        made = [one for id in ids if (one := call.find("instance", id, hidden=True))]
        call.accepted("instance", *ids, replayed=True)
        return reservation(call, made)
    params = call.params
    low, high = params["MinCount"], params["MaxCount"]
    if not 1 <= low <= high:
        raise invalid("minCount", low, "It must be between 1 and maxCount.")
    if "ImageId" not in params:
        raise missing("ImageId")
    image = find_image(call, params["ImageId"])
    size = params.get("InstanceType", "t3.micro")
    if size not in TYPES:
        raise invalid("instanceType", size)
    if image.data["Architecture"] != TYPES[size].arch:
        why = f"The architecture '{TYPES[size].arch}' of the specified instance type does not match that of the AMI."
        raise Refused("InvalidParameterValue", why)
    subnet, groups = placed(call)
    tags = tags_given(params.get("TagSpecifications", []), "instance")
    disks = disks_of(params, image)
    user_data = decoded(params.get("UserData", ""))
    check_vcpus(call, size, low)
    for disk in disks:
        check_storage(call, disk["VolumeType"], disk["VolumeSize"] * low)
    reservation_id = call.new_id("r-")
    plan = Launch(image, size, subnet, groups, tags, reservation_id, user_data)
    made = [launched(call, plan, i) for i in range(low)]
    for instance in made:
        for disk in disks:
            add_volume_of(call, instance, disk)
    call.remember([one.id for one in made])
    call.accepted("instance", *made)
    return reservation(call, made)


def decoded(user_data: str) -> str:
    try:
        raw = base64.b64decode(user_data, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("InvalidParameterValue", "Invalid BASE64 encoding of user data") from None
    if len(raw) > 16384:
        raise Refused("InvalidParameterValue", "User data is limited to 16384 bytes")
    return user_data


def placed(call: Call) -> tuple[Thing, list[Thing]]:
    """The subnet and the security groups of a launch: those asked for, or the default ones."""
    params = call.params
    interface = (params.get("NetworkInterfaces") or [{}])[0]
    zone = params.get("Placement", {}).get("AvailabilityZone")
    subnet_id = params.get("SubnetId") or interface.get("SubnetId")
    if zone and zone not in zones(call.region):
        raise invalid("availabilityZone", zone)
    if subnet_id:
        subnet = call.get("subnet", subnet_id)
    else:
        candidates = [one for one in call.things("subnet") if one.data.get("DefaultForAz")]
        fitting = [one for one in candidates if not zone or one.data["AvailabilityZone"] == zone]
        if not fitting:
            raise Refused("MissingInput", "No subnets found for the default VPC. Please specify a subnet.")
        subnet = min(fitting, key=lambda one: str(one.data["AvailabilityZone"]))
    groups = [call.get("group", id) for id in params.get("SecurityGroupIds") or interface.get("Groups") or []]
    for name in params.get("SecurityGroups", []):
        named = [one for one in call.things("group") if one.data["GroupName"] == name]
        if not named:
            raise Refused("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
        groups.append(named[0])
    for group in groups:
        if group.data["VpcId"] != subnet.data["VpcId"]:
            raise Refused(
                "InvalidParameter", f"Security group {group.id} and subnet {subnet.id} belong to different networks."
            )
    if not groups:
        own = [one for one in call.things("group") if one.data["VpcId"] == subnet.data["VpcId"]]
        groups = [one for one in own if one.data["GroupName"] == "default"]
    return subnet, groups


def disks_of(params: dict[str, Any], image: Thing) -> list[dict[str, Any]]:
    """The disks of a launch: the image's root disk, changed and extended by the block device mappings."""
    root = image.data["RootDeviceName"]
    standard = {"VolumeSize": image.data["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"], "VolumeType": "gp3"}
    disks = {root: {"Device": root, "DeleteOnTermination": True, "Encrypted": False, **standard}}
    for mapping in params.get("BlockDeviceMappings", []):
        device, asked = mapping.get("DeviceName", ""), mapping.get("Ebs")
        if not device:
            raise missing("BlockDeviceMapping.DeviceName")
        if asked:
            before = disks.get(
                device, {"Device": device, "DeleteOnTermination": True, "Encrypted": False, "VolumeType": "gp3"}
            )
            disks[device] = {**before, **asked}
            if "VolumeSize" not in disks[device]:
                raise missing("Ebs.VolumeSize")
    if disks[root]["VolumeSize"] < standard["VolumeSize"]:
        size, least = disks[root]["VolumeSize"], standard["VolumeSize"]
        why = f"Volume of size {size}GB is smaller than snapshot, expect size >= {least}GB"
        raise Refused("InvalidBlockDeviceMapping", why)
    return list(disks.values())


@dataclass(frozen=True)
class Launch:
    """What the instances of one RunInstances call have in common, checked."""

    image: Thing
    size: str
    subnet: Thing
    groups: list[Thing]
    tags: dict[str, str]
    reservation: str
    user_data: str


def launched(call: Call, plan: Launch, index: int) -> Thing:
    """One new instance, on its way to running."""
    image, size, subnet = plan.image, plan.size, plan.subnet
    params, id = call.params, call.new_id("i-")
    number = call.store.next_number()
    base = str(subnet.data["CidrBlock"]).rsplit(".", 2)[0]
    address = f"{base}.{number // 250 % 16}.{number % 250 + 4}"
    data = {
        "ImageId": image.id, "InstanceType": size, "Architecture": TYPES[size].arch, "LaunchTime": moment(),
        "Placement": {"AvailabilityZone": subnet.data["AvailabilityZone"], "Tenancy": "default", "GroupName": ""},
        "VpcId": subnet.data["VpcId"], "SubnetId": subnet.id, "PrivateIpAddress": address,
        "PrivateDnsName": f"ip-{address.replace('.', '-')}.ec2.internal", "AmiLaunchIndex": index,
        "SecurityGroups": [{"GroupId": one.id, "GroupName": one.data["GroupName"]} for one in plan.groups],
        "RootDeviceName": image.data["RootDeviceName"], "RootDeviceType": "ebs", "VirtualizationType": "hvm",
        "Hypervisor": "xen",
        "PlatformDetails": "Linux/UNIX", "ReservationId": plan.reservation,
        "EbsOptimized": params.get("EbsOptimized", False),
        "SourceDestCheck": True, "EnaSupport": True,
    }  # fmt: skip
    data |= {name: params[name] for name in ("ClientToken", "KeyName") if params.get(name)}
    if profile := params.get("IamInstanceProfile"):
        name = profile.get("Name") or profile.get("Arn", "").rpartition("/")[2]
        data["IamInstanceProfile"] = {
            "Arn": f"arn:aws:iam::{call.account}:instance-profile/{name}",
            "Id": "AIPA" + id[2:].upper(),
        }
    hidden = {"user_data": plan.user_data, "termination_protected": params.get("DisableApiTermination", False)}
    hidden["created"] = data["LaunchTime"]
    hidden["shutdown_terminates"] = params.get("InstanceInitiatedShutdownBehavior") == "terminate"
    instance = call.add("instance", id, data, tags=dict(plan.tags), hidden=hidden)
    if "fail_later" in call.faults:
        instance.data["StateReason"] = FAILED
        call.plan(instance, "pending", (PENDING, "terminated"), (PENDING + LISTED_AFTER_TERMINATION, "gone"))
    else:
        call.plan(instance, "pending", (PENDING, "running"))
    return instance


def add_volume_of(call: Call, instance: Thing, disk: dict[str, Any]) -> None:
    """A disk that a launch brings along, attached from the start."""
    tags = tags_given(call.params.get("TagSpecifications", []), "volume")
    zone = instance.data["Placement"]["AvailabilityZone"]
    volume = add_volume(
        call, zone, disk["VolumeSize"], disk["VolumeType"], tags, encrypted=disk["Encrypted"], state="in-use"
    )
    volume.data["Attachments"] = [
        {
            "InstanceId": instance.id,
            "Device": disk["Device"],
            "AttachTime": moment(),
            "DeleteOnTermination": disk["DeleteOnTermination"],
        }
    ]
    volume.visible_at = instance.visible_at


def reservation(call: Call, made: list[Thing]) -> dict[str, Any]:
    id = made[0].data["ReservationId"] if made else call.new_id("r-")
    return {
        "ReservationId": id,
        "OwnerId": call.account,
        "Groups": [],
        "Instances": [instance_row(call, one) for one in made],
    }
