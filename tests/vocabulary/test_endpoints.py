"""Which addresses are never called, which only when listed, and that the address counts, not the name."""

import socket
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocabulary.endpoints import Endpoint, check_address, check_endpoint, check_name, parse_allowed
from vocabulary.errors import ForbiddenEndpoint, Unreachable

PUBLIC = "52.94.5.1"


def answers(*addresses):
    """A resolver that gives these addresses for every name, in the shape of getaddrinfo."""

    def resolve(host, port, **options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


def no_resolver(host, port, **options):
    raise AssertionError(f"{host} must not be resolved")


METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "::ffff:100.100.100.200",
    "::ffff:168.63.129.16",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::a83f:8110",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2002:6464:64c8::",
]
NEVER = [
    *METADATA,
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "::ffff:0.0.0.0",
    "169.254.1.1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "224.0.0.1",
    "239.255.255.255",
    "::ffff:224.0.0.1",
    "ff02::1",
    "ff0e::1",
    "240.0.0.1",
    "255.255.255.255",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "192.0.2.1",
    "198.18.0.1",
    "2001:db8::1",
    "3fff::1",
    "4000::1",
]
PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]
GLOBAL = [PUBLIC, "8.8.8.8", "2600:9000::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]


def bracketed(address):
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize("address", NEVER)
def test_an_address_that_is_never_called_cannot_be_listed_either(address):
    listed = (f"{bracketed(address)}:443", "api.example.com:443")
    with pytest.raises(ForbiddenEndpoint) as refused:
        check_address(address, 443, allowed=listed)
    assert "MULTICLOUD_ALLOWED_ENDPOINTS cannot allow" in refused.value.hint
    with pytest.raises(ForbiddenEndpoint):
        check_endpoint("https://api.example.com", listed, answers(PUBLIC, address))
    if "%" not in address:
        with pytest.raises(ForbiddenEndpoint):
            check_endpoint(f"https://{bracketed(address)}", listed, no_resolver)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_called_only_when_its_host_and_port_are_listed(address):
    with pytest.raises(ForbiddenEndpoint) as refused:
        check_address(address, 8443)
    assert f"add {bracketed(str(ip_address(address)))}:8443 to MULTICLOUD_ALLOWED_ENDPOINTS" in refused.value.hint
    listed = parse_allowed(f"{bracketed(address)}:8443")
    with pytest.raises(ForbiddenEndpoint):
        check_address(address, 8444, allowed=listed)
    check_address(address, 8443, allowed=listed)
    check_address(address, 8443, host="s3.internal", allowed=("s3.internal:8443",))


@pytest.mark.parametrize("address", GLOBAL)
def test_a_global_address_needs_no_listing(address):
    check_address(address, 443)
    assert check_endpoint("https://api.example.com", (), answers(address)).addresses == (address,)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_in_every_ipv6_disguise(address):
    number = int(address)
    disguises = [
        f"::ffff:{address}",
        f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1",
    ]
    verdicts = set()
    for one in [str(address), *disguises]:
        try:
            check_address(one, 443)
            verdicts.add("allowed")
        except ForbiddenEndpoint:
            verdicts.add("refused")
    assert len(verdicts) == 1


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "0251.0376.0251.0376",
        "2852039166",
        "0xa9fea9fe",
        "169.254.43518",
        "127.0.0.1.0x",
        "1.2.3.4.5",
        "999.1.1.1",
        "foo.1",
        "0x",
    ],
)
def test_an_address_in_an_unusual_number_form_is_refused(host):
    with pytest.raises(ForbiddenEndpoint, match="unusual form"):
        check_endpoint(f"https://{host}", (f"{host}:443",), no_resolver)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "LOCALHOST",
        "api.localhost",
        "metadata.google.internal",
        "metadata.google.internal.",
        "instance-data",
        "router",
        "nas.local",
        "db.corp.internal",
        "printer.lan",
    ],
)
def test_a_name_of_this_machine_or_a_private_network_is_refused(host):
    with pytest.raises(ForbiddenEndpoint):
        check_endpoint(f"https://{host}", (), no_resolver)
    with pytest.raises(ForbiddenEndpoint):
        check_endpoint(f"https://{host}", (), no_resolver, proxied=True)


