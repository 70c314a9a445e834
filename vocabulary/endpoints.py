"""Which addresses this product may call: the rule for endpoints, webhooks and every redirect they answer with.

`check_endpoint` judges a URL before a client is made; `check_address` judges the address a connection is about to use,
so that a name which answers differently the second time changes nothing. Both are pure decisions; the connection
belongs to an engine.
"""

import re
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

from vocabulary.errors import ConfigurationError, ForbiddenEndpoint, Unreachable
from vocabulary.text import is_hidden, visible

SETTING = "MULTICLOUD_ALLOWED_ENDPOINTS"
MAX_URL = 2048

Address = IPv4Address | IPv6Address
Resolve = Callable[..., list[Any]]

#: What clouds answer a machine's own questions on: identities and keys. Refused whatever the setting says.
METADATA = tuple(
    ip_network(network)
    for network in [
        "169.254.169.254/32",
        "100.100.100.200/32",  # Alibaba Cloud
        "168.63.129.16/32",  # Azure's host, which is in nobody's private range
        "192.0.0.192/32",  # Oracle Cloud
        "fd00:ec2::/32",  # AWS
        "fd20:ce::254/128",  # Google Cloud
        "fd00:c1::a9fe:a9fe/128",  # Oracle Cloud
    ]
)
_METADATA_NAMES = (
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
)
_LOCAL_NAMES = re.compile(r"(?:.*\.)?(?:localhost|localdomain|local|internal|intranet|lan|home\.arpa)|[^.]+")

