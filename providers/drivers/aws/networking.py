"""AWS networking: VPCs and their subnets, as far as creating a machine needs to see them.

Field paths are those of the EC2 API reference, 2016-11-15. A network that another account shares is listed too, so the
owner is a fact here and not a reason to refuse the answer.
"""

from providers.drivers.kind import Call, Kind
from vocabulary.types import ServiceType
from vocabulary.words import State, Verb

REFERENCE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"
NAME = "Tags[?Key=='Name'].Value | [0]"

NETWORK = Kind(
    name="network",
    service_type=ServiceType.NETWORKING,
    vendor_name="VPC",
    native_type="AWS::EC2::VPC",
    vendor_url=f"{REFERENCE}/API_Vpc.html",
    calls={
        Verb.LIST: (Call("ec2.describe_vpcs", {}, "Vpcs"),),
        Verb.GET: (Call("ec2.describe_vpcs", {"VpcIds": ["{id}"]}, "Vpcs"),),
    },
    fields={
        "id": "VpcId",
        "name": NAME,
        "state": "State",
        "tags": "Tags",
        "cidr_blocks": "CidrBlockAssociationSet[].CidrBlock || [CidrBlock]",
        "ipv6_cidr_blocks": "Ipv6CidrBlockAssociationSet[].Ipv6CidrBlock",
        "default": "IsDefault",
        "tenancy": "InstanceTenancy",
        "owner": "OwnerId",
    },
    states={"pending": State.PENDING, "available": State.AVAILABLE, "deleting": State.DELETING},
    permissions={Verb.LIST: ("ec2:DescribeVpcs",), Verb.GET: ("ec2:DescribeVpcs",)},
)

SUBNET = Kind(
    name="subnet",
    service_type=ServiceType.NETWORKING,
    vendor_name="VPC subnet",
    native_type="AWS::EC2::Subnet",
    vendor_url=f"{REFERENCE}/API_Subnet.html",
    calls={
        Verb.LIST: (Call("ec2.describe_subnets", {}, "Subnets"),),
        Verb.GET: (Call("ec2.describe_subnets", {"SubnetIds": ["{id}"]}, "Subnets"),),
    },
    fields={
        "id": "SubnetId",
        "name": NAME,
        "state": "State",
        "zone": "AvailabilityZone",
        "tags": "Tags",
        "cidr_block": "CidrBlock",
        "network": "VpcId",
        "free_addresses": "AvailableIpAddressCount",
        "default": "DefaultForAz",
        "public_ip_on_launch": "MapPublicIpOnLaunch",
        "owner": "OwnerId",
    },
    states={
        "pending": State.PENDING,
        "available": State.AVAILABLE,
        "unavailable": State.DEGRADED,
        "failed": State.FAILED,
        "failed-insufficient-capacity": State.FAILED,
    },
    relations={"network": ("network", "VpcId")},
    permissions={Verb.LIST: ("ec2:DescribeSubnets",), Verb.GET: ("ec2:DescribeSubnets",)},
)
