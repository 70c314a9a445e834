"""Connections that cannot be trusted, or that break."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers.drivers.engines.boto import BotoEngine
from providers.drivers.engines.boto_errors import TLS_FAILED
from providers.drivers.engines.boto_session import SignIn
from providers.journal import OperationState
from tests.faults.world import World
from vocabulary.endpoints import check_address, check_endpoint
from vocabulary.errors import CloudError, ForbiddenEndpoint, ProviderDown, Unreachable

KEYS = {"access_key_id": "AKIASANDBOXPRODUCTION", "secret_access_key": "sandbox-production-secret"}
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@dataclass
class Listener:
    """A server that speaks TLS (or nothing sensible) and keeps every byte it was told."""

    port: int
    told: list[bytes] = field(default_factory=list)
    connections: int = 0


def certificate(folder: Path, host: str, until: datetime) -> tuple[Path, Path]:
    """A certificate for an address, signed by itself, and its key; both in one file, and the certificate alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 30 * DAY)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    both, alone = folder / "both.pem", folder / "ca.pem"
    pem = built.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(private + pem)
    alone.write_bytes(pem)
    return both, alone


@pytest.fixture
def serve() -> Iterator[Callable[..., Listener]]:
    """Start a listener; each connection is handled by `answer`, which is given the socket and the listener."""
    sockets: list[socket.socket] = []

    def start(answer: Callable[[socket.socket, Listener], None]) -> Listener:
        listening = socket.create_server(("127.0.0.1", 0))
        sockets.append(listening)
        listener = Listener(listening.getsockname()[1])

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                listener.connections += 1
                with connection:
                    try:
                        answer(connection, listener)
                    except OSError:
                        continue

        threading.Thread(target=accept, daemon=True).start()
        return listener

    yield start
    for one in sockets:
        one.shutdown(socket.SHUT_RDWR)
        one.close()


def over_tls(context: ssl.SSLContext) -> Callable[[socket.socket, Listener], None]:
    """Speak TLS, and keep what is heard inside."""

    def answer(connection: socket.socket, listener: Listener) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            listener.told.append(secure.recv(65536))
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    return answer


def engine(endpoint: str, ca_file: str = "") -> BotoEngine:
    """An engine that would sign in there."""
    return BotoEngine("aws/production", SignIn("keys", KEYS, endpoint, ca_file), "us-east-1", 2.0)


@pytest.mark.parametrize("wrong", ["expired", "another host's", "signed by a stranger", "TLS 1.1"])
def test_without_a_certificate_that_holds_not_one_byte_of_a_request_is_sent(
    tmp_path: Path, serve: Callable[..., Listener], wrong: str
) -> None:
    """Fault 26."""
    host = "192.0.2.1" if wrong == "another host's" else "127.0.0.1"
    both, ca_file = certificate(tmp_path, host, NOW - DAY if wrong == "expired" else NOW + DAY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    if wrong == "TLS 1.1":
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    listener = serve(over_tls(context))
    trusted = "" if wrong == "signed by a stranger" else str(ca_file)
    with pytest.raises(ProviderDown):
        engine(f"https://127.0.0.1:{listener.port}", trusted).identity()
    assert listener.connections
    assert b"".join(listener.told) == b""


def test_a_certificate_that_holds_is_taken(tmp_path: Path, serve: Callable[..., Listener]) -> None:
    """Fault 26: the other side: with the same setting and a good certificate the request is sent."""
    both, ca_file = certificate(tmp_path, "127.0.0.1", NOW + DAY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    listener = serve(over_tls(context))
    with pytest.raises(CloudError):
        engine(f"https://127.0.0.1:{listener.port}", str(ca_file)).identity()
    assert b"AKIASANDBOXPRODUCTION" in b"".join(listener.told)
    assert b"sandbox-production-secret" not in b"".join(listener.told)


@pytest.mark.parametrize("method", ["keys", "assume_role"])
def test_a_name_that_leads_elsewhere_when_it_is_used_gets_not_one_byte(
    serve: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Input 10: the name is public when the endpoint is judged, and this machine's when the connection is made."""
    inner = serve(lambda connection, listener: listener.told.append(connection.recv(65536)))
    resolve, asked = socket.getaddrinfo, []

    def at(address: str) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, inner.port))]

    def rebound(host: str, *more: Any, **options: Any) -> Any:
        if host != "rebound.example.com":
            return resolve(host, *more, **options)
        asked.append(host)
        return at("127.0.0.1")

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    sign_in = SignIn(
        method,
        {**KEYS, "role_arn": "arn:aws:iam::111111111111:role/multicloud"},
        f"https://rebound.example.com:{inner.port}",
        guard=lambda url: check_endpoint(url, (), lambda *_, **__: at("52.94.5.1")),
        guard_peer=lambda address, port, host: check_address(address, port, host, ()),
    )
    calling = BotoEngine("aws/production", sign_in, "us-east-1", 2.0)
    with pytest.raises(ForbiddenEndpoint, match=r"127\.0\.0\.1 is this machine"):
        calling.identity()
    assert asked
    assert b"".join(inner.told) == b""


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-canary\r\n", b"HTTP/1.0 400 canary\r\n\r\n"])
def test_what_answers_instead_of_tls_is_not_told(serve: Callable[..., Listener], said: bytes) -> None:
    """Input 10: an error text that differs by what listens there makes a scanner of a form."""

    def answer(connection: socket.socket, listener: Listener) -> None:
        connection.recv(65536)
        connection.sendall(said)

    listener = serve(answer)
    with pytest.raises(Unreachable) as refused:
        engine(f"https://127.0.0.1:{listener.port}").identity()
    assert refused.value.why == TLS_FAILED


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(serve: Callable[..., Listener], status: int) -> None:
    """Input 10: an endpoint that sends us on, to a metadata service or anywhere."""
    inner = serve(lambda connection, listener: listener.told.append(connection.recv(65536)))

    def redirect(connection: socket.socket, listener: Listener) -> None:
        connection.recv(65536)
        to = f"http://127.0.0.1:{inner.port}/latest/meta-data/"
        connection.sendall(f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode())

    outer = serve(redirect)
    calling = engine(f"http://127.0.0.1:{outer.port}")
    for method, arguments in [("sts.get_caller_identity", {}), ("s3.get_bucket_location", {"Bucket": "some-bucket"})]:
        with pytest.raises(CloudError):
            calling.send(method, arguments, "us-east-1")
    assert outer.connections
    assert inner.connections == 0


def test_a_name_that_cannot_be_resolved_is_unreachable_and_says_so() -> None:
    """Fault 27."""

    def nowhere(*_: object, **__: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unreachable, match="no address"):
        check_endpoint("https://ec2.example.com", (), nowhere)
    with pytest.raises(ForbiddenEndpoint):
        check_endpoint("http://169.254.169.254/latest", ())


@pytest.mark.parametrize("fault", ["reset", "slow"])
def test_a_link_that_breaks_or_is_slow_delays_the_operation_and_no_more(world: World, fault: str) -> None:
    """Fault 27."""
    operation = world.creation()
    world.control.fault(fault, action="RunInstances", count=2)
    world.control.fault(fault, action="DescribeInstances", count=1)
    assert world.finish(operation).state is OperationState.SUCCEEDED
    assert world.problems(operation) == []
