"""EC2 volumes and security groups."""

from typing import Any

from sandbox.testing import Running
from tests.sandbox.conftest import PRODUCTION, code_of, launch


def volume(ec2: Any, **more: Any) -> str:
    asked = {"AvailabilityZone": "us-east-1a", "Size": 10, "VolumeType": "gp3", **more}
    return str(ec2.create_volume(**asked)["VolumeId"])


def state_of(ec2: Any, id: str) -> str:
    return str(ec2.describe_volumes(VolumeIds=[id])["Volumes"][0]["State"])


def test_a_volume_is_created_attached_detached_and_deleted(ec2: Any, cloud: Running) -> None:
    machine = launch(ec2, Placement={"AvailabilityZone": "us-east-1a"})["InstanceId"]
    id = volume(ec2, ClientToken="once")
    assert volume(ec2, ClientToken="once") == id
    assert (
        code_of(ec2.create_volume, AvailabilityZone="us-east-1a", Size=11, ClientToken="once")
        == "IdempotentParameterMismatch"
    )
    cloud.control.advance(2)
    assert state_of(ec2, id) == "creating"
    cloud.control.advance(25)
    assert state_of(ec2, id) == "available"
    ec2.attach_volume(VolumeId=id, InstanceId=machine, Device="/dev/sdf")
    assert code_of(ec2.delete_volume, VolumeId=id) == "VolumeInUse"
    cloud.control.advance(5)
    disks = ec2.describe_instances(InstanceIds=[machine])["Reservations"][0]["Instances"][0]["BlockDeviceMappings"]
    assert {"/dev/sdf": id}.items() <= {disk["DeviceName"]: disk["Ebs"]["VolumeId"] for disk in disks}.items()
    ec2.detach_volume(VolumeId=id)
    cloud.control.advance(7)
    assert state_of(ec2, id) == "available"
    ec2.delete_volume(VolumeId=id)
    cloud.control.advance(6)
    assert code_of(ec2.describe_volumes, VolumeIds=[id]) == "InvalidVolume.NotFound"


def test_terminating_deletes_the_root_disk_and_keeps_the_data_disk(ec2: Any, cloud: Running) -> None:
    data_disk = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5, "DeleteOnTermination": False}}
    machine = launch(ec2, BlockDeviceMappings=[data_disk])["InstanceId"]
    cloud.control.advance(26)
    assert len(ec2.describe_volumes()["Volumes"]) == 2
    ec2.terminate_instances(InstanceIds=[machine])
    cloud.control.advance(31)
    (left,) = ec2.describe_volumes()["Volumes"]
    assert (left["Size"], left["State"]) == (5, "available")


def test_a_volume_grows_over_time_and_never_shrinks(ec2: Any, cloud: Running) -> None:
    id = volume(ec2)
    cloud.control.advance(9)
    ec2.modify_volume(VolumeId=id, Size=20)
    assert ec2.describe_volumes(VolumeIds=[id])["Volumes"][0]["Size"] == 10
    assert code_of(ec2.modify_volume, VolumeId=id, Size=30) == "IncorrectModificationState"
    cloud.control.advance(21)
    assert ec2.describe_volumes(VolumeIds=[id])["Volumes"][0]["Size"] == 20
    cloud.control.advance(61)
    changes = ec2.describe_volumes_modifications(VolumeIds=[id])["VolumesModifications"]
    assert changes[0]["ModificationState"] == "completed"
    assert code_of(ec2.modify_volume, VolumeId=id, Size=5) == "InvalidParameterValue"


def test_storage_quotas_hold(ec2: Any, cloud: Running) -> None:
    cloud.control.quota(PRODUCTION, "gp3_tib", 1)
    asked = {"AvailabilityZone": "us-east-1a", "Size": 2000, "VolumeType": "gp3"}
    assert code_of(ec2.create_volume, **asked) == "VolumeLimitExceeded"
    cloud.control.quota(PRODUCTION, "volume_count", 0)
    assert code_of(ec2.create_volume, **{**asked, "Size": 1}) == "VolumeLimitExceeded"


def test_a_group_and_its_rules(ec2: Any, cloud: Running) -> None:
    group = ec2.create_security_group(GroupName="web", Description="web servers")["GroupId"]
    assert code_of(ec2.create_security_group, GroupName="web", Description="again") == "InvalidGroup.Duplicate"
    cloud.control.advance(2)
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    asked = {
        "GroupId": group,
        "IpPermissions": [{**https, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}]}],
    }
    rule = ec2.authorize_security_group_ingress(**asked)["SecurityGroupRules"][0]
    assert code_of(ec2.authorize_security_group_ingress, **asked) == "InvalidPermission.Duplicate"
    shown = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert shown == [
        {**https, **asked["IpPermissions"][0], "Ipv6Ranges": [], "UserIdGroupPairs": [], "PrefixListIds": []}
    ]
    listed = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert rule["SecurityGroupRuleId"] in {one["SecurityGroupRuleId"] for one in listed}
    ec2.revoke_security_group_ingress(**asked)
    assert code_of(ec2.revoke_security_group_ingress, **asked) == "InvalidPermission.NotFound"
    bad = {"GroupId": group, "IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "CidrIp": "10.0.0.0/99"}
    assert code_of(ec2.authorize_security_group_ingress, **bad) == "InvalidParameterValue"


def test_a_group_in_use_is_not_deleted(ec2: Any, cloud: Running) -> None:
    group = ec2.create_security_group(GroupName="web", Description="web servers")["GroupId"]
    cloud.control.advance(2)
    machine = launch(ec2, SecurityGroupIds=[group])["InstanceId"]
    assert code_of(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    cloud.control.advance(26)
    ec2.terminate_instances(InstanceIds=[machine])
    cloud.control.advance(31)
    ec2.delete_security_group(GroupId=group)
    assert code_of(ec2.delete_security_group, GroupId=group) == "InvalidGroup.NotFound"
