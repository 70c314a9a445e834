"""The queue of the embedded mode: a folder of small files, with no server to install.

A message is one JSON file. It is written under another name and renamed, so that a reader sees it whole or not at all
(kombu's own filesystem transport shows half-written ones, and its worker dies of them). A reader takes a message by
renaming it, which only one of two can do. A named pipe beside the files is the bell: a publisher rings it and a waiting
worker looks at once; a bell that nobody heard costs one second, since the folder is looked at that often anyway.

Messages are wake-ups and may be lost (a worker killed between taking and working); what matters stands in the database.
"""

import base64
import contextlib
import errno
import json
import logging
import os
import re
import time
import uuid
from collections import deque
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.asynchronous import Hub
from kombu.exceptions import ChannelError
from kombu.transport import virtual

log = logging.getLogger("src.multicloud.queue")

LOOK_EVERY_SECONDS = 1.0
POLL_SECONDS = 0.1
KEEP_TAKEN_SECONDS = 3600
#: What every message must have, where, and of which kind; None where it may be left out.
PARTS: tuple[tuple[str, str, Any], ...] = (
    ("message", "body", str),
    ("message", "headers", dict | None),
    ("message", "content-type", str | None),
    ("message", "content-encoding", str | None),
    ("properties", "delivery_tag", str),
    ("properties", "delivery_info", dict),
)
QUEUE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


class NotAMessage(ValueError):
    """The JSON of a file is none of a message."""


class Folder:
    """The files of one queue folder: waiting messages, those being read, and those that could not be read."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.waiting, self.taken, self.refused = (self.path / name for name in ("waiting", "taken", "refused"))
        self.bell = self.path / "bell"
        for folder in (self.path, self.waiting, self.taken, self.refused):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self.bell, 0o600)
        self._listed: dict[str, deque[str]] = {}

    def put(self, queue: str, payload: dict[str, Any]) -> None:
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex}.{_checked(queue)}.json"
        unfinished = self.waiting / f".{name}"
        try:
            unfinished.write_text(json.dumps(payload), encoding="utf-8")
            unfinished.rename(self.waiting / name)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise ChannelError(f"cannot write to the queue in {self.waiting}: {error.strerror}") from error
        self.ring()

    def take(self, queue: str) -> dict[str, Any]:
        """The oldest message that nobody else takes; Empty when there is none. Unreadable files are moved aside."""
        while True:
            name = self._next(queue)
            ours = self.taken / name
            try:
                (self.waiting / name).rename(ours)
            except FileNotFoundError:
                continue  # another worker took it
            try:
                payload = _payload(ours.read_bytes())
            except (ValueError, RecursionError) as error:
                ours.rename(self.refused / name)
                log.warning("queue message refused file=%s reason=%s", self.refused / name, error)
                continue
            ours.unlink()
            return payload

    def names(self, queue: str) -> list[str]:
        ending = f".{_checked(queue)}.json"
        return sorted(name for name in os.listdir(self.waiting) if name.endswith(ending) and name[0] != ".")

    def purge(self, queue: str) -> int:
        names = self.names(queue)
        for name in names:
            (self.waiting / name).unlink(missing_ok=True)
        return len(names)

    def prune(self) -> None:
        """Removes what killed processes left behind: messages half written or half read, older than an hour."""
        oldest = time.time() - KEEP_TAKEN_SECONDS
        for left in (*self.taken.iterdir(), *self.waiting.glob(".*.json")):
            with contextlib.suppress(FileNotFoundError):
                if left.stat().st_mtime < oldest:
                    left.unlink()

    def ring(self) -> None:
        try:
            bell = os.open(self.bell, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.ENOENT):  # no worker listens: it will look when it comes
                return
            raise
        with contextlib.suppress(BlockingIOError):  # a full pipe has been rung often enough
            os.write(bell, b"!")
        os.close(bell)

    def _next(self, queue: str) -> str:
        listed = self._listed.get(queue)
        if not listed:  # one listing serves many messages, or a long queue would cost its square
            listed = self._listed[queue] = deque(self.names(queue))
        if not listed:
            raise Empty
        return listed.popleft()


def _payload(text: bytes) -> dict[str, Any]:
    """A message with all that kombu takes out of it unasked, where nobody would catch its error."""
    payload: dict[str, Any] = json.loads(text)
    properties = payload.get("properties") if isinstance(payload, dict) else None
    if not isinstance(properties, dict):
        raise NotAMessage("it has no properties")
    for where, name, kind in PARTS:
        if not isinstance((properties if where == "properties" else payload).get(name), kind):
            raise NotAMessage(f"its {name} is missing or of another kind")
    if properties.get("body_encoding", "base64") != "base64":
        raise NotAMessage("its body is in no encoding of ours")
    base64.b64decode(payload["body"])
    return payload


def _checked(queue: str) -> str:
    if not QUEUE_NAME.fullmatch(queue):
        raise ChannelError(f"not a queue name: {queue!r}")
    return queue


class Channel(virtual.Channel):
    """Passes kombu's calls on to the folder named by the transport option `folder`."""

    supports_fanout = False
    connection: "Transport"

    @property
    def folder(self) -> Folder:
        return self.connection.folder

    def _put(self, queue: str, payload: dict[str, Any], **_: Any) -> None:
        self.folder.put(queue, payload)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        return self.folder.take(queue)

    def _size(self, queue: str) -> int:
        return len(self.folder.names(queue))

    def _purge(self, queue: str) -> int:
        return self.folder.purge(queue)

    def _new_queue(self, queue: str, **_: Any) -> None:
        _checked(queue)

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        super().basic_ack(delivery_tag, multiple)
        self.connection.look_soon()

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().basic_reject(delivery_tag, requeue)
        self.connection.look_soon()


class Transport(virtual.Transport):
    """kombu transport over a folder. In a worker's event loop it waits for the bell; elsewhere it looks every 0.1 s."""

    Channel = Channel
    polling_interval = POLL_SECONDS
    driver_type = "filesystem"
    driver_name = "multicloud"
    global_state = virtual.BrokerState()
    implements = virtual.Transport.implements.extend(asynchronous=True, exchange_type=frozenset(["direct"]))

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.state = self.global_state
        self.folder = Folder(client.transport_options["folder"])
        self._loop: Hub | None = None

    def driver_version(self) -> str:
        return "1"

    def register_with_event_loop(self, connection: "Transport", loop: Hub) -> None:
        self.folder.prune()
        self._loop = loop
        # Opened for writing too, or the pipe would report "end of file" without pause once the last publisher has left.
        bell = os.open(self.folder.bell, os.O_RDWR | os.O_NONBLOCK)
        loop.add_reader(bell, self._heard, bell)
        loop.call_repeatedly(LOOK_EVERY_SECONDS, self._deliver_waiting)
        loop.call_soon(self._deliver_waiting)

    def look_soon(self) -> None:
        """A worker has room again. From the loop and not at once, so that the pool is told before the loop sleeps."""
        if self._loop is not None:
            self._loop.call_soon(self._deliver_waiting)

    def _heard(self, bell: int) -> None:
        with contextlib.suppress(BlockingIOError):  # another worker of this folder has read it
            os.read(bell, 4096)
        self._deliver_waiting()

    def _deliver_waiting(self) -> None:
        with contextlib.suppress(Empty):
            while True:
                self.cycle.get(self._deliver)
