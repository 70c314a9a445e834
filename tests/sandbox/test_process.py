"""The process: what survives a kill -9, who may serve a home, how it starts and ends; and what the estate holds."""

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from sandbox import aliases, ledger
from sandbox.control import Control, address_of
from sandbox.testing import CHECKOUT, Running, start
from tests.sandbox.conftest import PRODUCTION, boto_client, launch
from vocabulary.errors import Unreachable


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Running]]:
    """Sandboxes of one test; all are stopped at its end."""
    running: list[Running] = []
    yield running
    for one in running:
        one.stop()


def test_state_and_ledger_survive_a_kill(tmp_path: Path, started: list[Running]) -> None:
    first = start(tmp_path, speed=1000, empty=True)
    started.append(first)
    id = launch(boto_client(first.address, "ec2"), ClientToken="once")["InstanceId"]
    first.kill()
    second = start(tmp_path, speed=1000)
    started.append(second)
    assert second.address == first.address
    assert launch(boto_client(second.address, "ec2"), ClientToken="once")["InstanceId"] == id
    assert [(entry.native_ids, entry.replayed) for entry in ledger.read(tmp_path)] == [((id,), False), ((id,), True)]


def test_after_a_kill_in_mid_traffic_ledger_and_state_agree(tmp_path: Path, started: list[Running]) -> None:
    sandbox = start(tmp_path, speed=1000, empty=True)
    started.append(sandbox)
    acknowledged: list[str] = []

    def create(worker: int) -> None:
        ec2 = boto_client(sandbox.address, "ec2")
        try:
            for _ in range(1000):
                volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, VolumeType="gp3")["VolumeId"]
                acknowledged.append(volume)
                if len(acknowledged) == 60:
                    sandbox.process.kill()
        except (BotoCoreError, ClientError):
            return

    workers = [Thread(target=create, args=(number,)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sandbox.kill()
    before = {entry.native_ids[0] for entry in ledger.read(tmp_path)}
    again = start(tmp_path)
    started.append(again)
    exist = {one["id"] for one in again.control.resources(kind="volume")}
    assert exist == before == {entry["native_ids"][0] for entry in again.control.ledger()}
    assert set(acknowledged) <= exist
    lines = (tmp_path / "sandbox/aws/ledger.jsonl").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, len(exist) + 1))


def test_a_ledger_line_cut_short_is_written_again(tmp_path: Path, started: list[Running]) -> None:
    sandbox = start(tmp_path, empty=True)
    started.append(sandbox)
    launch(boto_client(sandbox.address, "ec2"))
    sandbox.kill()
    file = tmp_path / "sandbox/aws/ledger.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[:-25])
    assert len(ledger.read(tmp_path)) == 1
    again = start(tmp_path)
    started.append(again)
    assert file.read_bytes() == whole


def test_a_home_has_one_sandbox(tmp_path: Path, started: list[Running]) -> None:
    sandbox = start(tmp_path, empty=True)
    started.append(sandbox)
    command = [sys.executable, "-m", "sandbox", "aws", "--home", str(tmp_path)]
    second = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, check=False, timeout=30)
    assert second.returncode == 1
    assert f"already running on {tmp_path / 'sandbox/aws'} (process {sandbox.pid})" in second.stderr


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys;"
        "command = [sys.executable, '-m', 'sandbox', 'aws', '--empty', '--die-with-parent', '--home', sys.argv[1]];"
        "child = subprocess.Popen(command,"
        " stdout=subprocess.PIPE); print(child.stdout.readline().decode(), flush=True); input()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=CHECKOUT) as parent:
        assert parent.stdout is not None
        child = json.loads(parent.stdout.readline())["pid"]
        handle = os.pidfd_open(child)
        parent.kill()
    import select

    readable, _, _ = select.select([handle], [], [], 10)
    os.close(handle)
    assert readable, "the sandbox outlived its parent"


def test_sigterm_ends_it_and_the_address_says_where_it_was(tmp_path: Path, started: list[Running]) -> None:
    with pytest.raises(Unreachable, match="no sandbox has been started"):
        address_of(tmp_path)
    sandbox = start(tmp_path, empty=True)
    started.append(sandbox)
    assert address_of(tmp_path) == sandbox.address
    sandbox.stop()
    assert sandbox.process.returncode == 0
    with pytest.raises(Unreachable, match="does not answer"):
        Control(sandbox.address).health()


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    sandbox = start(tmp_path_factory.mktemp("estate"), speed=1.0)
    yield sandbox
    sandbox.stop()


def test_the_estate_has_its_size_and_its_stories(estate: Running) -> None:
    found = estate.control.resources()
    count = Counter(one["kind"] for one in found)
    assert 380 <= sum(count[kind] for kind in ("instance", "volume", "bucket", "group", "snapshot")) <= 420
    instances = [one for one in found if one["kind"] == "instance"]
    assert len({one["region"] for one in instances}) == 6
    assert len({one["account"] for one in instances}) == 3
    assert any("<img" in one["tags"]["Name"] for one in instances)
    assert any("team" not in one["tags"] for one in instances)
    assert any(one["hidden"].get("user_data") for one in instances)
    assert {one["state"] for one in instances} == {"running", "stopped"}
    assert any(one["kind"] == "volume" and one["state"] == "available" for one in found)
    s3 = boto_client(estate.address, "s3", "us-east-1")
    assert s3.get_bucket_policy_status(Bucket="example-production-assets")["PolicyStatus"]["IsPublic"]
    ec2 = boto_client(estate.address, "ec2", "eu-west-1")
    filters = [
        {"Name": "ip-permission.from-port", "Values": ["22"]},
        {"Name": "ip-permission.cidr", "Values": ["0.0.0.0/0"]},
    ]
    assert len(ec2.describe_security_groups(Filters=filters)["SecurityGroups"]) == 1


def test_the_estate_is_the_same_from_the_same_seed(estate: Running, tmp_path: Path, started: list[Running]) -> None:
    other = start(tmp_path, speed=1.0)
    started.append(other)

    def picture(control: Control) -> list[Any]:
        return sorted(json.dumps(one, sort_keys=True) for one in control.resources())

    assert picture(other.control) == picture(estate.control)


def test_the_example_ids_stand_for_machines_that_exist(estate: Running) -> None:
    known = aliases.read(estate.home)
    assert set(known) == set(aliases.EXAMPLE_IDS)
    assert known == estate.control.aliases()
    ec2 = boto_client(estate.address, "ec2")
    ids = [one["native_id"] for one in known.values()]
    assert len(ec2.describe_instances(InstanceIds=ids)["Reservations"]) == len(ids)
    assert {one["account"] for one in known.values()} == {PRODUCTION}


def test_state_is_private_and_written_through(estate: Running) -> None:
    folder = ledger.folder(estate.home)
    assert folder.stat().st_mode & 0o077 == 0
    with sqlite3.connect(folder / "state.sqlite3") as connection:
        assert connection.execute("pragma journal_mode").fetchone()[0] == "wal"
    connection.close()
