"""EC2 security groups and their rules. A rule is a thing of its own; the permissions of a group are drawn from its
rules.
"""

from ipaddress import ip_network
from typing import Any

from sandbox.aws.calls import Call, handles
from sandbox.aws.ec2_filters import tag_list, tags_given
from sandbox.aws.ec2_places import listed
from sandbox.aws.errors import Refused, invalid
from sandbox.store import Thing

#: Where the rule's other side stands: (list in IpPermissions, its key, the field of a rule).
SOURCES = (
    ("IpRanges", "CidrIp", "CidrIpv4"),
    ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
    ("UserIdGroupPairs", "GroupId", "ReferencedGroupId"),
    ("PrefixListIds", "PrefixListId", "PrefixListId"),
)
SAME = ("IsEgress", "IpProtocol", "FromPort", "ToPort", "CidrIpv4", "CidrIpv6", "ReferencedGroupId", "PrefixListId")


def rules_of(call: Call, group: str) -> list[Thing]:
    index: dict[str, list[Thing]] | None = call.memo.get("rules")
    if index is None:
        index = call.memo["rules"] = {}
        for rule in call.things("group-rule", hidden=True):
            index.setdefault(rule.data["GroupId"], []).append(rule)
    return index.get(group, [])


def permissions(rules: list[Thing], egress: bool) -> list[dict[str, Any]]:
    """The rules of one direction, put together by protocol and ports as DescribeSecurityGroups shows them."""
    together: dict[tuple[Any, ...], dict[str, Any]] = {}
    for rule in rules:
        data = rule.data
        if data["IsEgress"] != egress:
            continue
        key = (data["IpProtocol"], data.get("FromPort"), data.get("ToPort"))
        row = together.setdefault(
            key, {"IpProtocol": key[0], "IpRanges": [], "Ipv6Ranges": [], "UserIdGroupPairs": [], "PrefixListIds": []}
        )
        if key[0] != "-1":
            row |= {"FromPort": key[1], "ToPort": key[2]}
        for where, name, field in SOURCES:
            if data.get(field):
                further = {"Description": data["Description"]} if data.get("Description") else {}
                further |= {"UserId": rule.account} if where == "UserIdGroupPairs" else {}
                row[where].append({name: data[field], **further})
    return list(together.values())


def group_row(call: Call, group: Thing) -> dict[str, Any]:
    rules = rules_of(call, group.id)
    return {
        **group.data,
        "GroupId": group.id,
        "OwnerId": group.account,
        "Tags": tag_list(group),
        "SecurityGroupArn": f"arn:aws:ec2:{group.region}:{group.account}:security-group/{group.id}",
        "IpPermissions": permissions(rules, egress=False),
        "IpPermissionsEgress": permissions(rules, egress=True),
    }


@handles("ec2", "DescribeSecurityGroups")
def describe_security_groups(call: Call) -> dict[str, Any]:
    names = call.params.get("GroupNames")
    found = listed(call, "group", "GroupIds", lambda group: group_row(call, group))
    if names:
        found = [group for group in found if group.data["GroupName"] in names]
        if not found:
            raise Refused("InvalidGroup.NotFound", f"The security group '{names[0]}' does not exist in default VPC")
    page, token = call.page(found, least=5)
    return {"SecurityGroups": [group_row(call, group) for group in page], "NextToken": token}


def rule_row(rule: Thing) -> dict[str, Any]:
    data = {k: v for k, v in rule.data.items() if v is not None}
    other = data.pop("ReferencedGroupId", None)
    if other:
        data["ReferencedGroupInfo"] = {"GroupId": other, "UserId": rule.account}
    return {
        "FromPort": -1,
        "ToPort": -1,
        **data,
        "SecurityGroupRuleId": rule.id,
        "GroupOwnerId": rule.account,
        "Tags": tag_list(rule),
    }


