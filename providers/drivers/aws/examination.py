"""AWS: how old our keys are, and what they may do.

IAM's simulator knows identity policies and boundaries, not service control policies
(https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html, read 2026-11-24), so what it
allows may still be refused; EC2's DryRun judges with everything that counts, for the calls that have it."""

from collections.abc import Iterable, Mapping
from typing import Any

from providers.drivers.examination import Examination
from providers.drivers.kind import Call

#: Well-formed ids of nothing: a rehearsal must not name anything that exists, in case somebody's endpoint does not know
#: DryRun.
NO_INSTANCE, NO_VOLUME, NO_GROUP = "i-00000000000000000", "vol-00000000000000000", "sg-00000000000000000"


def source_of(principal: str) -> str:
    """The user or role that a signed-in principal's policies are attached to; "" for the account's root and others."""
    parts = principal.split(":")
    if len(parts) != 6:
        return ""
    if parts[2] == "sts" and parts[5].startswith("assumed-role/"):
        role = parts[5].split("/")[1]
        return f"arn:{parts[1]}:iam::{parts[4]}:role/{role}"
    return principal if parts[2] == "iam" and parts[5].startswith(("user/", "role/")) else ""


def policy(name: str, actions: Iterable[str]) -> Mapping[str, Any]:
    """An identity policy that allows these actions."""
    statement = {"Sid": name, "Effect": "Allow", "Action": sorted(set(actions)), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _rehearsal(method: str, **arguments: Any) -> Call:
    return Call(f"ec2.{method}", {**arguments, "DryRun": True})


REHEARSALS = {
    "ec2:DescribeInstances": _rehearsal("describe_instances"),
    "ec2:DescribeVolumes": _rehearsal("describe_volumes"),
    "ec2:DescribeSecurityGroups": _rehearsal("describe_security_groups"),
    "ec2:DescribeImages": _rehearsal("describe_images", Owners=["self"]),
    "ec2:DescribeVpcs": _rehearsal("describe_vpcs"),
    "ec2:DescribeSubnets": _rehearsal("describe_subnets"),
    "ec2:DescribeRegions": _rehearsal("describe_regions"),
    "ec2:StartInstances": _rehearsal("start_instances", InstanceIds=[NO_INSTANCE]),
    "ec2:StopInstances": _rehearsal("stop_instances", InstanceIds=[NO_INSTANCE]),
    "ec2:RebootInstances": _rehearsal("reboot_instances", InstanceIds=[NO_INSTANCE]),
    "ec2:TerminateInstances": _rehearsal("terminate_instances", InstanceIds=[NO_INSTANCE]),
    "ec2:DeleteVolume": _rehearsal("delete_volume", VolumeId=NO_VOLUME),
    "ec2:DeleteSecurityGroup": _rehearsal("delete_security_group", GroupId=NO_GROUP),
    "ec2:CreateTags": _rehearsal("create_tags", Resources=[NO_VOLUME], Tags=[{"Key": "rehearsal", "Value": ""}]),
    "ec2:DeleteTags": _rehearsal("delete_tags", Resources=[NO_VOLUME], Tags=[{"Key": "rehearsal"}]),
}

EXAMINATION = Examination(
    keys=Call(
        "iam.list_access_keys",
        {},
        "AccessKeyMetadata[].{id: AccessKeyId, created_at: CreateDate, status: Status}",
    ),
    last_used=Call(
        "iam.get_access_key_last_used",
        {"AccessKeyId": "{key}"},
        "AccessKeyLastUsed.{at: LastUsedDate, service: ServiceName, region: Region}",
    ),
    may=Call(
        "iam.simulate_principal_policy",
        {"PolicySourceArn": "{source}", "ActionNames": "{actions}"},
        "EvaluationResults[].{action: EvalActionName, decision: EvalDecision}",
    ),
    source=source_of,
    policy=policy,
    allowed="allowed",
    rehearsed="DryRunOperation",
    rehearsals=REHEARSALS,
    permissions=("iam:ListAccessKeys", "iam:GetAccessKeyLastUsed", "iam:SimulatePrincipalPolicy"),
    longest_session_hours=36,
)
