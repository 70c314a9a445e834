"""A small HTTP/1.1 server for simulated clouds: keep-alive, a thread per connection, no dependency.

It judges a request by its head, reads its body up to a limit, hands it to one function and writes what comes back,
including what a broken cloud would write: half a body, a wrong length, or nothing at all.
"""

import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import responses
from typing import Any

MAXIMUM_BODY = 64 << 20
#: What is read and thrown away of a body that is refused, so that the client gets to see why.
MAXIMUM_LEFT = 1 << 20
LINGER_SECONDS = 2
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


class TooLong(Exception):
    """The body is longer than this path takes."""


def any_body(_: Request) -> int:
    """Admits every request, with a body of the usual length."""
    return MAXIMUM_BODY


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves `answer` on 127.0.0.1. `admit` sees a request without its body: it refuses it, or says how many bytes the
    body may have. Threads are daemons, so that the process leaves at once when told to."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self, port: int, answer: Callable[[Request], Reply], admit: Callable[[Request], Reply | int] = any_body
    ) -> None:
        self.answer, self.admit = answer, admit
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
        while (request := self.read_head()) is not None:
            most = self.server.admit(request)
            if isinstance(most, Reply):
                return self.refuse(request, most)
            try:
                request.body = self.read_body(request.headers, most)
            except TooLong:
                return self.refuse(request, Reply(413, b"a body of more than %d bytes\n" % most))
            reply = self.server.answer(request)
            if not self.write(request, reply) or request.headers.get("connection", "").lower() == "close":
                return None
        return None

    def read_head(self) -> Request | None:
        line = self.rfile.readline(65537)
        if not line.strip():
            return None
        try:
            method, target, _version = line.decode("latin-1").split()
        except ValueError:
            raise BadRequest(line[:80]) from None
        return Request(method, target, self.read_headers(), b"")

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

    def read_body(self, headers: dict[str, str], most: int) -> bytes:
        try:
            return self._read_body(headers, most)
        except ValueError:
            raise BadRequest("a length that is not a number") from None

    def _read_body(self, headers: dict[str, str], most: int) -> bytes:
        chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        length = 0 if chunked else int(headers.get("content-length") or 0)
        if length < 0:
            raise BadRequest(f"a body of {length} bytes")
        if length > most:
            raise TooLong
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if chunked:
            return self._read_chunks(most)
        return self.rfile.read(length) if length else b""

    def _read_chunks(self, most: int) -> bytes:
        parts, left = [], most
        while size := int(self.rfile.readline(65537).split(b";")[0], 16):
            if size < 0:
                raise BadRequest(f"a part of {size} bytes")
            if size > left:
                raise TooLong
            left -= size
            parts.append(self.rfile.read(size))
            self.rfile.readline(65537)
        self.rfile.readline(65537)
        return b"".join(parts)

    def refuse(self, request: Request, reply: Reply) -> None:
        """Answer without the body, and close. Closing over unread bytes would reset the connection before the answer is
        read: some of them are taken in and thrown away.
        """
        reply.headers = {**reply.headers, "Connection": "close"}
        self.write(request, reply)
        self.request.shutdown(socket.SHUT_WR)
        self.request.settimeout(LINGER_SECONDS)
        left = MAXIMUM_LEFT
        while left > 0 and (block := self.rfile.read1(65536)):
            left -= len(block)

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
