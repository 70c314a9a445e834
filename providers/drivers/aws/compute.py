"""AWS compute: EC2 instances, and the images they start from.

Field paths are those of the EC2 API reference, 2016-11-15.
"""

from collections.abc import Mapping
from typing import Any

from providers.drivers.aws.machines import disks_that_go, with_creation
from providers.drivers.aws.offers import ALIASES, IMAGE_BY_NAME, IMAGE_FITS, TYPE_IS_OFFERED
from providers.drivers.aws.tags import NAME_IT, REMOVE_TAGS, SET_TAGS, SHOWN_WITHIN_SECONDS, with_tags
from providers.drivers.aws.trail import in_the_trail
from providers.drivers.kind import Call, FindAgain, Found, Kind, Param
from vocabulary.types import ServiceType
from vocabulary.words import State, Verb

REFERENCE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"


def is_running(values: Mapping[str, Any], found: Found | None) -> bool:
    """Whether the machine runs when the plan is made."""
    return found is not None and found.state is State.RUNNING


def type_is_set(arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether the machine already has the type that the call would give it."""
    return bool(found.attributes.get("instance_type") == arguments["InstanceType"]["Value"])


STOP = Call("ec2.stop_instances", {"InstanceIds": ["{id}"]}, title="Stop the instance", until=(State.STOPPED,))
START = Call("ec2.start_instances", {"InstanceIds": ["{id}"]}, title="Start the instance", until=(State.RUNNING,))
DESCRIBE = "Reservations[].Instances[]"
OWNERS = "Reservations[].OwnerId"

INSTANCE = Kind(
    name="instance",
    service_type=ServiceType.COMPUTE,
    vendor_name="EC2 instance",
    native_type="AWS::EC2::Instance",
    vendor_url=f"{REFERENCE}/API_Instance.html",
    calls={
        Verb.LIST: (Call("ec2.describe_instances", {}, DESCRIBE, owner=OWNERS),),
        Verb.GET: (Call("ec2.describe_instances", {"InstanceIds": ["{id}"]}, DESCRIBE, owner=OWNERS),),
        Verb.CREATE: (
            Call(
                "ec2.run_instances",
                {
                    "ImageId": "{image}",
                    "InstanceType": "{instance_type}",
                    "MinCount": 1,
                    "MaxCount": 1,
                    "SubnetId": "{subnet}",
                    "SecurityGroupIds": "{firewalls}",
                    "KeyName": "{key_pair}",
                    "UserData": "{user_data}",
                    "ClientToken": "{token}",
                    "TagSpecifications": [
                        {"ResourceType": "instance", "Tags": "{tag_list}"},
                        {"ResourceType": "volume", "Tags": "{tag_list}"},
                    ],
                },
                "Instances[0].InstanceId",
                title="Start a new instance",
                until=(State.RUNNING,),
                find=FindAgain(
                    "marker",
                    Call(
                        "ec2.describe_instances",
                        {"Filters": [{"Name": "client-token", "Values": ["{token}"]}]},
                        f"{DESCRIBE}.InstanceId",
                    ),
                    within_seconds=SHOWN_WITHIN_SECONDS,
                ),
            ),
        ),
        Verb.DELETE: (
            Call(
                "ec2.terminate_instances",
                {"InstanceIds": ["{id}"]},
                title="Terminate the instance",
                gone_is_done=True,
                until=(State.GONE,),
            ),
        ),
        Verb.START: (START,),
        Verb.STOP: (STOP,),
        Verb.REBOOT: (
            Call(
                "ec2.reboot_instances",
                {"InstanceIds": ["{id}"]},
                title="Reboot the instance",
                find=in_the_trail("RebootInstances"),
                until=(State.RUNNING,),
            ),
        ),
        Verb.RESIZE: (
            Call(
                "ec2.stop_instances",
                {"InstanceIds": ["{id}"]},
                title="Stop the instance",
                until=(State.STOPPED,),
                when=is_running,
                back=START,
            ),
            Call(
                "ec2.modify_instance_attribute",
                {"InstanceId": "{id}", "InstanceType": {"Value": "{instance_type}"}},
                title="Change its type to {instance_type}",
                holds=type_is_set,
                back=Call(
                    "ec2.modify_instance_attribute",
                    {"InstanceId": "{id}", "InstanceType": {"Value": "{was_instance_type}"}},
                    title="Change its type back to {was_instance_type}",
                ),
            ),
            Call(
                "ec2.start_instances",
                {"InstanceIds": ["{id}"]},
                title="Start it again",
                until=(State.RUNNING,),
                when=is_running,
            ),
        ),
        Verb.UPDATE: (
            Call(
                "ec2.modify_instance_attribute",
                {"InstanceId": "{id}", "DisableApiTermination": {"Value": "{termination_protection}"}},
                title="Set termination protection",
                when=lambda values, found: values.get("termination_protection") is not None,
            ),
            NAME_IT,
        ),
        Verb.TAG: (SET_TAGS, REMOVE_TAGS),
    },
    fields={
        "id": "InstanceId",
        "name": "Tags[?Key=='Name'].Value | [0]",
        "state": "State.Name",
        "zone": "Placement.AvailabilityZone",
        "created_at": "CreatedAt",
        "launched_at": "LaunchTime",
        "tags": "Tags",
        "instance_type": "InstanceType",
        "image": "ImageId",
        "architecture": "Architecture",
        "platform": "PlatformDetails",
        "private_ip": "PrivateIpAddress",
        "public_ip": "PublicIpAddress",
        "key_pair": "KeyName",
        "lifecycle": "InstanceLifecycle",
        "root_device": "RootDeviceName",
        "state_reason": "StateReason.Message",
        "ebs_optimized": "EbsOptimized",
        "monitoring": "Monitoring.State",
    },
    states={
        "pending": State.PENDING,
        "running": State.RUNNING,
        "shutting-down": State.DELETING,
        "terminated": State.GONE,
        "stopping": State.STOPPING,
        "stopped": State.STOPPED,
    },
    relations={
        "network": ("network", "VpcId"),
        "subnet": ("subnet", "SubnetId"),
        "firewall": ("firewall", "SecurityGroups[].GroupId"),
        "disk": ("volume", "BlockDeviceMappings[].Ebs.VolumeId"),
        "image": ("image", "ImageId"),
    },
    params={
        Verb.CREATE: (
            Param("name", "Name", required=True),
            Param("instance_type", "Instance type", required=True, help="An EC2 type, for example t3.medium."),
            Param("image", "Image", required=True, choices_from="image", help=f"An AMI id, or {', '.join(ALIASES)}."),
            Param("subnet", "Subnet", choices_from="subnet"),
            Param("firewalls", "Security groups", "texts", choices_from="firewall"),
            Param("key_pair", "Key pair"),
            Param("user_data", "User data", secret=True),
            Param("tags", "Tags", "tags"),
        ),
        Verb.RESIZE: (Param("instance_type", "Instance type", required=True),),
        Verb.UPDATE: (
            Param("name", "Name"),
            Param("termination_protection", "Termination protection", "boolean"),
        ),
        Verb.TAG: (Param("tags", "Tags", "tags", required=True),),
    },
    derive=with_tags,
    shape=with_creation,
    look_ups={Verb.CREATE: (TYPE_IS_OFFERED, IMAGE_FITS, IMAGE_BY_NAME), Verb.RESIZE: (TYPE_IS_OFFERED,)},
    effects={
        Verb.STOP: (
            "The machine shuts down. What it serves stops answering.",
            "A public address that is not elastic is lost.",
        ),
        Verb.START: ("The machine starts and is billed per second.",),
        Verb.REBOOT: ("The machine restarts; it does not answer for a minute or so.",),
        Verb.DELETE: (
            "The machine is terminated and cannot be brought back.",
            disks_that_go,
        ),
        Verb.CREATE: ("A new machine starts and is billed per second.",),
        Verb.RESIZE: ("A running machine is stopped, changed and started again: it does not answer for some minutes.",),
    },
    stays={
        Verb.STOP: ("Its disks stay and are billed.", "Its private address and its tags stay."),
        Verb.DELETE: ("Disks not marked delete-on-termination stay and are billed.", "Snapshots and images stay."),
        Verb.RESIZE: ("Its disks, private address and tags stay.",),
    },
    permissions={
        Verb.LIST: ("ec2:DescribeInstances",),
        Verb.GET: ("ec2:DescribeInstances",),
        Verb.CREATE: ("ec2:RunInstances", "ec2:CreateTags", "ec2:DescribeInstanceTypes", "ec2:DescribeImages"),
        Verb.DELETE: ("ec2:TerminateInstances",),
        Verb.START: ("ec2:StartInstances",),
        Verb.STOP: ("ec2:StopInstances",),
        Verb.REBOOT: ("ec2:RebootInstances", "cloudtrail:LookupEvents"),
        Verb.RESIZE: (
            "ec2:DescribeInstanceTypes",
            "ec2:StopInstances",
            "ec2:ModifyInstanceAttribute",
            "ec2:StartInstances",
        ),
        Verb.UPDATE: ("ec2:ModifyInstanceAttribute", "ec2:CreateTags"),
        Verb.TAG: ("ec2:CreateTags", "ec2:DeleteTags"),
    },
    secrets=("UserData",),
    quota=("ec2", "L-1216C47A"),
    allowed_from={
        Verb.STOP: (State.RUNNING,),
        Verb.START: (State.STOPPED,),
        Verb.REBOOT: (State.RUNNING,),
        Verb.RESIZE: (State.RUNNING, State.STOPPED),
        Verb.DELETE: (State.PENDING, State.RUNNING, State.STOPPED, State.STOPPING),
    },
    example={"name": "conformance-1", "instance_type": "t3.micro", "image": "ubuntu-24.04", "tags": {"env": "test"}},
    examples={
        Verb.UPDATE: {"name": "conformance-2"},
        Verb.RESIZE: {"instance_type": "t3.small"},
        Verb.TAG: {"tags": {"env": "production", "team": "platform"}},
    },
)

IMAGE = Kind(
    name="image",
    service_type=ServiceType.COMPUTE,
    vendor_name="Amazon Machine Image",
    native_type="AWS::EC2::Image",
    vendor_url=f"{REFERENCE}/API_Image.html",
    calls={
        Verb.LIST: (Call("ec2.describe_images", {"Owners": ["self"]}, "Images", owner="Images[].OwnerId"),),
        Verb.GET: (Call("ec2.describe_images", {"ImageIds": ["{id}"]}, "Images"),),
    },
    fields={
        "id": "ImageId",
        "name": "Name",
        "state": "State",
        "created_at": "CreationDate",
        "tags": "Tags",
        "architecture": "Architecture",
        "platform": "PlatformDetails",
        "public": "Public",
        "description": "Description",
        "root_device": "RootDeviceName",
        "owner": "OwnerId",
    },
    states={
        "available": State.AVAILABLE,
        "pending": State.PENDING,
        "invalid": State.FAILED,
        "deregistered": State.GONE,
        "transient": State.PENDING,
        "failed": State.FAILED,
        "error": State.FAILED,
        "disabled": State.DEGRADED,
    },
    relations={"snapshot": ("snapshot", "BlockDeviceMappings[].Ebs.SnapshotId")},
    permissions={Verb.LIST: ("ec2:DescribeImages",), Verb.GET: ("ec2:DescribeImages",)},
)
