"""What importing the library brings along, and that its debug lines show each call and no secret."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

import src.multicloud
from sandbox.control import Control
from tests.library import snippets

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("django", "celery", "boto3", "botocore", "asyncio", "sqlite3")


def python(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)


@pytest.mark.promise("TY-6")
def test_importing_the_library_loads_no_django_no_celery_and_no_sdk() -> None:
    names = "CloudProviderManager, ProviderConfig, CloudProvider, ServiceType, CloudResource, CloudProviderInterface"
    code = f"import sys; from src.multicloud import {names}; print([name for name in {HEAVY} if name in sys.modules])"
    assert python(code).stdout.strip() == "[]"


def test_everything_the_library_offers_is_there() -> None:
    for name in src.multicloud.__all__:
        assert getattr(src.multicloud, name) is not None
    with pytest.raises(AttributeError, match="nothing_like_this"):
        src.multicloud.nothing_like_this  # noqa: B018 - asking is the test


def test_importing_costs_at_most_eight_times_an_empty_program() -> None:
    def seconds(code: str) -> float:
        began = time.perf_counter()
        python(code)
        return time.perf_counter() - began

    rounds = [(seconds("pass"), seconds("import src.multicloud")) for _ in range(5)]
    floor, ours = (statistics.median(column) for column in zip(*rounds, strict=True))
    assert ours / floor <= 8


@pytest.mark.promise("TR-13")
def test_the_documented_debug_lines_show_each_call_its_time_and_request_id_and_no_secret(
    home: Path, cloud: Control
) -> None:
    body = snippets.PROVIDER_MANAGEMENT + "await manager.list_all_resources()\nawait manager.get_provider_status()\n"
    body = body.replace("region='us-east-1',", "region='us-east-1', regions=('us-east-1',),", 1)
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    code = f"{snippets.DEBUG_MODE}\nasync def main():\n{lines}\nimport asyncio\nasyncio.run(main())"
    shown = python(code).stderr
    (line, *_) = [line for line in shown.splitlines() if "call=ec2.describe_instances" in line]
    for part in ("DEBUG src.multicloud", "region=us-east-1", "ms=", "request_id="):
        assert part in line
    assert "request_id=none" not in shown
    assert "call=sts.get_caller_identity" in shown
    assert "your-secret-key" not in shown


def test_a_program_with_its_own_logging_sees_each_line_once(home: Path, cloud: Control) -> None:
    code = (
        "import logging; logging.basicConfig(level=10)\n"
        "import asyncio; from tests.library.conftest import *\n"
        "async def main():\n    await CloudProviderManager().add_provider(config())\n"
        "asyncio.run(main())"
    )
    shown = [line for line in python(code).stderr.splitlines() if "call=sts.get_caller_identity" in line]
    assert shown
    assert len(shown) == len(set(shown))
