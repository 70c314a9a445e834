"""The library on the simulated AWS with the demonstration estate; each test has a home of its own."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.control import Control
from sandbox.testing import Running, start
from src.multicloud import CloudProvider, CloudProviderManager, ProviderConfig

SPEED = "1000"
#: Enough to search in; all eighteen are searched only where a test is about that.
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
KEYS = {
    "production": ("AKIASANDBOXPRODUCTION", "sandbox-production-secret"),
    "staging": ("AKIASANDBOXSTAGING000", "sandbox-staging-secret"),
}


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    sandbox = start(tmp_path_factory.mktemp("cloud"), speed=float(SPEED))
    yield sandbox
    sandbox.stop()


@pytest.fixture
def cloud(running: Running) -> Iterator[Control]:
    """The cloud's own view, and its switches, all off again afterwards."""
    yield running.control
    running.control.clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running: Running) -> Path:
    """A home whose sandbox is the running one."""
    for name in ("MULTICLOUD_CONFIG", "MULTICLOUD_ENABLED", "MULTICLOUD_ALLOWED_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    told = home / "sandbox" / "aws" / "address"
    told.parent.mkdir(parents=True)
    told.write_text(running.address)
    monkeypatch.setenv("MULTICLOUD_HOME", str(home))
    monkeypatch.setenv("MULTICLOUD_ENDPOINT_AWS", "sandbox")
    monkeypatch.setenv("MULTICLOUD_SANDBOX_SPEED", SPEED)
    return home


def config(account: str = "production", **values: Any) -> ProviderConfig:
    """How to sign in to one of the sandbox's accounts."""
    key, secret = KEYS[account]
    credentials = {"access_key_id": key, "secret_access_key": secret}
    given = {"provider": CloudProvider.AWS, "region": "us-east-1", "credentials": credentials, "regions": REGIONS}
    return ProviderConfig(**given | values)


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for what another thread is doing. Fails when it has not come about in time."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        pause.wait(0.02)


def with_manager(use: Callable[[CloudProviderManager], Awaitable[Any]], *configs: ProviderConfig) -> Any:
    """What `use` returns when it is given a manager that holds these accounts (production, unless told)."""

    async def main() -> Any:
        async with CloudProviderManager() as manager:
            for one in configs or (config(),):
                assert await manager.add_provider(one) is True
            return await use(manager)

    return asyncio.run(main())
