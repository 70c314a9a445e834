"""What arrives on the wire: a request is judged by its head, and its body is read up to a limit."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from sandbox.control import Control
from sandbox.testing import Running

DEEP = b"[" * 200_000
HEADER = {"x-multicloud-sandbox": "1"}


def status_of(cloud: Running, path: str, headers: dict[str, str], body: bytes = b"") -> int:
    """The status of an answer that comes although no more than `body` was sent."""
    place = urlsplit(cloud.address)
    head = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {"Host": place.netloc, **headers}.items())]
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
        answer = connection.makefile("rb").readline()
    return int(answer.split()[1])


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/_sandbox/reset", {}, 403),
        ("/_sandbox/reset", {**HEADER, "Host": "evil.example"}, 403),
        ("/_sandbox/reset", {**HEADER, "Host": "[evil"}, 403),
        ("/_sandbox/reset", HEADER, 413),
        ("/_sandbox/reset", {**HEADER, "Expect": "100-continue"}, 413),
        ("/", {}, 413),
    ],
)
def test_a_long_body_is_refused_before_it_is_read(
    cloud: Running, path: str, headers: dict[str, str], status: int
) -> None:
    assert status_of(cloud, path, {"Content-Length": "150000000", **headers}) == status
    assert Control(cloud.address).health()["cloud"] == "aws"


def test_a_body_in_parts_has_the_same_limit(cloud: Running) -> None:
    part = b"10000\r\n" + b" " * 65536 + b"\r\n"
    assert status_of(cloud, "/_sandbox/reset", {**HEADER, "Transfer-Encoding": "chunked"}, part * 17) == 413


def test_a_refused_body_that_was_sent_all_the_same_does_not_hide_the_answer(cloud: Running) -> None:
    body = b" " * 500_000
    assert status_of(cloud, "/_sandbox/reset", {"Content-Length": str(len(body))}, body) == 403


def test_json_that_is_too_deep_is_a_bad_request(cloud: Running) -> None:
    """Input 17."""
    assert status_of(cloud, "/_sandbox/fault", {**HEADER, "Content-Length": str(len(DEEP))}, DEEP) == 400


def test_a_switch_still_takes_what_a_judge_sends(cloud: Running) -> None:
    body = json.dumps({"speed": 5, "note": "x" * 900_000}).encode()
    assert status_of(cloud, "/_sandbox/speed", {**HEADER, "Content-Length": str(len(body))}, body) == 200