@handles("ec2", "DescribeSecurityGroupRules")
def describe_security_group_rules(call: Call) -> dict[str, Any]:
    page, token = call.page(listed(call, "group-rule", "SecurityGroupRuleIds", rule_row), least=5)
    return {"SecurityGroupRules": [rule_row(rule) for rule in page], "NextToken": token}


@handles("ec2", "CreateSecurityGroup")
def create_security_group(call: Call) -> dict[str, Any]:
    params = call.params
    name, vpc = params["GroupName"], params.get("VpcId")
    if vpc is None:
        default = [one for one in call.things("vpc") if one.data.get("IsDefault")]
        if not default:
            raise Refused("VPCIdNotSpecified", "No default VPC for this user")
        vpc = default[0].id
    call.get("vpc", vpc)
    if name.startswith("sg-") or name.lower() == "default" or not 1 <= len(name) <= 255:
        raise invalid("groupName", name)
    existing = call.things("group", hidden=True)
    if any(one.data["GroupName"] == name and one.data["VpcId"] == vpc for one in existing):
        raise Refused("InvalidGroup.Duplicate", f"The security group '{name}' already exists for VPC '{vpc}'")
    if len(existing) + 1 > call.quota("groups"):
        raise Refused("SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.")
    tags = tags_given(params.get("TagSpecifications", []), "security-group")
    data = {"GroupName": name, "Description": params["Description"], "VpcId": vpc}
    group = call.add("group", call.new_id("sg-"), data, tags=tags, state="available")
    add_rule(call, group, {"IsEgress": True, "IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0"})
    call.accepted("group", group, name=name)
    arn = f"arn:aws:ec2:{call.region}:{call.account}:security-group/{group.id}"
    return {"GroupId": group.id, "Tags": tag_list(group), "SecurityGroupArn": arn}


@handles("ec2", "DeleteSecurityGroup")
def delete_security_group(call: Call) -> dict[str, Any]:
    group = group_asked(call)
    if group.data["GroupName"] == "default":
        raise Refused("CannotDelete", f'the specified group: "{group.id}" name: "default" cannot be deleted by a user')
    users = [
        one.id
        for one in call.things("instance", hidden=True)
        if one.state != "terminated" and any(used["GroupId"] == group.id for used in one.data["SecurityGroups"])
    ]
    others = [one for one in call.things("group-rule", hidden=True) if one.data.get("ReferencedGroupId") == group.id]
    if users or any(one.data["GroupId"] != group.id for one in others):
        raise Refused("DependencyViolation", f"resource {group.id} has a dependent object")
    for rule in rules_of(call, group.id):
        call.store.remove(rule)
    call.store.remove(group)
    call.accepted("group", group, name=group.data["GroupName"])
    return {"Return": True, "GroupId": group.id}


def group_asked(call: Call) -> Thing:
    if call.params.get("GroupId"):
        return call.get("group", call.params["GroupId"])
    name = call.params.get("GroupName")
    if not name:
        raise Refused("MissingParameter", "The request must contain the parameter groupName or groupId")
    for group in call.things("group"):
        if group.data["GroupName"] == name:
            return group
    raise Refused("InvalidGroup.NotFound", f"The security group '{name}' does not exist in default VPC")


def add_rule(call: Call, group: Thing, data: dict[str, Any], tags: dict[str, str] | None = None) -> Thing:
    data = {"GroupId": group.id, **data}
    return call.add("group-rule", call.new_id("sgr-"), data, tags=tags or {}, state="available", visible_at=0.0)


