"""`make run`, as the terminal and the process table see it."""

import fcntl
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import termios
import urllib.request
from pathlib import Path

import pytest

from multicloud_site import lifelines
from multicloud_site.starting import CannotStart, sole_supervisor
from tests.running.product import CHECKOUT, START, Product, processes_of, refusal, start, wait_until

# web and its worker, Celery and its two pool processes, the scheduler, the sandbox, the supervisor
FULL_HOUSE = 8


@pytest.fixture
def started():
    """Starts products and sees to it that none is left, whatever a test does."""
    products: list[Product] = []

    def start_one(home: Path, *arguments, **more) -> Product:
        product = start(home, *arguments, **more)
        products.append(product)
        product.read_until("Sign in: ")
        return product

    yield start_one
    for product in products:
        product.clean_up()


def test_it_prints_the_address_and_on_the_next_line_the_sign_in_and_answers_there(started, tmp_path):
    product = started(tmp_path / "home")
    lines = product.said.splitlines()
    at = lines.index(f"Ready: {product.address}")
    assert lines[at + 1].startswith("Sign in: admin / ")
    with urllib.request.urlopen(f"{product.address}healthz", timeout=10) as answer:
        assert answer.status == 200

    code, words = refusal(tmp_path / "home")
    assert (code, words.count("\n")) == (1, 1)
    assert f"already runs in {tmp_path / 'home'} (process {product.process.pid} " in words

    kept = b"".join(file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file())
    assert product.password.encode() not in kept, "the one-time password is for the terminal alone"

    assert product.end(signal.SIGTERM) == 0
    assert processes_of(tmp_path / "home") == {}

    again = started(tmp_path / "home")
    assert "Sign in: admin (password shown at first start; lost: paas-cli users reset admin)" in again.said


def test_when_the_parent_is_killed_no_process_is_left(started, tmp_path):
    product = started(tmp_path / "home")
    wait_until(lambda: len(processes_of(tmp_path / "home")) >= FULL_HOUSE, within=20)
    assert product.end(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: processes_of(tmp_path / "home") == {}, within=5)


def test_when_the_parent_of_the_supervisor_is_killed_no_process_is_left(started, tmp_path):
    """As under `make run`, where somebody kills make."""
    code = f"import subprocess; subprocess.run({[*START, '--die-with-parent']!r})"
    product = started(tmp_path / "home", (sys.executable, "-c", code))
    product.end(signal.SIGKILL)
    wait_until(lambda: processes_of(tmp_path / "home") == {}, within=10)


def test_ctrl_c_ends_it_in_order_and_no_process_is_left(started, tmp_path):
    """A true terminal, whose Ctrl-C goes to every process of the foreground group."""
    keyboard, terminal = pty.openpty()
    product = started(
        tmp_path / "home",
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(terminal, termios.TIOCSCTTY, 0),
        pass_fds=(terminal,),
    )
    os.write(keyboard, b"\x03")
    assert product.process.wait(60) == 0
    assert processes_of(tmp_path / "home") == {}
    assert "Traceback" not in (tmp_path / "home" / "logs" / "worker.log").read_text()
    os.close(terminal)
    os.close(keyboard)


def test_a_killed_worker_is_started_again_and_this_is_said(started, tmp_path):
    home = tmp_path / "home"
    product = started(home)
    worker = int(lifelines.heartbeat_file(home).read_text())
    pool = {pid for pid, command in processes_of(home).items() if " worker " in command} - {worker}
    assert len(pool) == 2
    os.kill(worker, signal.SIGKILL)
    assert "The worker was killed by SIGKILL and is started again" in product.read_until("is started again")
    wait_until(lambda: pool.isdisjoint(processes_of(home)), within=5)
    wait_until(lambda: int(lifelines.heartbeat_file(home).read_text() or worker) != worker, within=40)


def test_a_killed_pool_process_is_replaced_and_the_new_one_ends_with_its_worker_too(started, tmp_path):
    home = tmp_path / "home"
    started(home)
    worker = int(lifelines.heartbeat_file(home).read_text())

    def pool() -> set[int]:
        return {pid for pid, command in processes_of(home).items() if " worker " in command} - {worker}

    first = pool()
    os.kill(min(first), signal.SIGKILL)
    wait_until(lambda: len(pool() - {min(first)}) == 2, within=20)
    os.kill(worker, signal.SIGKILL)
    second = pool()
    wait_until(lambda: second.isdisjoint(processes_of(home)), within=5)


def test_a_read_only_checkout_is_enough(started, tmp_path):
    copy, home = tmp_path / "checkout", tmp_path / "home"
    unneeded = shutil.ignore_patterns(".*", "var", "tests", "__pycache__")
    shutil.copytree(CHECKOUT, copy, ignore=unneeded, symlinks=True)
    before = sorted(copy.rglob("*"))
    subprocess.run(["chmod", "-R", "a-w", copy], check=True)
    command: tuple[str, ...] = START
    if os.geteuid() == 0:  # root writes whatever the mode says, but not to a read-only mount
        mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && ! touch probe && exec "$@"'
        command = ("unshare", "--mount", "sh", "-c", mount, str(copy), *START)
    started(home, command, cwd=copy)
    assert sorted(copy.rglob("*")) == before
    worker = int(lifelines.heartbeat_file(home).read_text())
    assert Path(f"/proc/{worker}/cwd").resolve() == copy


def test_a_busy_port_is_one_clear_sentence_and_starts_nothing(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, words = refusal(tmp_path / "home", PORT=str(port))
    assert code == 1
    assert words.startswith(f"multicloud: Port {port} on 127.0.0.1 cannot be used (Address already in use);")
    assert words.count("\n") == 1
    assert not (tmp_path / "home" / "db.sqlite3").exists()


@pytest.mark.parametrize("port", ["eighty", "70000", "-1"])
def test_a_port_that_is_none_is_one_clear_sentence(tmp_path, port):
    code, words = refusal(tmp_path / "home", PORT=port)
    assert (code, words) == (1, f"multicloud: PORT={port} is not a port; give a number from 1 to 65535.\n")


def test_a_home_that_cannot_be_written_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").touch()
    code, words = refusal(tmp_path / "file" / "home")
    assert code == 1
    assert "cannot be written (Not a directory); set MULTICLOUD_HOME to a folder of yours" in words
    assert words.count("\n") == 1


def test_a_broken_database_is_one_clear_sentence_and_leaves_no_process(tmp_path):
    (tmp_path / "db.sqlite3").write_bytes(b"not a database" * 1000)
    code, words = refusal(tmp_path)
    assert (code, words) == (1, "multicloud: The database cannot be used: file is not a database.\n")
    assert processes_of(tmp_path) == {}


def test_a_home_in_use_by_another_host_is_refused_until_that_host_falls_silent(tmp_path):
    (tmp_path / "supervisor.lock").write_text(json.dumps({"host": "elsewhere", "pid": 7}))
    lifelines.show_heartbeat(tmp_path)
    with pytest.raises(CannotStart, match="in use by the host elsewhere"), sole_supervisor(tmp_path):
        pass
    os.utime(lifelines.heartbeat_file(tmp_path), (0, 0))
    with sole_supervisor(tmp_path):
        pass
