"""A backup is restored whole or not at all: what is cut, damaged or strange is said in one sentence."""

import hashlib
import io
import json
import sqlite3
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from multicloud_site import backup_file
from tests.cli.terminal import run
from vocabulary.errors import InvalidParameter


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("backup") / "db.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("create table t (x text)")
        connection.executemany("insert into t values (?)", [("row" * 50,)] * 2000)
        connection.execute("create index i on t (x)")
    connection.close()
    return path.read_bytes()


def manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()
    }


def written(path: Path, files: Mapping[str, bytes], said: Any, **changed: Any) -> Path:
    """A backup with a manifest of somebody's own; `changed` alters the first member's header."""
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in {**files, "manifest.json": json.dumps({"files": said}).encode()}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            for key, value in changed.items():
                setattr(entry, key, value)
            changed = {}
            archive.addfile(entry, io.BytesIO(content))
    return path


def refused(file: Path, why: str) -> None:
    new = file.parent / "new"
    with pytest.raises(InvalidParameter, match=why) as caught:
        backup_file.unpack(str(file), new)
    assert "Nothing was restored" in caught.value.hint
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "logs/x", "vault.key/../../outside"])
def test_a_strange_file_in_it_is_refused(tmp_path: Path, database: bytes, name: str) -> None:
    files = {"db.sqlite3": database, name: b"x"}
    refused(written(tmp_path / "b.tar", files, manifest(files)), "does not belong")


@pytest.mark.parametrize("left", [0, 100, 512, 700, 5000, 0.3, 0.6, 0.9, 0.97])
def test_one_cut_anywhere_is_refused(tmp_path: Path, database: bytes, left: float) -> None:
    files = {"db.sqlite3": database, "vault.key": b"key", "operations/a.json": b"{}" * 9000}
    file = written(tmp_path / "b.tar", files, manifest(files))
    whole = file.read_bytes()
    file.write_bytes(whole[: int(left if left > 1 or not left else len(whole.rstrip(b"\0")) * left)])
    refused(file, "cut")


@pytest.mark.parametrize("where", [600, 1024 + 40_000, -1])
def test_one_flipped_bit_is_refused(tmp_path: Path, database: bytes, where: int) -> None:
    files = {"db.sqlite3": database, "vault.key": b"key" * 100}
    file = written(tmp_path / "b.tar", files, manifest(files))
    content = bytearray(file.read_bytes())
    content[where if where > 0 else content.rindex(b"keykey")] ^= 1
    file.write_bytes(content)
    refused(file, "is not what its manifest says")


def test_a_file_that_is_missing_too_much_or_there_twice_is_refused(tmp_path: Path, database: bytes) -> None:
    files = {"db.sqlite3": database, "vault.key": b"key"}
    refused(written(tmp_path / "b.tar", {"db.sqlite3": database}, manifest(files)), "not those of its manifest")
    refused(written(tmp_path / "b.tar", files, manifest({"db.sqlite3": database})), "not those of its manifest")
    refused(written(tmp_path / "b.tar", {"vault.key": b"key"}, manifest({"vault.key": b"key"})), "no database")


@pytest.mark.parametrize("said", [None, [], {"db.sqlite3": 7}, {"db.sqlite3": {"bytes": float("inf"), "sha256": ""}}])
def test_a_manifest_that_makes_no_sense_is_refused(tmp_path: Path, database: bytes, said: Any) -> None:
    refused(written(tmp_path / "b.tar", {"db.sqlite3": database}, said), "its manifest cannot be read")


def test_a_file_larger_than_its_manifest_says_is_refused(tmp_path: Path, database: bytes) -> None:
    said = manifest({"db.sqlite3": database})
    said["db.sqlite3"]["bytes"] -= 1
    refused(written(tmp_path / "b.tar", {"db.sqlite3": database}, said), "is not what its manifest says")


def test_a_file_with_holes_that_would_fill_the_disk_is_refused(tmp_path: Path, database: bytes) -> None:
    file = written(tmp_path / "b.tar", {"db.sqlite3": database}, manifest({"db.sqlite3": database}))
    content = bytearray(file.read_bytes())
    content[156:157] = tarfile.GNUTYPE_SPARSE
    content[386:398] = b"%011o\0" % 0  # one piece: from 0, of 512 bytes, in a file said to have 8 GiB
    content[398:410] = b"%011o\0" % 512
    content[483:495] = b"%011o\0" % (8 * 2**30 - 1)
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])
    file.write_bytes(content)
    refused(file, "does not belong")


def test_a_broken_database_with_the_right_sum_is_refused(tmp_path: Path, database: bytes) -> None:
    broken = database[:8192] + b"\xff" * 4096 + database[12288:]
    for content in (broken, b"no database", b"SQLite format 3\0" + b"\0" * 4096):
        files = {"db.sqlite3": content}
        refused(written(tmp_path / "b.tar", files, manifest(files)), "its database db.sqlite3 is broken")


def test_the_command_says_it_in_one_sentence_and_exits_with_1(tmp_path: Path) -> None:
    file, new = tmp_path / "b.tar", tmp_path / "new"
    file.write_bytes(b"not a tar")
    done = run(new, "restore", str(file))
    assert (done.code, "cut, damaged or no backup" in done.err, "Traceback" in done.err) == (1, True, False)
    assert not new.exists()
