"""The provider interface, asked of the driver's implementation over the simulated AWS."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.control import Control
from src.multicloud import (
    AuthenticationFailed,
    CloudProvider,
    CloudProviderInterface,
    DriverProvider,
    NotYetSupported,
    ServiceType,
)
from tests.library.conftest import config

KEYS = dict(config().credentials)
SIGNATURES = {
    "authenticate": ["credentials"],
    "create_resource": ["service_type", "resource_type", "config"],
    "get_resource": ["resource_id"],
    "list_resources": ["service_type"],
    "update_resource": ["resource_id", "config"],
    "delete_resource": ["resource_id"],
    "get_pricing": ["service_type", "resource_type", "region"],
    "get_regions": [],
}


def signed_in(use: Callable[[DriverProvider], Awaitable[Any]]) -> Any:
    """What `use` returns when it is given a provider that is signed in."""

    async def main() -> Any:
        provider = DriverProvider(CloudProvider.AWS, "us-east-1")
        assert await provider.authenticate(KEYS) is True
        return await use(provider)

    return asyncio.run(main())


@pytest.mark.promise("AP-10", "AP-11", "AP-12", "AP-13", "AP-14", "AP-15", "AP-16", "AP-17")
@pytest.mark.parametrize("name", SIGNATURES)
def test_the_eight_methods_have_the_documented_signatures(name: str) -> None:
    method = getattr(CloudProviderInterface, name)
    assert inspect.iscoroutinefunction(method)
    assert list(inspect.signature(method).parameters) == ["self", *SIGNATURES[name]]
    assert name in CloudProviderInterface.__abstractmethods__
    assert not DriverProvider.__abstractmethods__


@pytest.mark.promise("AP-10")
def test_wrong_credentials_are_refused_by_name(home: Path, cloud: Control) -> None:
    provider = DriverProvider(CloudProvider.AWS, "us-east-1")
    with pytest.raises(AuthenticationFailed):
        asyncio.run(provider.authenticate({**KEYS, "secret_access_key": "wrong"}))


@pytest.mark.promise("AP-11", "AP-12", "AP-13", "AP-14", "AP-15", "ST-4")
def test_a_bucket_lives_and_goes_through_the_interface(home: Path, cloud: Control) -> None:
    async def use(provider: DriverProvider) -> None:
        bucket = {"name": "interface-bucket-1", "tags": {"env": "test"}}
        made = await provider.create_resource(ServiceType.STORAGE, "bucket", bucket)
        assert made.state == "available"
        listed = await provider.list_resources(ServiceType.STORAGE)
        assert made.id in {one.id for one in listed}
        changed = await provider.update_resource(made.id, {"versioning": True})
        assert changed.attributes["versioning"] is True
        assert await provider.get_resource(made.id) is not None
        assert await provider.delete_resource(made.id) is True
        assert await provider.get_resource(made.id) is None
        assert await provider.delete_resource(made.id) is False

    signed_in(use)


@pytest.mark.promise("AP-17")
def test_the_regions_are_those_the_account_can_use(home: Path, cloud: Control) -> None:
    regions = signed_in(lambda provider: provider.get_regions())
    assert "us-east-1" in regions
    assert regions == sorted(set(regions))


def test_prices_are_not_there_yet_and_are_not_invented(home: Path, cloud: Control) -> None:
    with pytest.raises(NotYetSupported, match="price catalogue"):
        signed_in(lambda provider: provider.get_pricing(ServiceType.COMPUTE, "instance", "us-east-1"))
