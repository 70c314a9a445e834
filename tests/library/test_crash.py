"""A program that is killed in mid-creation: the next one on the same home finishes it, judged by the cloud's ledger."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from providers.audit_file import check_chain
from providers.crash import POINTS
from providers.file_journal import FileJournal
from sandbox.control import Control
from src.multicloud import CloudProviderManager, MemoryJournal
from tests.library.conftest import config, wait_until

ROOT = Path(__file__).resolve().parents[2]


def kill_at(point: str, name: str, home: Path) -> None:
    """Run the program until it kills itself."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CRASH_AT": f"instance.create:{point}:1"}
    environment["CRASH_COUNTS"] = str(home / "crash-counts")
    program = [sys.executable, "-m", "tests.library.killed", name]
    ended = subprocess.run(program, env=environment, cwd=home, check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.promise("AP-3")
@pytest.mark.parametrize("point", POINTS)
def test_the_next_manager_on_the_home_finishes_what_was_begun_once(home: Path, cloud: Control, point: str) -> None:
    name = f"killed-{point}"
    kill_at(point, name, home)

    async def resume() -> list[str]:
        async with CloudProviderManager() as manager:
            await manager.add_provider(config())
            return [operation.state for operation in await manager.resume()]

    asyncio.run(resume())
    journal = FileJournal(home / "operations")
    assert journal.unfinished() == []
    made = [entry for entry in cloud.ledger() if entry["name"] == name and not entry["replayed"]]
    assert [entry["action"] for entry in made] == ["RunInstances"]
    (ended,) = (home / "operations" / "ended").glob("op-*.jsonl")
    assert journal.load(ended.stem).state == "succeeded"
    assert check_chain(home / "operations" / "audit.jsonl") == []


def test_resuming_needs_no_asking(home: Path, cloud: Control) -> None:
    kill_at("intended", "killed-unasked", home)
    journal = FileJournal(home / "operations")

    async def only_add() -> None:
        await CloudProviderManager().add_provider(config())

    asyncio.run(only_add())
    wait_until(lambda: not journal.unfinished())
    made = [entry for entry in cloud.ledger() if entry["name"] == "killed-unasked" and not entry["replayed"]]
    assert len(made) == 1


@pytest.mark.parametrize("manager", [{"mode": "observe"}, {"account": "staging"}])
def test_who_may_not_change_the_account_resumes_nothing(home: Path, cloud: Control, manager: dict[str, str]) -> None:
    kill_at("intended", "killed-observed", home)
    before = len(cloud.ledger())

    async def resume() -> list[object]:
        async with CloudProviderManager() as held:
            await held.add_provider(config(**manager))
            return list(await held.resume())

    assert asyncio.run(resume()) == []
    assert len(cloud.ledger()) == before
    assert len(FileJournal(home / "operations").unfinished()) == 1


def test_a_journal_in_memory_has_nothing_to_resume(home: Path, cloud: Control) -> None:
    async def resume() -> list[object]:
        manager = CloudProviderManager(journal=MemoryJournal())
        await manager.add_provider(config())
        return list(await manager.resume())

    assert asyncio.run(resume()) == []
