"""One prepared home with one simulated account in manage mode, shared by the tests of the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.testing import start
from tests.cli.terminal import KEYS, Terminal, open_terminal, run


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `paas-cli setup` leaves it, without the demonstration."""
    home = tmp_path_factory.mktemp("cli") / "home"
    done = run(home, "setup", "--json")
    assert done.code == 0, done.err
    assert done.json["password"]
    return home


@pytest.fixture(scope="session")
def empty(home: Path) -> Iterator[Terminal]:
    """The prepared home beside a sandbox with empty accounts; no provider is added yet."""
    sandbox = start(home, speed=1000.0, empty=True)
    terminal = open_terminal(home, sandbox)
    yield terminal
    terminal.end()
    sandbox.stop()


@pytest.fixture(scope="session")
def cli(empty: Terminal) -> Terminal:
    """The same with the account "production" added, as the documentation has it, and in manage mode."""
    credentials = empty.file("credentials", KEYS)
    done = empty(
        f"multicloud providers add --provider aws --region us-east-1 --credentials-file {credentials} --name production"
        " --mode manage"
    )
    assert done.code == 0, done.err
    return empty
