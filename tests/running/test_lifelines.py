"""A heartbeat says whether a worker lives; a lifeline ends a process with the one that started it."""

import os
import subprocess
import sys
import time

from multicloud_site import lifelines

CHILD = "import time; print('up', flush=True); time.sleep(600)"
PARENT = f"""
import os, subprocess, sys, time
from multicloud_site import lifelines
me = os.getpid()
subprocess.Popen([sys.executable, "-c", {CHILD!r}], preexec_fn=lambda: lifelines.die_with(me))
print("started", flush=True)
time.sleep(600)
"""
STRANGER = "from multicloud_site import lifelines; lifelines.die_with(1 << 22); print('lives')"


def test_without_a_heartbeat_there_is_no_worker(tmp_path):
    assert not lifelines.worker_is_alive(tmp_path)


def test_a_worker_lives_while_its_heartbeat_is_younger_than_ten_seconds(tmp_path):
    lifelines.show_heartbeat(tmp_path)
    assert lifelines.worker_is_alive(tmp_path)
    age(tmp_path, 9)
    assert lifelines.worker_is_alive(tmp_path)
    age(tmp_path, 11)
    assert not lifelines.worker_is_alive(tmp_path)


def test_a_heartbeat_from_the_future_is_no_worker(tmp_path):
    """The clock was set back by an hour, and the worker died before."""
    lifelines.show_heartbeat(tmp_path)
    age(tmp_path, -3600)
    assert not lifelines.worker_is_alive(tmp_path)


def test_a_child_ends_when_its_parent_is_killed():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert {parent.stdout.readline(), parent.stdout.readline()} == {"started\n", "up\n"}
        parent.kill()
        # The child holds the other end of this pipe too: it reaches its end when both have ended.
        assert parent.stdout.read() == ""


def test_a_child_whose_parent_has_died_already_ends_at_once():
    done = subprocess.run([sys.executable, "-c", STRANGER], capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout) == (1, "")


def age(home, seconds: float) -> None:
    stamp = time.time() - seconds
    os.utime(lifelines.heartbeat_file(home), (stamp, stamp))
