"""What the journal in files promises beyond the suite: crashes, two processes, whole lines, and an audit that shows."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from providers.append_only import AppendOnly
from providers.audit_file import check_chain
from providers.file_journal import FileJournal
from providers.journal import INTENDED, OperationState
from providers.operations import Operations
from providers.surroundings import Surroundings
from tests.journals.made import approved, audit_entry, planned
from tests.journals.scripted import Clock, ScriptedEngine, driver_of
from vocabulary.errors import AuditUnavailable, LeaseLost

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(__file__).parent / "recorded"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "operations"


def program(folder: Path, body: str) -> subprocess.Popen[str]:
    """Another process with the same journal as `journal`. It speaks through its output."""
    code = "from pathlib import Path\nfrom providers.file_journal import FileJournal\n"
    code += f"journal = FileJournal(Path({str(folder)!r}))\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code + body]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: subprocess.Popen[str], how: signal.Signals = signal.SIGKILL) -> None:
    process.send_signal(how)
    process.communicate()


def test_a_killed_process_gives_its_claim_up_at_once(folder: Path) -> None:
    journal = FileJournal(folder)
    operation = approved(journal)
    other = program(folder, f"journal.claim({operation.id!r}, 'other', 100); print('claimed', flush=True); input()")
    assert said(other) == "claimed"
    assert journal.claim(operation.id, "worker", 60) is None
    assert journal.due(10) == []
    ended(other)
    assert journal.due(10) == [operation.id]
    claimed = journal.claim(operation.id, "worker", 60)
    assert claimed is not None
    assert claimed.fence == 3


def test_a_process_that_sleeps_past_its_lease_has_lost_it(folder: Path) -> None:
    clock = Clock()
    asleep, awake = FileJournal(folder, clock), FileJournal(folder, clock)
    operation = approved(asleep)
    old = asleep.claim(operation.id, "asleep", 60)
    assert old is not None
    clock.pass_(61)
    assert awake.claim(operation.id, "awake", 60) is not None
    with pytest.raises(LeaseLost):
        asleep.hold(old, 60)
    assert awake.load(operation.id).worker == "awake"


def test_many_processes_claim_each_operation_once_and_keep_one_chain(folder: Path) -> None:
    journal = FileJournal(folder)
    ids = {approved(journal).id for _ in range(20)}
    body = (
        "from dataclasses import replace\nfrom tests.journals.made import audit_entry\n"
        "for id in journal.due(100):\n"
        "    claimed = journal.claim(id, 'w', 60)\n"
        "    if claimed:\n"
        "        done = replace(claimed, state='succeeded', worker='', lease_until=None)\n"
        "        journal.save(type(claimed).from_dict(done.as_dict()), audit_entry('done'), 'done')\n"
        "        print(id, flush=True)\n"
    )
    workers = [program(folder, body) for _ in range(3)]
    done = [id for worker in workers for id in worker.communicate()[0].split()]
    assert sorted(done) == sorted(ids)
    assert journal.unfinished() == []
    assert check_chain(folder / "audit.jsonl") == []
    assert sorted(path.suffix for path in folder.iterdir()) == ["", "", ".jsonl"]


def test_a_line_that_a_kill_cut_short_does_not_count_and_is_written_over(folder: Path) -> None:
    journal = FileJournal(folder)
    operation = approved(journal)
    with (folder / f"{operation.id}.jsonl").open("a") as file:
        file.write('{"at": "2026-11-24T12:00:00+00:00", "now": {"state": "suc')
    with (folder / "audit.jsonl").open("a") as file:
        file.write('{"account": "aws/1')
    journal = FileJournal(folder)
    assert journal.load(operation.id) == operation
    claimed = journal.claim(operation.id, "worker", 60)
    assert claimed is not None
    journal.save(claimed, audit_entry("next"))
    assert journal.load(operation.id).worker == "worker"
    assert check_chain(folder / "audit.jsonl") == []


@pytest.mark.parametrize("written", ["nothing", "the operation", "half a line", "both"])
def test_a_commit_that_was_begun_is_finished_by_whoever_comes_next(folder: Path, written: str) -> None:
    """The state of the disk at each moment of a power cut, made from a commit that went through."""
    journal = FileJournal(folder)
    operation = approved(journal)
    claimed = journal.claim(operation.id, "worker", 60)
    assert claimed is not None
    names = (f"{operation.id}.jsonl", "audit.jsonl")
    before = {name: (folder / name).read_bytes() for name in names}
    journal.save(replace(claimed, phase=INTENDED), audit_entry("x.stop", moment="before"))
    after = {name: (folder / name).read_bytes() for name in names}
    parts = {name: [len(before[name]), after[name][len(before[name]) :].decode()] for name in names}
    (folder / "commit.json").write_text(json.dumps(parts))
    there = {
        "nothing": before,
        "the operation": {names[0]: after[names[0]], names[1]: before[names[1]]},
        "half a line": {names[0]: after[names[0]], names[1]: after[names[1]][: len(before[names[1]]) + 9]},
        "both": after,
    }[written]
    for name, content in there.items():
        (folder / name).write_bytes(content)
    with AppendOnly(folder).locked():
        assert {name: (folder / name).read_bytes() for name in names} == after
    assert not (folder / "commit.json").exists()
    assert FileJournal(folder).load(operation.id).phase == INTENDED
    assert check_chain(folder / "audit.jsonl") == []


def test_nobody_else_on_the_machine_can_read_it(folder: Path) -> None:
    old = os.umask(0)
    try:
        journal = FileJournal(folder)
        operation = approved(journal)
        assert journal.claim(operation.id, "worker", 60) is not None
    finally:
        os.umask(old)
    for path in (folder.parent, *folder.parent.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_a_symbolic_link_in_the_place_of_the_audit_is_not_followed(folder: Path, tmp_path: Path) -> None:
    journal = FileJournal(folder)
    (tmp_path / "elsewhere").write_text("")
    (folder / "audit.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuditUnavailable):
        planned(journal)
    assert (tmp_path / "elsewhere").read_text() == ""


@pytest.mark.promise("BP-20")
@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        (lambda lines: lines, []),
        (lambda lines: [lines[0], lines[1].replace("anna", "evil"), *lines[2:]], [2]),
        (lambda lines: [lines[0], *lines[2:]], [2]),
        (lambda lines: [lines[1], lines[0], *lines[2:]], [1, 2, 3]),
        (lambda lines: [*lines[:3], "not json", lines[3]], [4]),
        (lambda lines: [lines[0], lines[0], *lines[1:]], [2]),
    ],
)
def test_a_record_that_was_changed_dropped_or_swapped_shows(
    folder: Path, tamper: Callable[[list[str]], list[str]], broken: list[int]
) -> None:
    journal = FileJournal(folder)
    for _ in range(4):
        planned(journal)
    path = folder / "audit.jsonl"
    path.write_text("\n".join(tamper(path.read_text().splitlines())) + "\n")
    assert check_chain(path) == broken


def test_over_a_broken_audit_nothing_is_begun(folder: Path) -> None:
    journal = FileJournal(folder)
    planned(journal)
    (folder / "audit.jsonl").write_text("not json\n")
    with pytest.raises(AuditUnavailable):
        planned(FileJournal(folder))


def test_a_journal_of_version_1_is_still_carried_on(folder: Path) -> None:
    """Recorded by version 1: a resize whose second call got no answer. Nothing of it is done a second time."""
    folder.mkdir(parents=True)
    first = json.loads((RECORDED / "v1.jsonl").read_text().splitlines()[0])
    operation_id = first["operation"]["id"]
    shutil.copy(RECORDED / "v1.jsonl", folder / f"{operation_id}.jsonl")
    shutil.copy(RECORDED / "v1-audit.jsonl", folder / "audit.jsonl")
    clock, cloud = Clock(), ScriptedEngine()
    cloud.add("wéb-1", state="stopped", size="large")
    journal = FileJournal(folder, clock)
    recorded = journal.load(operation_id)
    assert (recorded.state, recorded.step, recorded.phase) == (OperationState.UNCERTAIN, 1, INTENDED)
    assert recorded.plan.hash == recorded.plan_hash
    engine = Operations(journal, Surroundings(lambda operation: driver_of(cloud)))
    clock.pass_(600)
    closed = engine.advance(operation_id)
    assert closed is not None
    assert closed.state is OperationState.SUCCEEDED
    assert [method for method, _ in cloud.sent] == ["x.start"]
    assert check_chain(folder / "audit.jsonl") == []
