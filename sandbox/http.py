"""A small HTTP/1.1 server for simulated clouds: keep-alive, a thread per connection, no dependency.

It reads a request whole, hands it to one function and writes what comes back, including what a broken cloud would
write: half a body, a wrong length, or nothing at all.
"""

import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import responses
from typing import Any

MAXIMUM_BODY = 1 << 30
MAXIMUM_HEADERS = 200


@dataclass
class Request:
    """One request as it arrived. `target` is the raw request target; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass
class Reply:
    """An answer. `cut_at` sends only that many bytes of the body; `claimed_length` lies about the length; `reset`
    sends nothing.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    claimed_length: int | None = None
    reset: bool = False


class BadRequest(Exception):
    """The bytes on the wire are not HTTP."""


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves `answer` on 127.0.0.1. Threads are daemons, so that the process leaves at once when told to."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        super().__init__(("127.0.0.1", port), Connection)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no news; everything else is a bug and shows its traceback."""
        import sys

        if not isinstance(sys.exc_info()[1], OSError | BadRequest):
            super().handle_error(request, client_address)


class Connection(socketserver.StreamRequestHandler):
    """One client connection: requests in, answers out, until one side closes."""

    disable_nagle_algorithm = True
    #: Seconds after which a silent connection is closed, so that forgotten ones do not hold threads.
    timeout = 600
    server: Server

    def handle(self) -> None:
        threading.current_thread().name = "connection"
        while (request := self.read_request()) is not None:
            reply = self.server.answer(request)
            if not self.write(request, reply) or request.headers.get("connection", "").lower() == "close":
                return

    def read_request(self) -> Request | None:
        line = self.rfile.readline(65537)
        if not line.strip():
            return None
        try:
            method, target, _version = line.decode("latin-1").split()
        except ValueError:
            raise BadRequest(line[:80]) from None
        headers = self.read_headers()
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return Request(method, target, headers, self.read_body(headers))

    def read_headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(MAXIMUM_HEADERS):
            line = self.rfile.readline(65537)
            if line in (b"\r\n", b"\n", b""):
                return headers
            name, _, value = line.decode("latin-1").partition(":")
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        raise BadRequest("too many headers")

    def read_body(self, headers: dict[str, str]) -> bytes:
        try:
            return self._read_body(headers)
        except ValueError:
            raise BadRequest("a length that is not a number") from None

    def _read_body(self, headers: dict[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        length = int(headers.get("content-length") or 0)
        if not 0 <= length <= MAXIMUM_BODY:
            raise BadRequest(f"a body of {length} bytes")
        return self.rfile.read(length) if length else b""

    def write(self, request: Request, reply: Reply) -> bool:
        """Send the answer. False when the connection must be closed after it."""
        if reply.reset:
            # Linger 0 makes the kernel send RST in place of FIN, as a broken network would.
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.request.close()
            return False
        length = len(reply.body) if reply.claimed_length is None else reply.claimed_length
        head = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}"]
        head += [f"{name}: {value}" for name, value in reply.headers.items()]
        if reply.status != 204 and "Content-Length" not in reply.headers:
            head.append(f"Content-Length: {length}")
        raw = "\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n"
        body = b"" if request.method == "HEAD" or reply.status in (204, 304) else reply.body
        self.wfile.write(raw + (body if reply.cut_at is None else body[: reply.cut_at]))
        return reply.cut_at is None and reply.claimed_length is None
