"""Files that only grow: whole lines or nothing, several files in one commit, one writer at a time.

A commit that touches several files is written down as a whole first (`commit.json`); whoever comes next carries out
what a power cut left of it. A last line without its end is what a kill in mid-write leaves, and does not count. Folders
are 0700, files 0600. Knows nothing of what the lines mean.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

COMMIT = "commit.json"
MODE, FOLDER_MODE = 0o600, 0o700


class AppendOnly:
    """The files of one folder. Two processes, and the threads of one, may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # mkdir gives its mode to the last folder only.
        folder.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The folder for ourselves. A commit that another process did not finish is finished first."""
        # Each use opens the file anew: a lock belongs to the open file, so threads keep each other out as well.
        descriptor = _open(self.folder / "lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._finish_commit()
            yield
        finally:
            os.close(descriptor)

    def append(self, lines: Mapping[str, Mapping[str, Any]]) -> None:
        """One line to the end of each named file, all or nothing, on the disk when this returns.

        Only inside `locked`. Raises OSError when it cannot be written; nothing has changed then.
        """
        parts = {name: (self._end_of(name), canonical(value) + b"\n") for name, value in lines.items()}
        if len(parts) == 1:
            self._write(parts)
            return
        commit = {name: [start, text.decode("ascii")] for name, (start, text) in parts.items()}
        self._write_aside(commit)
        self._write(parts)
        (self.folder / COMMIT).unlink()

    def lines(self, name: str, start: int = 0) -> Iterator[tuple[int, Any]]:
        """The whole lines of a file from a position on, each with the position after it. Empty when there is no file.

        Raises ValueError for a line that is not JSON.
        """
        with suppress(FileNotFoundError), (self.folder / name).open("rb") as file:
            file.seek(start)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                start += len(line)
                yield start, json.loads(line)

    def _end_of(self, name: str) -> int:
        """Where the next line begins: after the last whole one."""
        try:
            with (self.folder / name).open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                while end > 0:
                    block = max(0, end - 4096)
                    file.seek(block)
                    newline = file.read(end - block).rfind(b"\n")
                    if newline >= 0:
                        return block + newline + 1
                    end = block
                return 0
        except FileNotFoundError:
            return 0

    def _write(self, parts: Mapping[str, tuple[int, bytes]]) -> None:
        try:
            for name, (start, text) in parts.items():
                self._put(name, start, text)
        except OSError:
            for name, (start, _) in parts.items():
                with suppress(OSError):
                    os.truncate(self.folder / name, start)
            # Last of all: as long as it is there, the commit would be carried out by whoever comes next.
            (self.folder / COMMIT).unlink(missing_ok=True)
            raise

    def _put(self, name: str, start: int, text: bytes) -> None:
        path = self.folder / name
        is_new = not path.exists()
        descriptor = _open(path, os.O_WRONLY | os.O_CREAT)
        try:
            os.ftruncate(descriptor, start)
            os.lseek(descriptor, start, os.SEEK_SET)
            _write_all(descriptor, text)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(path.parent)

    def _write_aside(self, commit: Mapping[str, Any]) -> None:
        aside = self.folder / f"{COMMIT}.new"
        descriptor = _open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            _write_all(descriptor, canonical(commit))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        aside.rename(self.folder / COMMIT)
        sync_folder(self.folder)

    def _finish_commit(self) -> None:
        path = self.folder / COMMIT
        if not path.exists():
            return
        commit = json.loads(path.read_bytes())
        for name, (start, text) in commit.items():
            self._put(name, start, text.encode("ascii"))
        path.unlink()


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one way to write a value: sorted keys, no blanks, ASCII only, so that its hash is the same everywhere."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def sync_folder(folder: Path) -> None:
    """Let the disk know about new and renamed files."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)


def _write_all(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]
