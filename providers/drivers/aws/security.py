"""AWS security: security groups, which are this product's firewalls.

Field paths are those of the EC2 API reference, 2016-11-15. How a rule reads is in `firewall_rules`.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from providers.drivers.aws import firewall_rules as rules
from providers.drivers.aws.tags import REMOVE_TAGS, SET_TAGS, found_by_marker, with_tags
from providers.drivers.kind import Call, Found, Kind, Param
from vocabulary.errors import InvalidParameter
from vocabulary.types import ServiceType
from vocabulary.words import State, Verb

REFERENCE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"


def for_firewall(verb: Verb, values: Mapping[str, Any], found: Found | None) -> Mapping[str, Any]:
    """The template values of a security group: tags, and the rules to add and to remove, by direction."""
    if verb is Verb.CREATE:
        _refuse_wrong_name(str(values["name"]))
        wanted = values.get("rules") or []
        # A new group lets everything out. Whoever says what may go out means that nothing else may.
        speaks_of_out = any(rule.startswith("out") for rule in wanted)
        now = [rules.EVERYTHING_OUT]
        added, removed = rules.difference(now, wanted if speaks_of_out else [*now, *wanted])
        return {**with_tags(verb, values, found), **_by_direction(added, removed)}
    if verb is Verb.UPDATE and found:
        return _by_direction(*rules.difference(found.attributes.get("rules", ()), values.get("rules") or []))
    return with_tags(verb, values, found)


def _refuse_wrong_name(name: str) -> None:
    if name.lower() == "default" or name.startswith("sg-") or len(name) > 255 or not name.isascii():
        raise InvalidParameter(
            "security group",
            "create",
            f"name: {name[:60]!r} is not allowed",
            "Up to 255 ASCII characters, not default and not sg-….",
        )


def _by_direction(added: list[str], removed: list[str]) -> dict[str, Any]:
    return {
        f"{change}_{direction}": rules.permissions_of(changed, direction)
        for change, changed in (("added", added), ("removed", removed))
        for direction in rules.DIRECTIONS
    }


def with_rules(item: dict[str, Any]) -> dict[str, Any]:
    """A described security group with its rules in one line each, and whether anyone may come in."""
    lines = rules.lines_of(item)
    world = any(line.startswith("in ") and line.split()[3] in ("0.0.0.0/0", "::/0") for line in lines)
    return {**item, "Rules": lines, "OpenToTheWorld": world}


def _change(action: str, direction: str, which: str) -> Call:
    """One of the four calls that change rules: authorize or revoke, ingress or egress."""
    way = {"in": "ingress", "out": "egress"}[direction]
    return Call(
        f"ec2.{action}_security_group_{way}",
        {"GroupId": "{id}", "IpPermissions": f"{{{which}_{direction}}}"},
        title=("Add" if action == "authorize" else "Remove")
        + (" incoming" if direction == "in" else " outgoing")
        + " rules",
        when=lambda values, found: bool(values.get(f"{which}_{direction}")),
        holds=partial(rules.are_there if action == "authorize" else rules.are_gone, direction),
    )


def _changing(which: str, direction: str) -> Call:
    there, back = ("authorize", "revoke") if which == "added" else ("revoke", "authorize")
    return replace(_change(there, direction, which), back=_change(back, direction, which))


#: What is added is added before anything is removed, so that no traffic is cut off in between.
CHANGES = tuple(_changing(which, direction) for which in ("added", "removed") for direction in rules.DIRECTIONS)
DELETE = Call(
    "ec2.delete_security_group",
    {"GroupId": "{id}"},
    title="Delete the security group",
    until=(State.GONE,),
    gone_is_done=True,
)
RULES = Param("rules", "Rules", "rules", help=rules.HELP, form=rules.rules_of)

FIREWALL = Kind(
    name="firewall",
    service_type=ServiceType.SECURITY,
    vendor_name="EC2 security group",
    native_type="AWS::EC2::SecurityGroup",
    vendor_url=f"{REFERENCE}/API_SecurityGroup.html",
    calls={
        Verb.LIST: (Call("ec2.describe_security_groups", {}, "SecurityGroups"),),
        Verb.GET: (Call("ec2.describe_security_groups", {"GroupIds": ["{id}"]}, "SecurityGroups"),),
        Verb.CREATE: (
            Call(
                "ec2.create_security_group",
                {
                    "GroupName": "{name}",
                    "Description": "{description}",
                    "VpcId": "{network}",
                    "TagSpecifications": [{"ResourceType": "security-group", "Tags": "{tag_list}"}],
                },
                "GroupId",
                title="Create the security group {name}",
                until=(State.AVAILABLE,),
                find=found_by_marker("ec2.describe_security_groups", "SecurityGroups[].GroupId"),
                back=DELETE,
            ),
            *CHANGES,
        ),
        Verb.DELETE: (DELETE,),
        Verb.UPDATE: CHANGES,
        Verb.TAG: (SET_TAGS, REMOVE_TAGS),
    },
    shape=with_rules,
    fields={
        "id": "GroupId",
        "name": "GroupName",
        "tags": "Tags",
        "description": "Description",
        "network": "VpcId",
        "rules": "Rules",
        "open_to_the_world": "OpenToTheWorld",
        "owner": "OwnerId",
    },
    steady=State.AVAILABLE,
    relations={
        "network": ("network", "VpcId"),
        "admits": ("firewall", "IpPermissions[].UserIdGroupPairs[].GroupId"),
        "reaches": ("firewall", "IpPermissionsEgress[].UserIdGroupPairs[].GroupId"),
    },
    params={
        Verb.CREATE: (
            Param("name", "Name", required=True),
            Param("description", "Description", required=True, help="AWS wants one, and never lets it be changed."),
            Param("network", "Network", choices_from="network", help="Empty: the region's default network."),
            RULES,
            Param("tags", "Tags", "tags"),
        ),
        Verb.UPDATE: (replace(RULES, required=True, title="All rules"),),
        Verb.TAG: (Param("tags", "Tags", "tags", required=True),),
    },
    derive=for_firewall,
    effects={
        Verb.CREATE: ("A new security group; it does nothing until something uses it.",),
        Verb.UPDATE: (
            "What uses the group is reachable by the new rules at once; connections that are open may go on.",
        ),
        Verb.DELETE: ("The group and its rules are deleted.",),
    },
    stays={Verb.DELETE: ("A group that anything uses is not deleted.",)},
    permissions={
        Verb.LIST: ("ec2:DescribeSecurityGroups",),
        Verb.GET: ("ec2:DescribeSecurityGroups",),
        Verb.CREATE: (
            "ec2:CreateSecurityGroup",
            "ec2:CreateTags",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:DeleteSecurityGroup",
        ),
        Verb.DELETE: ("ec2:DeleteSecurityGroup",),
        Verb.UPDATE: (
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupEgress",
        ),
        Verb.TAG: ("ec2:CreateTags", "ec2:DeleteTags"),
    },
    quota=("vpc", "L-E79EC296"),
    example={
        "name": "conformance-1",
        "description": "made by the conformance suite",
        "rules": ["in tcp 443 0.0.0.0/0 # web", "in tcp 22 10.0.0.0/8", "out tcp 443 0.0.0.0/0"],
        "tags": {"env": "test"},
    },
    examples={
        Verb.UPDATE: {"rules": ["in tcp 443 0.0.0.0/0 # web", "in udp 53 10.0.0.0/8", "out all any 0.0.0.0/0"]},
        Verb.TAG: {"tags": {"team": "platform", "env": None}},
    },
)
