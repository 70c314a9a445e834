"""One suite, every journal: `store` runs a test once per implementation."""

from pathlib import Path

import pytest

from providers.journal import Journal
from tests.journals.stores import EVERY, STORES, Store


@pytest.fixture(params=EVERY)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return STORES[request.param](tmp_path)


@pytest.fixture
def journal(store: Store) -> Journal:
    return store.open()