def asked_rules(call: Call, egress: bool) -> list[dict[str, Any]]:
    """The rules that an authorize or revoke call names, one by one, checked."""
    params = call.params
    asked = params.get("IpPermissions")
    if asked is None:
        one = {name: params[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in params}
        asked = [{**one, "IpRanges": [{"CidrIp": params["CidrIp"]}] if "CidrIp" in params else []}]
    found = []
    for permission in asked:
        base = {"IsEgress": egress, **ports(permission)}
        for where, name, field in SOURCES:
            for source in permission.get(where, []):
                value = source.get(name, "")
                if field.startswith("Cidr"):
                    check_cidr(value)
                elif field == "ReferencedGroupId":
                    call.get("group", value)
                found.append({**base, field: value, "Description": source.get("Description")})
    if not found:
        raise Refused("MissingParameter", "Either 'ipPermissions' with a source or 'cidrIp' should be provided.")
    return found


def ports(permission: dict[str, Any]) -> dict[str, Any]:
    protocol = {"6": "tcp", "17": "udp", "1": "icmp"}.get(
        permission.get("IpProtocol", ""), permission.get("IpProtocol", "")
    )
    if protocol == "-1":
        return {"IpProtocol": "-1"}
    if protocol not in ("tcp", "udp", "icmp", "icmpv6") and not protocol.isdigit():
        raise Refused("InvalidPermission.Malformed", f'Unsupported IP protocol "{protocol}"')
    low, high = permission.get("FromPort"), permission.get("ToPort")
    if protocol in ("tcp", "udp") and (low is None or high is None or not 0 <= low <= high <= 65535):
        raise Refused(
            "InvalidParameterValue",
            f"Invalid value for portRange. Must specify both from and to ports: {low} to {high}",
        )
    return {"IpProtocol": protocol, "FromPort": low, "ToPort": high}


def check_cidr(text: str) -> None:
    try:
        ip_network(text)
    except ValueError:
        raise Refused("InvalidParameterValue", f"CIDR block {text} is malformed") from None


def same(rule: Thing, data: dict[str, Any]) -> bool:
    return all(rule.data.get(name) == data.get(name) for name in SAME)


def authorize(call: Call, egress: bool) -> dict[str, Any]:
    group = group_asked(call)
    existing, asked = rules_of(call, group.id), asked_rules(call, egress)
    for data in asked:
        if any(same(rule, data) for rule in existing):
            peer = data.get("CidrIpv4") or data.get("CidrIpv6") or data.get("ReferencedGroupId")
            raise Refused(
                "InvalidPermission.Duplicate", f'the specified rule "peer: {peer}, {data["IpProtocol"]}" already exists'
            )
    if len([rule for rule in existing if rule.data["IsEgress"] == egress]) + len(asked) > call.quota("rules"):
        raise Refused(
            "RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached."
        )
    tags = tags_given(call.params.get("TagSpecifications", []), "security-group-rule")
    made = [add_rule(call, group, data, tags) for data in asked]
    call.accepted("group", group, *made, name=group.data["GroupName"])
    return {"Return": True, "SecurityGroupRules": [rule_row(rule) for rule in made]}


def revoke(call: Call, egress: bool) -> dict[str, Any]:
    group = group_asked(call)
    existing = rules_of(call, group.id)
    if ids := call.params.get("SecurityGroupRuleIds"):
        doomed = [rule for rule in existing if rule.id in ids and rule.data["IsEgress"] == egress]
        if len(doomed) != len(set(ids)):
            raise Refused(
                "InvalidSecurityGroupRuleId.NotFound", f"The security group rule ID '{ids[0]}' does not exist"
            )
    else:
        asked = asked_rules(call, egress)
        doomed = [rule for rule in existing if any(same(rule, data) for data in asked)]
        if len(doomed) < len(asked):
            raise Refused("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
    for rule in doomed:
        call.store.remove(rule)
    call.accepted("group", group, *doomed, name=group.data["GroupName"])
    return {"Return": True}


def register(direction: str, egress: bool) -> None:
    handles("ec2", f"AuthorizeSecurityGroup{direction}")(lambda call: authorize(call, egress))
    handles("ec2", f"RevokeSecurityGroup{direction}")(lambda call: revoke(call, egress))


register("Ingress", egress=False)
register("Egress", egress=True)
