"""The embedded queue: a message is seen whole, by one reader, and a broken file stops nobody."""

import json
import multiprocessing
import os
import stat
import threading
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection, Consumer, Queue
from kombu.exceptions import ChannelError

from multicloud_site.filesystem_queue import Folder, Transport

MESSAGE = {"body": "e30=", "properties": {"delivery_tag": "1", "delivery_info": {"routing_key": "celery"}}}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "queue")


def take_all(folder: Folder, queue: str = "celery") -> list[dict]:
    taken = []
    try:
        while True:
            taken.append(folder.take(queue))
    except Empty:
        return taken


def take_all_in_another_process(path: Path, start: multiprocessing.Barrier, answer: multiprocessing.Queue) -> None:
    folder = Folder(path)
    start.wait(timeout=20)
    answer.put([message["number"] for message in take_all(folder)])


def test_a_message_comes_back_as_it_was_put_and_once(folder):
    folder.put("celery", MESSAGE)
    assert take_all(folder) == [MESSAGE]
    assert list(folder.waiting.iterdir()) == list(folder.taken.iterdir()) == []


def test_messages_come_in_the_order_in_which_they_were_put(folder):
    for number in range(50):
        folder.put("celery", MESSAGE | {"number": number})
    assert [message["number"] for message in take_all(folder)] == list(range(50))


def test_a_half_written_message_is_never_seen(folder, monkeypatch):
    """Readers look while a writer stands in the middle of a file."""
    seen_meanwhile = []

    def write_in_two_halves(self: Path, text: str, encoding: str) -> None:
        with self.open("w", encoding=encoding) as file:
            file.write(text[: len(text) // 2])
            file.flush()
            seen_meanwhile.extend(take_all(Folder(folder.path)))
            file.write(text[len(text) // 2 :])

    monkeypatch.setattr(Path, "write_text", write_in_two_halves)
    folder.put("celery", MESSAGE)
    assert seen_meanwhile == []
    assert take_all(folder) == [MESSAGE]
    assert list(folder.refused.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"body": "e30="', b"[1]", b"{}", b"\xff\xfe", b"cos\nsystem\n(S'id'\ntR.", b"[" * 100_000],
    ids=["empty", "brace", "half", "list", "no message", "not UTF-8", "pickle", "deep"],
)
def test_a_file_that_is_no_message_is_moved_aside_and_the_next_is_read(folder, content):
    (folder.waiting / "0-bad.celery.json").write_bytes(content)
    folder.put("celery", MESSAGE)
    assert take_all(folder) == [MESSAGE]
    assert [file.read_bytes() for file in folder.refused.iterdir()] == [content]


@pytest.mark.parametrize(
    "change",
    [
        {"properties": {"delivery_info": {}}},
        {"properties": {"delivery_tag": ["1"], "delivery_info": {}}},
        {"properties": {"delivery_tag": "1"}},
        {"properties": {"delivery_tag": "1", "delivery_info": "celery"}},
        {"properties": {**MESSAGE["properties"], "body_encoding": "rot13"}},
        {"properties": []},
        {"body": None},
        {"body": {"id": 7}},
        {"body": "e30"},
        {"body": "é"},
        {"headers": "none"},
        {"content-type": ["application/json"]},
    ],
    ids=str,
)
def test_a_message_that_kombu_would_fall_over_is_moved_aside(folder, change):
    """Input 36: through kombu itself, as a worker reads it."""
    (folder.waiting / "0-bad.celery.json").write_text(json.dumps(MESSAGE | change))
    received = []
    with Connection(transport=Transport, transport_options={"folder": str(folder.path)}) as connection:
        queue = Queue("celery")
        connection.Producer().publish({"id": 7}, routing_key="celery", declare=[queue], serializer="json")
        consumer = Consumer(connection, [queue], callbacks=[lambda body, message: received.append(body)])
        with consumer:
            connection.drain_events(timeout=5)
    assert received == [{"id": 7}]
    assert len(list(folder.refused.iterdir())) == 1


def test_of_two_processes_only_one_takes_a_message(folder):
    context = multiprocessing.get_context("spawn")
    start, answer = context.Barrier(2), context.Queue()
    for number in range(300):
        folder.put("celery", MESSAGE | {"number": number})
    readers = [context.Process(target=take_all_in_another_process, args=(folder.path, start, answer)) for _ in range(2)]
    for reader in readers:
        reader.start()
    taken = answer.get(timeout=30) + answer.get(timeout=30)
    for reader in readers:
        reader.join(timeout=30)
    answer.close()
    answer.join_thread()
    assert sorted(taken) == list(range(300))


def test_nobody_else_may_look_into_the_queue(folder):
    folders = (folder.path, folder.waiting, folder.taken, folder.refused)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


@pytest.mark.parametrize("name", ["../celery", "a/b", "", ".hidden", "a\0b"])
def test_a_queue_name_cannot_leave_the_folder(folder, name):
    with pytest.raises(ChannelError, match="not a queue name"):
        folder.put(name, MESSAGE)


def test_a_full_disk_is_said_and_leaves_no_half_message(folder, monkeypatch):
    def disk_is_full(self: Path, text: str, encoding: str) -> None:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", disk_is_full)
    with pytest.raises(ChannelError, match="No space left on device"):
        folder.put("celery", MESSAGE)
    assert list(folder.waiting.iterdir()) == []


def test_what_a_killed_process_left_half_done_is_removed_after_an_hour(folder):
    old, young = folder.taken / "0-old.celery.json", folder.taken / "1-young.celery.json"
    unfinished = folder.waiting / ".0-old.celery.json"
    for left in (old, young, unfinished):
        left.write_text(json.dumps(MESSAGE))
    for left in (old, unfinished):
        os.utime(left, (0, 0))
    folder.prune()
    assert [left.exists() for left in (old, young, unfinished)] == [False, True, False]


def test_a_message_passes_through_kombu_and_one_not_in_json_is_refused(folder):
    options = {"folder": str(folder.path)}
    received = threading.Event()
    bodies = []

    def note(body, message):
        bodies.append(body)
        message.ack()
        received.set()

    with Connection(transport=Transport, transport_options=options) as connection:
        queue = Queue("celery")
        producer = connection.Producer()
        producer.publish({"id": 7}, routing_key="celery", declare=[queue], serializer="json")
        producer.publish({"id": 8}, routing_key="celery", declare=[queue], serializer="yaml")
        refused = []
        consumer = Consumer(connection, [queue], callbacks=[note], accept=["json"])
        consumer.on_decode_error = lambda message, error: (refused.append(error), message.reject())
        with consumer:
            connection.drain_events(timeout=5)
            connection.drain_events(timeout=5)
    assert bodies == [{"id": 7}]
    assert len(refused) == 1