def test_a_metadata_name_cannot_be_listed():
    with pytest.raises(ForbiddenEndpoint, match="metadata service"):
        check_name("Metadata.google.internal.", 80, ("metadata.google.internal:80",))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://api.example.com", "not encrypted"),
        ("ftp://api.example.com", "not http or https"),
        ("file:///etc/passwd", "not http or https"),
        ("gopher://127.0.0.1:6379/_x", "not http or https"),
        ("//api.example.com", "not http or https"),
        ("api.example.com", "not http or https"),
        ("https:api.example.com", "not a host name"),
        ("https://", "not a host name"),
        ("https:///path", "not a host name"),
        ("https://user@api.example.com", "name or a password"),
        ("https://user:canary-password@api.example.com", "name or a password"),
        ("https://api.example.com@169.254.169.254", "name or a password"),
        ("https://api.example.com\\@evil.example.com", "backslash"),
        ("https://api.example.com /", "blank"),
        ("https://api.exa\u200bmple.com", "hidden"),
        ("https://api.example.com\r\nHost: x", "hidden"),
        ("https://api.example.com?x=1", "no query"),
        ("https://api.example.com/#x", "no query"),
        ("https://api.example.com:0", "the port"),
        ("https://api.example.com:65536", "the port"),
        ("https://api.example.com:http", "the port"),
        ("https://api.example.com:８0", "the port"),
        ("https://%31%32%37.0.0.1", "percent"),
        ("https://[fe80::1%25eth0]", "percent"),
        ("https://[::1", "cannot be read"),
        ("https://[v1.x]", "not an IPv6 address"),
        ("https://１２７.0.0.1", "plain ASCII"),
        ("https://ⓔxample.com", "plain ASCII"),
        ("https://a..example.com", "not a host name"),
        ("https://api.example.com..", "not a host name"),
        ("https://-x.example.com", "not a host name"),
        (f"https://{'a' * 64}.example.com", "not a host name"),
        (f"https://{'a.' * 130}com", "not a host name"),
        (f"https://api.example.com/{'a' * 2048}", "more than 2048"),
    ],
)
def test_an_address_that_is_not_plainly_an_endpoint_is_refused(url, why):
    with pytest.raises(ForbiddenEndpoint, match=why) as refused:
        check_endpoint(url, (), no_resolver)
    assert "canary" not in f"{refused.value} {refused.value.hint}"


def test_every_answer_of_a_name_counts_not_only_the_first():
    with pytest.raises(ForbiddenEndpoint, match=r"api\.example\.com: 10\.0\.0\.5 is this machine or a private network"):
        check_endpoint("https://api.example.com", (), answers(PUBLIC, "10.0.0.5"))


def test_a_name_that_answers_differently_when_it_is_used_is_refused_then():
    endpoint = check_endpoint("https://api.example.com", (), answers(PUBLIC))
    with pytest.raises(ForbiddenEndpoint, match="metadata"):
        check_address("169.254.169.254", endpoint.port, endpoint.host)


def test_a_listed_endpoint_may_be_loopback_and_plain_http():
    endpoint = check_endpoint(
        "http://LocalHost.:4566/", parse_allowed("localhost:4566, [::1]:80"), answers("127.0.0.1", "::1")
    )
    assert endpoint == Endpoint("http", "localhost", 4566, "", ("127.0.0.1", "::1"), listed=True)
    assert endpoint.url == "http://localhost:4566"
    assert check_endpoint("http://[0:0:0:0:0:0:0:1]", parse_allowed("[::1]:80"), no_resolver).url == "http://[::1]:80"


def test_listing_one_port_lists_no_other():
    with pytest.raises(ForbiddenEndpoint):
        check_endpoint("http://localhost:6379", ("localhost:4566",), answers("127.0.0.1"))


def test_behind_a_proxy_the_name_is_judged_and_nothing_is_resolved():
    endpoint = check_endpoint("https://API.example.com/base/", (), no_resolver, proxied=True)
    assert (endpoint.url, endpoint.addresses) == ("https://api.example.com:443/base", ())
    with pytest.raises(ForbiddenEndpoint):
        check_endpoint("https://127.0.0.1", (), no_resolver, proxied=True)


def test_a_name_without_an_address_is_unreachable_not_forbidden():
    def fails(host, port, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for resolve in (fails, answers()):
        with pytest.raises(Unreachable, match="the name has no address"):
            check_endpoint("https://api.example.com", (), resolve)


def test_this_machines_own_resolver_is_understood():
    found = check_endpoint("http://localhost:4566", ("localhost:4566",))
    assert found.addresses
    assert set(found.addresses) <= {"127.0.0.1", "::1"}
