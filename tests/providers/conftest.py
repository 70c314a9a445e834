"""A team with its people, a home with an empty vault, and the sandbox as this home's simulated cloud."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from access.models import Membership, Role, Team
from providers.health import memory
from providers.models import Credential
from sandbox.control import Control
from sandbox.testing import Running, start

PRODUCTION = ("111111111111", "AKIASANDBOXPRODUCTION", "sandbox-production-secret")
STAGING = ("222222222222", "AKIASANDBOXSTAGING000", "sandbox-staging-secret")


def keys(account: tuple[str, str, str]) -> dict[str, str]:
    """The fields of a sandbox account's key."""
    return {"access_key_id": account[1], "secret_access_key": account[2]}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a vault key."""
    for name in ("MULTICLOUD_VAULT_KEY", "MULTICLOUD_VAULT_KEY_NEXT", "MULTICLOUD_ENABLED"):
        monkeypatch.delenv(name, raising=False)
    settings.MULTICLOUD_HOME = tmp_path
    memory.clear()
    return tmp_path


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(slug="default", name="Default")


@pytest.fixture
def admin(team: Team) -> Any:
    return member(team, "ada", Role.ADMIN)


@pytest.fixture
def operator(team: Team) -> Any:
    return member(team, "otto", Role.OPERATOR)


@pytest.fixture
def stranger(db: None) -> Any:
    """An admin of another team."""
    return member(Team.objects.create(slug="other", name="Other"), "eve", Role.ADMIN)


def member(team: Team, name: str, role: Role) -> Any:
    user = get_user_model().objects.create_user(name)  # without a password: hashing one is slow on purpose
    Membership.objects.create(user=user, team=team, role=role)
    return user


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("sandbox"), empty=True)
    yield running
    running.stop()


@pytest.fixture
def sandbox(sandbox_process: Running, home: Path) -> Control:
    """The sandbox, empty and without faults, as the simulated cloud of this test's home."""
    folder = home / "sandbox" / "aws"
    folder.mkdir(parents=True)
    (folder / "address").write_text(sandbox_process.address)
    sandbox_process.control.reset(empty=True)
    return sandbox_process.control


def stored(row: Credential) -> Credential:
    """The credential as the database has it now."""
    return Credential.objects.get(pk=row.pk)
