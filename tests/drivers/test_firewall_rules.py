"""A firewall's rules in one line each: what is read is what is written, and what makes no sense is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.drivers.aws.firewall_rules import difference, lines_of, permissions_of, rule_of, rules_of

ports = st.one_of(st.just("any"), st.integers(0, 65535).map(str), st.just("8000-8100"))
sides = st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "::/0", "2001:db8::/32", "sg-0a1b2c3d", "pl-0a1b2c3d"])
rules = st.builds(
    "{} {} {} {}{}".format,
    st.sampled_from(["in", "out"]),
    st.sampled_from(["tcp", "udp"]),
    ports,
    sides,
    st.sampled_from(["", " # web servers"]),
) | st.sampled_from(
    ["in all any 0.0.0.0/0", "out icmp type-3-code-4 10.0.0.0/8", "in 47 any ::/0", "in icmpv6 any ::/0"]
)


@given(st.lists(rules, max_size=12))
def test_what_is_written_is_what_is_read(written: list[str]) -> None:
    one_form = rules_of(written)
    group = {
        "IpPermissions": permissions_of(one_form, "in") or [],
        "IpPermissionsEgress": permissions_of(one_form, "out") or [],
    }
    assert lines_of(group) == sorted(one_form)
    assert rules_of(lines_of(group)) == sorted(one_form)
    assert difference(lines_of(group), one_form) == ([], [])


@pytest.mark.parametrize(
    ("given_rule", "meant"),
    [
        ("IN TCP 443 0.0.0.0/0", "in tcp 443 0.0.0.0/0"),
        ("in all 10.0.0.0/8", "in all any 10.0.0.0/8"),
        ("in tcp any ::/0", "in tcp 0-65535 ::/0"),
        ("in -1 any 10.0.0.0/8", "in all any 10.0.0.0/8"),
        ({"direction": "out", "protocol": "udp", "ports": 53, "source": "10.0.0.2/32"}, "out udp 53 10.0.0.2/32"),
        (
            {"source": "10.0.0.0/8", "ports": "22", "description": "ssh\nfrom  home"},
            "in tcp 22 10.0.0.0/8 # ssh from home",
        ),
    ],
)
def test_a_rule_has_one_form(given_rule: Any, meant: str) -> None:
    assert rule_of(given_rule) == meant


@pytest.mark.parametrize(
    "nonsense",
    [
        "", "tcp", "in tcp 443", "in tcp 443 anywhere", "sideways tcp 443 ::/0", "in tcp 70000 ::/0", "in tcp 9-8 ::/0",
        "in tcp -5 ::/0", "in icmp 8 ::/0", "in frobnicate any ::/0", "in 300 any ::/0", "in tcp 22 10.0.0.1/8",
        "in tcp ２２ ::/0", {"port": 22}, {"source": ""}, None, 7, "in tcp 22 ::/0 # " + "x" * 256,
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_with_the_reason(nonsense: Any) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # each has its own words; that there are some is the claim
        rule_of(nonsense)
    assert str(caught.value)


def test_rules_that_differ_in_their_description_only_are_one_rule() -> None:
    assert rules_of(["in tcp 22 ::/0", "in tcp 22 ::/0 # ssh"]) == ["in tcp 22 ::/0 # ssh"]
    assert difference(["in tcp 22 ::/0 # old"], ["in tcp 22 ::/0 # new"]) == ([], [])
