"""What can be done to an EC2 instance that exists: start, stop, reboot, terminate, modify."""

from typing import Any

from sandbox.aws.calls import Call, handles
from sandbox.aws.catalog import TYPES
from sandbox.aws.ec2_instances import (
    LISTED_AFTER_TERMINATION,
    PENDING,
    SHUTTING_DOWN,
    STOPPING,
    check_vcpus,
    decoded,
    state_of,
)
from sandbox.aws.ec2_volumes import let_go
from sandbox.aws.errors import Refused, invalid, missing
from sandbox.clock import moment
from sandbox.store import Thing

BY_USER = {"Code": "Client.UserInitiatedShutdown", "Message": "Client.UserInitiatedShutdown: User initiated shutdown"}


def named(call: Call) -> list[Thing]:
    return [call.get("instance", id) for id in dict.fromkeys(call.params["InstanceIds"])]


def wrong_state(instance: Thing, verb: str) -> Refused:
    words = f"The instance '{instance.id}' is not in a state from which it can be {verb}."
    return Refused("IncorrectInstanceState", words)


def changes(before: list[tuple[Thing, str]]) -> list[dict[str, Any]]:
    return [
        {"InstanceId": one.id, "PreviousState": state_of(old), "CurrentState": state_of(one.state)}
        for one, old in before
    ]


@handles("ec2", "StartInstances")
def start_instances(call: Call) -> dict[str, Any]:
    instances = named(call)
    before = [(one, one.state) for one in instances]
    for one in instances:
        if one.state not in ("stopped", "pending", "running"):
            raise wrong_state(one, "started")
    for one in instances:
        if one.state == "stopped":
            check_vcpus(call, one.data["InstanceType"])
            one.data["LaunchTime"] = moment()
            one.data.pop("StateReason", None)
            call.plan(one, "pending", (PENDING, "running"))
    call.accepted("instance", *instances)
    return {"StartingInstances": changes(before)}


@handles("ec2", "StopInstances")
def stop_instances(call: Call) -> dict[str, Any]:
    instances = named(call)
    before = [(one, one.state) for one in instances]
    for one in instances:
        if one.state not in ("running", "stopping", "stopped"):
            raise wrong_state(one, "stopped")
    for one in instances:
        if one.state == "running":
            stamp = moment()[:19].replace("T", " ")
            one.data |= {"StateReason": BY_USER, "StateTransitionReason": f"User initiated ({stamp} GMT)"}
            call.plan(one, "stopping", (STOPPING / 3 if call.params.get("Force") else STOPPING, "stopped"))
    call.accepted("instance", *instances)
    return {"StoppingInstances": changes(before)}


@handles("ec2", "RebootInstances")
def reboot_instances(call: Call) -> dict[str, Any]:
    instances = named(call)
    for one in instances:
        if one.state != "running":
            raise wrong_state(one, "rebooted")
    for one in instances:
        one.hidden["rebooted_at"] = moment()
        call.store.put(one)
    call.accepted("instance", *instances)
    return {}


@handles("ec2", "TerminateInstances")
def terminate_instances(call: Call) -> dict[str, Any]:
    instances = named(call)
    before = [(one, one.state) for one in instances]
    for one in instances:
        if one.hidden.get("termination_protected") and one.state != "terminated":
            why = (
                f"The instance '{one.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute."
            )
            raise Refused("OperationNotPermitted", why)
    for one in instances:
        if one.state not in ("shutting-down", "terminated"):
            one.data |= {"StateReason": BY_USER}
            gone = SHUTTING_DOWN + LISTED_AFTER_TERMINATION
            call.plan(one, "shutting-down", (SHUTTING_DOWN, "terminated"), (gone, "gone"))
            let_go(call, one.id, SHUTTING_DOWN)
    call.accepted("instance", *instances)
    return {"TerminatingInstances": changes(before)}


@handles("ec2", "DescribeInstanceAttribute")
def describe_instance_attribute(call: Call) -> dict[str, Any]:
    instance, attribute = call.get("instance", call.params["InstanceId"]), call.params["Attribute"]
    hidden, data = instance.hidden, instance.data
    behaviour = "terminate" if hidden.get("shutdown_terminates") else "stop"
    values: dict[str, dict[str, Any]] = {
        "userData": {"UserData": {"Value": hidden["user_data"]} if hidden.get("user_data") else {}},
        "disableApiTermination": {"DisableApiTermination": {"Value": bool(hidden.get("termination_protected"))}},
        "instanceType": {"InstanceType": {"Value": data["InstanceType"]}},
        "instanceInitiatedShutdownBehavior": {"InstanceInitiatedShutdownBehavior": {"Value": behaviour}},
        "ebsOptimized": {"EbsOptimized": {"Value": data.get("EbsOptimized", False)}},
        "sourceDestCheck": {"SourceDestCheck": {"Value": data.get("SourceDestCheck", True)}},
        "rootDeviceName": {"RootDeviceName": {"Value": data["RootDeviceName"]}},
        "groupSet": {"Groups": data["SecurityGroups"]},
    }
    if attribute not in values:
        raise Refused("UnsupportedOperation", f"The attribute {attribute} is not simulated")
    return {"InstanceId": instance.id, **values[attribute]}


@handles("ec2", "ModifyInstanceAttribute")
def modify_instance_attribute(call: Call) -> dict[str, Any]:
    params = call.params
    instance = call.get("instance", params["InstanceId"])
    if params.get("Attribute"):
        # The older way to say it: the attribute's name, and a plain value beside it.
        name = params["Attribute"][0].upper() + params["Attribute"][1:]
        params = {**params, name: {"Value": typed(name, params.get("Value", ""))}}
    known = ("InstanceType", "DisableApiTermination", "Groups", "UserData", "EbsOptimized", "SourceDestCheck")
    given = [name for name in (*known, "InstanceInitiatedShutdownBehavior") if name in params]
    if not given:
        raise missing("an attribute to modify")
    # Marked as touched first, so that a refusal half-way through takes back what was changed before it.
    call.store.put(instance)
    for name in given:
        change_attribute(call, instance, name, params[name])
    call.accepted("instance", instance)
    return {}


def typed(name: str, text: str) -> Any:
    return text.lower() == "true" if name in ("DisableApiTermination", "EbsOptimized", "SourceDestCheck") else text


def change_attribute(call: Call, instance: Thing, name: str, asked: Any) -> None:
    value = asked.get("Value") if isinstance(asked, dict) else asked
    if name in ("InstanceType", "UserData", "EbsOptimized") and instance.state != "stopped":
        raise Refused("IncorrectInstanceState", f"The instance '{instance.id}' is not in the 'stopped' state.")
    if name == "InstanceType":
        if value not in TYPES:
            raise invalid("instanceType", value)
        if TYPES[value].arch != instance.data["Architecture"]:
            raise Refused(
                "InvalidParameterValue", "The architecture of the instance type does not match that of the AMI."
            )
        instance.data["InstanceType"] = value
    elif name == "DisableApiTermination":
        instance.hidden["termination_protected"] = bool(value)
    elif name == "Groups":
        groups = [call.get("group", id) for id in asked]
        instance.data["SecurityGroups"] = [{"GroupId": one.id, "GroupName": one.data["GroupName"]} for one in groups]
    elif name == "UserData":
        instance.hidden["user_data"] = decoded(value.decode() if isinstance(value, bytes) else str(value or ""))
    elif name == "InstanceInitiatedShutdownBehavior":
        instance.hidden["shutdown_terminates"] = value == "terminate"
    else:
        instance.data[name] = bool(value)
