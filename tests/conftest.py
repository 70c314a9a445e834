"""For every test: the reference data, the end of its home, and the count of promises that passing tests prove."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.home import HOME

PROMISE = "promise"


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The shared reference data; a test that needs it skips, with the reason, where it is absent."""
    path = Path(os.environ.get("REFERENCE_DATA") or Path(__file__).resolve().parents[2] / "shared")
    if not path.is_dir():
        pytest.skip(f"no reference data: {path} is not there (set REFERENCE_DATA)")
    return path


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
