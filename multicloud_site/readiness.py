"""Whether the web server and the sandbox answer yet, asked over the loopback by a process without Django."""

import http.client
import socket
from pathlib import Path
from urllib.parse import urlsplit

ANSWER_WITHIN_SECONDS = 1.0


def sandbox_address_file(home: Path) -> Path:
    return home / "sandbox" / "aws" / "address"


def sandbox_answers(home: Path) -> bool:
    try:
        address = urlsplit(sandbox_address_file(home).read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return False
    try:
        socket.create_connection((address.hostname, address.port or 80), ANSWER_WITHIN_SECONDS).close()
    except OSError:
        return False
    return True


def web_answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