_NEVER_V4 = tuple(ip_network(n) for n in ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"))
# Teredo and the locally chosen NAT64 prefix hide an IPv4 address in a way that cannot be read back for certain.
_NEVER_V6 = tuple(
    ip_network(n)
    for n in ("fe80::/10", "fec0::/10", "ff00::/8", "2001::/32", "64:ff9b:1::/48", "2001:db8::/32", "3fff::/20")
)
_PRIVATE_V4 = tuple(
    ip_network(n) for n in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
_PRIVATE_V6 = tuple(ip_network(n) for n in ("::1/128", "fc00::/7"))
_GLOBAL_V6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)


@dataclass(frozen=True)
class Endpoint:
    """An address that may be called. `host` is lower case, without a closing dot; `addresses` is what it resolved to.

    `listed`: the host and port stand in the setting, so that loopback and private addresses are allowed for it.
    """

    scheme: str
    host: str
    port: int
    path: str = ""
    addresses: tuple[str, ...] = ()
    listed: bool = False

    @property
    def url(self) -> str:
        """The address as a client takes it."""
        return f"{self.scheme}://{host_and_port(self.host, self.port)}{self.path}"


def host_and_port(host: str, port: int) -> str:
    """The pair as the setting writes it: localhost:4566, [::1]:4566."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_allowed(text: str) -> tuple[str, ...]:
    """The setting's entries, separated by commas or blanks. Raises ConfigurationError for one that is not host:port."""
    return tuple(_entry(entry) for entry in re.split(r"[\s,]+", text) if entry)


def check_endpoint(
    url: str, allowed: Collection[str] = (), resolve: Resolve = socket.getaddrinfo, *, proxied: bool = False
) -> Endpoint:
    """The endpoint, when it may be called. Raises ForbiddenEndpoint, or Unreachable when its name has no address.

    `allowed` are the setting's host:port entries (`parse_allowed`). `resolve` is asked as `socket.getaddrinfo` is, and
    every address it answers must be allowed. `proxied`: a proxy makes the connection, so the name alone is judged. Call
    it again for each redirect, and `check_address` when a connection is made.
    """
    parts = _split(url)
    host, port = _host(parts), _port(parts)
    listed = host_and_port(host, port) in allowed
    literal = _literal(host)
    if literal is None:
        check_name(host, port, allowed)
    else:
        check_address(literal, port, host, allowed)
    if parts.scheme == "http" and not listed:
        raise _forbidden(host, "http is not encrypted", _listing(host, port, "Use https."))
    if literal is not None:
        addresses: tuple[str, ...] = (str(literal),)
    else:
        addresses = () if proxied else _resolved(host, port, resolve)
    for address in addresses:
        check_address(address, port, host, allowed)
    return Endpoint(parts.scheme, host, port, parts.path.rstrip("/"), addresses, listed)


def check_name(host: str, port: int, allowed: Collection[str] = ()) -> None:
    """Refuse a name that is a metadata service's, and one that only a private network knows unless it is listed."""
    host = _canonical(host)
    if host in _METADATA_NAMES:
        raise _forbidden(host, "it is a metadata service", _NEVER_HINT)
    if _LOCAL_NAMES.fullmatch(host) and host_and_port(host, port) not in allowed:
        raise _forbidden(host, "the name belongs to this machine or a private network", _listing(host, port))


def check_address(address: str | Address, port: int, host: str = "", allowed: Collection[str] = ()) -> None:
    """Refuse an address that must not be connected to. `host` is the name that was asked for, when there was one.

    Metadata, link-local, multicast and unspecified addresses are refused always. Loopback and private ones are allowed
    when the setting has host:port or address:port. All else must be globally routable. An IPv4 address inside an IPv6
    one counts as itself. Raises ForbiddenEndpoint.
    """
    try:
        given = ip_address(address) if isinstance(address, str) else address
    except ValueError:
        raise _forbidden(host or str(address), f"{visible(str(address), 80)!r} is not an address", "") from None
    inner = unwrap(given)
    who = host or str(given)
    meant = f"{given} is {inner}, which" if inner != given else f"{given}"
    if any(inner in network for network in METADATA):
        raise _forbidden(who, f"{meant} is a metadata service", _NEVER_HINT)
    if any(inner in network for network in (_NEVER_V4 if inner.version == 4 else _NEVER_V6)) or inner.is_unspecified:
        raise _forbidden(who, f"{meant} is link-local, multicast, reserved or unspecified", _NEVER_HINT)
    private = any(inner in network for network in (_PRIVATE_V4 if inner.version == 4 else _PRIVATE_V6))
    if private:
        names = {host_and_port(_canonical(name), port) for name in (host, str(given), str(inner)) if name}
        if names.isdisjoint(allowed):
            raise _forbidden(who, f"{meant} is this machine or a private network", _listing(who, port))
    elif not inner.is_global or (inner.version == 6 and inner not in _GLOBAL_V6):
        raise _forbidden(who, f"{meant} is not routed on the Internet", _NEVER_HINT)


def unwrap(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4), or the address itself without its zone."""
    if isinstance(address, IPv4Address):
        return address
    bare = IPv6Address(int(address))
    if bare.ipv4_mapped is not None:
        return bare.ipv4_mapped
    if bare.sixtofour is not None:
        return bare.sixtofour
    if bare in _NAT64 or (bare in _COMPATIBLE and int(bare) > 1):
        return IPv4Address(int(bare) & 0xFFFFFFFF)
    return bare


_NEVER_HINT = f"Give the address that the cloud publishes; {SETTING} cannot allow this one."


def _entry(entry: str) -> str:
    try:
        parts = urlsplit(f"//{entry}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not port or parts.netloc != entry or "@" in entry:
        # What stands before an @ is usually a password.
        why = f"{visible(entry.rpartition('@')[2], 80)!r} is not host:port"
        hint = "For example 127.0.0.1:4566, s3.example.com:443 or [::1]:4566."
        raise ConfigurationError(f"environment {SETTING}", SETTING, why, hint)
    return host_and_port(_canonical(host), port)


def _listing(host: str, port: int, otherwise: str = "") -> str:
    entry = host_and_port(host, port)
    return f"{otherwise} If this address is meant, add {entry} to {SETTING}.".strip()


def _forbidden(host: str, why: str, hint: str) -> ForbiddenEndpoint:
    return ForbiddenEndpoint(visible(host, 100), "endpoint", why, hint)


def _split(url: str) -> SplitResult:
    hint = "Write it as https://host or https://host:port."
    if len(url) > MAX_URL:
        raise _forbidden("endpoint", f"the address has more than {MAX_URL} characters", hint)
    if any(is_hidden(character) or character.isspace() or character == "\\" for character in url):
        raise _forbidden("endpoint", "the address has a blank, a backslash or a hidden character", hint)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _forbidden("endpoint", "the address cannot be read", hint) from None
    if parts.scheme not in ("http", "https"):
        raise _forbidden("endpoint", f"{parts.scheme or 'no scheme'!r} is not http or https", hint)
    # Neither part is repeated in the error: what stands before the @ is usually a password.
    if "@" in parts.netloc:
        raise _forbidden("endpoint", "the address holds a name or a password", "Store them as a credential. " + hint)
    if "%" in parts.netloc:
        raise _forbidden("endpoint", "the host has a percent sign", hint)
    if "?" in url or "#" in url:
        raise _forbidden("endpoint", "an endpoint has no query and no fragment", hint)
    return parts


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host:
        try:
            return str(IPv6Address(host))
        except ValueError:
            raise _forbidden(host, "it is not an IPv6 address", "Write it as https://[2001:...]:443.") from None
    if "[" in parts.netloc:
        raise _forbidden(host, "it is not an IPv6 address", "Write it as https://[2001:...]:443.")
    host = _canonical(host)
    labels = host.split(".")
    if not host.isascii():
        raise _forbidden(host, "the name is not plain ASCII", "Write an international name in its xn-- form.")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _forbidden(host or "endpoint", "it is not a host name", "Write it as https://host or https://host:port.")
    # A resolver reads 2130706433, 0x7f.1 and 0177.0.0.1 as 127.0.0.1, while most checks read them as names.
    if _NUMERIC.fullmatch(labels[-1]) and _literal(host) is None:
        raise _forbidden(
            host, "it is a number in an unusual form", "Write an address as four decimal numbers, as 192.0.2.1."
        )
    return host


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise _forbidden(parts.hostname or "endpoint", "the port is not a number from 1 to 65535", "")
    return port or (443 if parts.scheme == "https" else 80)


def _canonical(host: str) -> str:
    name = host.lower().removesuffix(".")
    literal = _literal(name)
    return name if literal is None else str(literal)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _resolved(host: str, port: int, resolve: Resolve) -> tuple[str, ...]:
    try:
        answers = resolve(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        why = f"the name has no address: {error.strerror or 'no answer'}"
        raise Unreachable(host, "resolve", why, "Check the spelling and this machine's DNS.") from None
    addresses = tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if not addresses:
        raise Unreachable(host, "resolve", "the name has no address", "Check the spelling and this machine's DNS.")
    return addresses
