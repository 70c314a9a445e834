"""The rules of a security group in one line each, and in AWS's shapes. Pure functions; `security` has the row.

A rule reads `in tcp 443 0.0.0.0/0 # web`: direction, protocol, ports (a port, a range, or `any`), the other side (a
CIDR block, a security group or a prefix list) and, if wanted, a description. Two rules that differ in the description
only are the same rule.
"""

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import Any

from providers.drivers.kind import Found

DIRECTIONS = ("in", "out")
PORTED, ICMP = ("tcp", "udp"), ("icmp", "icmpv6")
ALL, ANY = "all", "any"
_ICMP_TYPE = re.compile(r"type-\d{1,3}(-code-\d{1,3})?")
#: Numbers that AWS may say instead of names.
_PROTOCOLS = {"-1": ALL, "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}

#: Where the other side stands: the list in IpPermissions, and its key.
_SIDES = (
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("UserIdGroupPairs", "GroupId"),
    ("PrefixListIds", "PrefixListId"),
)
HELP = 'Write each as "in tcp 443 0.0.0.0/0": direction, protocol, ports or "any", and a CIDR block, sg-… or pl-….'
EVERYTHING_OUT = "out all any 0.0.0.0/0"


def rules_of(items: Iterable[Any]) -> list[str]:
    """Rules as given (a line, or an object with direction, protocol, ports, source, description) in their one form,
    each once.

    Raises ValueError, quoting the rule that makes no sense.
    """
    rules = [rule_of(item) for item in items]
    return list({without_description(rule): rule for rule in rules}.values())


def rule_of(item: Any) -> str:
    """One rule in its one form. Raises ValueError."""
    if isinstance(item, Mapping):
        known = ("direction", "protocol", "ports", "source", "description")
        if strange := set(item) - set(known):
            raise ValueError(f"{sorted(map(str, strange))[0]!r} is not a part of a rule")
        parts = [
            str(item.get("direction", "in")),
            str(item.get("protocol", "tcp")),
            str(item.get("ports", ANY)),
            str(item.get("source", "")),
        ]
        description = str(item.get("description") or "")
    else:
        line, _, description = str(item).partition("#")
        parts = line.split()
    if len(parts) == 3:
        parts.insert(2, ANY)
    if len(parts) != 4:
        raise ValueError(f"{str(item)[:80]!r} is not a rule")
    direction, protocol, ports, other = (part.lower() for part in parts)
    if direction not in DIRECTIONS:
        raise ValueError(f"{direction[:20]!r} is not a direction: in or out")
    protocol = _PROTOCOLS.get(protocol, protocol)
    rule = f"{direction} {protocol} {_ports(protocol, ports)} {_other(other)}"
    description = " ".join(description.split())
    if len(description) > 255:
        raise ValueError("a description has at most 255 characters")
    return f"{rule} # {description}" if description else rule


def _ports(protocol: str, ports: str) -> str:
    if protocol not in (ALL, *PORTED, *ICMP) and not (_is_number(protocol) and int(protocol) < 256):
        raise ValueError(f"{protocol[:20]!r} is not a protocol: tcp, udp, icmp, icmpv6, all or a number")
    if protocol in ICMP and _ICMP_TYPE.fullmatch(ports):
        return ports
    if protocol not in PORTED:
        if ports != ANY:
            raise ValueError(f"{protocol} has no ports: write any")
        return ANY
    first, dash, last = ("0-65535" if ports == ANY else ports).partition("-")
    if not _is_number(first) or (dash and not _is_number(last)):
        raise ValueError(f"{ports[:20]!r} is neither a port nor a range of ports")
    low, high = int(first), int(last or first)
    if not 0 <= low <= high <= 65535:
        raise ValueError(f"{ports[:20]!r} is not within 0 to 65535")
    return str(low) if low == high else f"{low}-{high}"


def _is_number(text: str) -> bool:
    # `isdecimal` alone takes the digits of every script, and a number of a thousand digits takes its time.
    return text.isascii() and text.isdecimal() and len(text) <= 5


def _other(other: str) -> str:
    if other.startswith(("sg-", "pl-")):
        return other
    try:
        return str(ip_network(other))
    except ValueError:
        raise ValueError(f"{other[:50]!r} is not a CIDR block, a security group or a prefix list") from None


def without_description(rule: str) -> str:
    """What makes a rule the rule it is."""
    return rule.partition(" # ")[0]


def lines_of(group: Mapping[str, Any]) -> list[str]:
    """Every rule of a described security group, one line each, sorted."""
    lines = []
    for direction, where in (("in", "IpPermissions"), ("out", "IpPermissionsEgress")):
        for permission in group.get(where) or []:
            lines += _lines(direction, permission)
    return sorted(lines)


def _lines(direction: str, permission: Mapping[str, Any]) -> list[str]:
    word = str(permission.get("IpProtocol", ""))
    protocol, ports = _PROTOCOLS.get(word, word), ANY
    low, high = permission.get("FromPort"), permission.get("ToPort")
    if protocol in PORTED and low is not None:
        ports = str(low) if low == high else f"{low}-{high}"
    elif protocol in ICMP and low not in (None, -1):
        # An ICMP type and code stand where others have ports.
        ports = f"type-{low}" if high in (None, -1) else f"type-{low}-code-{high}"
    lines = []
    for where, key in _SIDES:
        for side in permission.get(where) or []:
            further = f" # {' '.join(side['Description'].split())}" if side.get("Description") else ""
            lines.append(f"{direction} {protocol} {ports} {side.get(key, '')}{further}")
    return lines


def permissions_of(rules: Iterable[str], direction: str) -> list[dict[str, Any]] | None:
    """The rules of one direction as AWS's IpPermissions, one for each; None when there are none."""
    permissions = []
    for rule in rules:
        line, _, description = rule.partition(" # ")
        way, protocol, ports, other = line.split()
        if way != direction:
            continue
        permission: dict[str, Any] = {"IpProtocol": "-1" if protocol == ALL else protocol}
        if protocol in PORTED:
            low, _, high = ports.partition("-")
            permission |= {"FromPort": int(low), "ToPort": int(high or low)}
        elif protocol in ICMP:
            permission |= _icmp(ports)
        further = {"Description": description} if description else {}
        where, key = _side(other)
        permissions.append({**permission, where: [{key: other, **further}]})
    return permissions or None


def _icmp(ports: str) -> dict[str, int]:
    words = ports.split("-")
    return {"FromPort": int(words[1]) if len(words) > 1 else -1, "ToPort": int(words[3]) if len(words) > 3 else -1}


def _side(other: str) -> tuple[str, str]:
    if other.startswith("sg-"):
        return _SIDES[2]
    if other.startswith("pl-"):
        return _SIDES[3]
    return _SIDES[1] if ":" in other else _SIDES[0]


def difference(now: Iterable[str], wanted: Iterable[str]) -> tuple[list[str], list[str]]:
    """What must be added to the rules of now, and what must be removed from them."""
    before = {without_description(rule): rule for rule in now}
    after = {without_description(rule): rule for rule in wanted}
    added = [rule for key, rule in after.items() if key not in before]
    removed = [rule for key, rule in before.items() if key not in after]
    return added, removed


def are_there(direction: str, arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether the group has every rule that a call names."""
    return _named(direction, arguments) <= _standing(found)


def are_gone(direction: str, arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether the group has none of the rules that a call names."""
    return not _named(direction, arguments) & _standing(found)


def _named(direction: str, arguments: Mapping[str, Any]) -> set[str]:
    return {without_description(line) for one in arguments["IpPermissions"] for line in _lines(direction, one)}


def _standing(found: Found) -> set[str]:
    return {without_description(rule) for rule in found.attributes.get("rules", ())}
