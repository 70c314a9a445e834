"""What EC2 offers before anything is created: regions, zones, networks, images, snapshots, instance types."""

from typing import Any

from sandbox.aws.calls import Call, handles
from sandbox.aws.catalog import OWNERS, REGIONS, TYPES, Size, zones
from sandbox.aws.ec2_filters import matching, tag_list
from sandbox.aws.errors import Refused
from sandbox.store import Thing


def filtered(call: Call, kind: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if matching(kind, row, call.params.get("Filters", []))]


@handles("ec2", "DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    asked, every = call.params.get("RegionNames"), call.params.get("AllRegions")
    for name in asked or []:
        if name not in REGIONS:
            raise Refused("InvalidParameterValue", f"Invalid region(s): {name}")
    rows = [
        {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": status}
        for name, status in sorted(REGIONS.items())
        if (name in asked if asked else every or status != "not-opted-in")
    ]
    return {"Regions": filtered(call, "region", rows)}


@handles("ec2", "DescribeAvailabilityZones")
def describe_availability_zones(call: Call) -> dict[str, Any]:
    rows = [
        {
            "ZoneName": name,
            "RegionName": call.region,
            "ZoneId": f"{call.region}-az{i}",
            "State": "available",
            "ZoneType": "availability-zone",
            "OptInStatus": "opt-in-not-required",
            "GroupName": call.region,
        }
        for i, name in enumerate(zones(call.region), 1)
    ]
    asked = call.params.get("ZoneNames")
    return {"AvailabilityZones": [row for row in filtered(call, "zone", rows) if not asked or row["ZoneName"] in asked]}


def type_row(name: str, size: Size) -> dict[str, Any]:
    return {
        "InstanceType": name,
        "CurrentGeneration": not name.startswith("t2."),
        "FreeTierEligible": name in ("t2.micro", "t3.micro"),
        "SupportedUsageClasses": ["on-demand", "spot"],
        "SupportedRootDeviceTypes": ["ebs"],
        "SupportedVirtualizationTypes": ["hvm"],
        "BareMetal": False,
        "Hypervisor": "nitro" if not name.startswith("t2.") else "xen",
        "ProcessorInfo": {"SupportedArchitectures": [size.arch], "SustainedClockSpeedInGhz": 2.5},
        "VCpuInfo": {
            "DefaultVCpus": size.vcpus,
            "DefaultCores": max(1, size.vcpus // 2),
            "DefaultThreadsPerCore": min(2, size.vcpus),
        },
        "MemoryInfo": {"SizeInMiB": size.memory_mib},
        "InstanceStorageSupported": False,
        "BurstablePerformanceSupported": name.startswith("t"),
    }


@handles("ec2", "DescribeInstanceTypes")
def describe_instance_types(call: Call) -> dict[str, Any]:
    asked = call.params.get("InstanceTypes") or sorted(TYPES)
    for name in asked:
        if name not in TYPES:
            raise Refused("InvalidInstanceType", f"The following supplied instance types do not exist: [{name}]")
    rows = filtered(call, "type", [type_row(name, TYPES[name]) for name in asked])
    page, token = call.page(rows, least=5, most=100)
    return {"InstanceTypes": page, "NextToken": token}


def listed(call: Call, kind: str, ids: str, show: Any, things: list[Thing] | None = None) -> list[Thing]:
    """The things of a describing call: those named (each must exist), or all, past the filters."""
    if call.params.get(ids):
        things = [call.get(kind, id) for id in dict.fromkeys(call.params[ids])]
    elif things is None:
        things = call.things(kind)
    filters = call.params.get("Filters")
    return [thing for thing in things if not filters or matching(kind, show(thing), filters, thing)]


def plain_row(thing: Thing) -> dict[str, Any]:
    return {**thing.data, "Tags": tag_list(thing)}


@handles("ec2", "DescribeVpcs")
def describe_vpcs(call: Call) -> dict[str, Any]:
    def show(vpc: Thing) -> dict[str, Any]:
        cidr = vpc.data["CidrBlock"]
        block = {
            "AssociationId": "vpc-cidr-assoc-" + vpc.id[4:],
            "CidrBlock": cidr,
            "CidrBlockState": {"State": "associated"},
        }
        row = {"VpcId": vpc.id, "State": vpc.state, "OwnerId": vpc.account, "CidrBlockAssociationSet": [block]}
        return {**plain_row(vpc), **row}

    page, token = call.page(listed(call, "vpc", "VpcIds", show), least=5)
    return {"Vpcs": [show(vpc) for vpc in page], "NextToken": token}


@handles("ec2", "DescribeSubnets")
def describe_subnets(call: Call) -> dict[str, Any]:
    def show(subnet: Thing) -> dict[str, Any]:
        arn = f"arn:aws:ec2:{subnet.region}:{subnet.account}:subnet/{subnet.id}"
        row = {"SubnetId": subnet.id, "State": subnet.state, "OwnerId": subnet.account, "SubnetArn": arn}
        return {**plain_row(subnet), **row, "Ipv6CidrBlockAssociationSet": []}

    page, token = call.page(listed(call, "subnet", "SubnetIds", show), least=5)
    return {"Subnets": [show(subnet) for subnet in page], "NextToken": token}


def image_row(image: Thing) -> dict[str, Any]:
    return {**plain_row(image), "ImageId": image.id, "State": image.state}


def public_images(call: Call) -> list[Thing]:
    """The vendors' images of this region: kept once, under no account."""
    return sorted(call.store.shelf("", call.region, "image").values(), key=lambda image: image.id)


def find_image(call: Call, id: str) -> Thing:
    if not id.startswith("ami-"):
        raise Refused("InvalidAMIID.Malformed", f'Invalid id: "{id}" (expecting "ami-...")')
    found = call.find("image", id) or call.store.shelf("", call.region, "image").get(id)
    if found is None:
        raise Refused("InvalidAMIID.NotFound", f"The image id '[{id}]' does not exist")
    return found


@handles("ec2", "DescribeImages")
def describe_images(call: Call) -> dict[str, Any]:
    owners = {OWNERS.get(owner, owner) for owner in call.params.get("Owners", [])}
    owners = {call.account if owner == "self" else owner for owner in owners}
    if call.params.get("ImageIds"):
        images = [find_image(call, id) for id in call.params["ImageIds"]]
    else:
        images = sorted([*call.things("image"), *public_images(call)], key=lambda image: image.id)
    filters = call.params.get("Filters", [])
    images = [image for image in images if not owners or image.data["OwnerId"] in owners]
    page, token = call.page([image for image in images if matching("image", image_row(image), filters, image)])
    return {"Images": [image_row(image) for image in page], "NextToken": token}


@handles("ec2", "DescribeSnapshots")
def describe_snapshots(call: Call) -> dict[str, Any]:
    def show(snapshot: Thing) -> dict[str, Any]:
        row = {"SnapshotId": snapshot.id, "State": snapshot.state, "OwnerId": snapshot.account, "Progress": "100%"}
        return {**plain_row(snapshot), **row}

    owners = {call.account if owner == "self" else owner for owner in call.params.get("OwnerIds", [])}
    found = [one for one in listed(call, "snapshot", "SnapshotIds", show) if not owners or one.account in owners]
    page, token = call.page(found, least=5)
    return {"Snapshots": [show(snapshot) for snapshot in page], "NextToken": token}


@handles("ec2", "DescribeAccountAttributes")
def describe_account_attributes(call: Call) -> dict[str, Any]:
    default = next((vpc.id for vpc in call.things("vpc") if vpc.data.get("IsDefault")), "none")
    values = {
        "supported-platforms": "VPC",
        "default-vpc": default,
        "max-instances": "256",
        "vpc-max-security-groups-per-interface": "5",
    }
    asked = call.params.get("AttributeNames") or list(values)
    rows = [
        {"AttributeName": name, "AttributeValues": [{"AttributeValue": values[name]}]}
        for name in asked
        if name in values
    ]
    return {"AccountAttributes": rows}
