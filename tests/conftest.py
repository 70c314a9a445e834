"""For every test: a home of its own for each process, and the count of promises that passing tests prove."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HOME = Path(tempfile.mkdtemp(prefix="multicloud-tests-"))
# Before Django reads its settings: no test may touch the home of a person, nor another test process's.
os.environ["MULTICLOUD_HOME"] = str(HOME)
for name in [name for name in os.environ if name.startswith(("AWS_", "MULTICLOUD_ENDPOINT", "CRASH_"))]:
    del os.environ[name]
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(HOME / "no-such-file")

PROMISE = "promise"


@pytest.fixture(scope="session")
def reference_data() -> Iterator[Path]:
    """The shared reference data; a test that needs it skips, with the reason, where it is absent."""
    path = Path(os.environ.get("REFERENCE_DATA") or Path(__file__).resolve().parents[2] / "shared")
    if not path.is_dir():
        pytest.skip(f"no reference data: {path} is not there (set REFERENCE_DATA)")
    yield path


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    """Carry the promises of a test to whoever counts; with xdist that is another process."""
    for marker in item.iter_markers(PROMISE):
        for promise in marker.args:
            if (PROMISE, promise) not in item.user_properties:
                item.user_properties.append((PROMISE, promise))
    yield


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many promises of the specification passing tests prove. A promise with a failing test is not proven."""
    proven, broken = set(), set()
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            ids = {value for name, value in getattr(report, "user_properties", ()) if name == PROMISE}
            if outcome == "passed" and getattr(report, "when", "") == "call":
                proven |= ids
            elif outcome in ("failed", "error"):
                broken |= ids
    terminalreporter.write_line(f"promises: {len(proven - broken)} proven by passing tests")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove the home of this process."""
    import shutil

    shutil.rmtree(HOME, ignore_errors=True)
