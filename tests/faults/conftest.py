"""One product for the tests of a process; each test gets it as new."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.faults.world import World, at_home


@pytest.fixture(scope="session")
def prepared_world(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Migrated once. Its database is used only while a test holds `world`."""
    home = tmp_path_factory.mktemp("home")
    prepared = World(home, seed=7)
    with django_db_blocker.unblock(), at_home(home):
        prepared.__enter__()
        prepared.keep()
    yield prepared
    prepared.__exit__(None, None, None)


@pytest.fixture
def world(
    prepared_world: World, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A product at work, and its cloud."""
    monkeypatch.delenv("MULTICLOUD_VAULT_KEY", raising=False)
    with django_db_blocker.unblock(), at_home(prepared_world.home):
        prepared_world.begin()
        yield prepared_world
        prepared_world.control.clear()
