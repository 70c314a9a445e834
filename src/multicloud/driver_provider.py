"""The provider interface over a driver: one provider, signed in to one account."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from src.multicloud.debugging import show_debug_lines
from src.multicloud.estate import Estate
from src.multicloud.interface import CloudProviderInterface
from vocabulary.types import CloudProvider, CloudResource, Mode, ProviderConfig, ServiceType


class DriverProvider(CloudProviderInterface):
    """Any provider that has a driver.

    provider = DriverProvider(CloudProvider.AWS, "us-east-1")
    await provider.authenticate({"access_key_id": "…", "secret_access_key": "…"})
    """

    def __init__(
        self,
        provider: CloudProvider,
        region: str,
        *,
        mode: Mode = "manage",
        endpoint: str = "",
        method: str = "keys",
        home: Path | None = None,
    ) -> None:
        import asyncio

        self._in_thread = asyncio.to_thread
        self._provider, self._region = provider, region
        self._mode, self._endpoint, self._method = mode, endpoint, method
        self._estate = Estate(home)
        show_debug_lines()

    async def authenticate(self, credentials: Mapping[str, str]) -> bool:
        """Sign in with these credentials from now on (AP-10). Raises AuthenticationFailed."""
        return await self._in_thread(self._estate.add, self._config(credentials))

    async def create_resource(
        self, service_type: ServiceType, resource_type: str, config: Mapping[str, Any]
    ) -> CloudResource:
        """Create a resource and wait until it was looked at once more (AP-11)."""
        return await self._in_thread(self._estate.create, self._provider, service_type, resource_type, config)

    async def get_resource(self, resource_id: str) -> CloudResource | None:
        """One resource by its public id, the cloud's own id or its alias tag; None when it is not there (AP-12)."""
        return await self._in_thread(self._estate.get, resource_id)

    async def list_resources(self, service_type: ServiceType | None = None) -> list[CloudResource]:
        """Every resource of every region in use, or those of one service type (AP-13)."""
        return await self._in_thread(self._estate.list_all, service_type)

    async def update_resource(self, resource_id: str, config: Mapping[str, Any]) -> CloudResource:
        """Change a resource and wait for it (AP-14)."""
        return await self._in_thread(self._estate.update, resource_id, config)

    async def delete_resource(self, resource_id: str) -> bool:
        """Delete a resource and wait until it is gone; False when it was not there (AP-15)."""
        return await self._in_thread(self._estate.delete, resource_id)

    async def get_pricing(self, service_type: ServiceType, resource_type: str, region: str) -> dict[str, float]:
        """Not yet: raises NotYetSupported, because there is no price catalogue (AP-16)."""
        return await self._in_thread(self._estate.not_yet, "get_pricing", "there is no price catalogue yet")

    async def get_regions(self) -> list[str]:
        """The regions in use (AP-17)."""
        return await self._in_thread(self._estate.regions, self._provider)

    def _config(self, credentials: Mapping[str, str]) -> ProviderConfig:
        return ProviderConfig(
            self._provider,
            self._region,
            credentials,
            name="provider",
            mode=self._mode,
            endpoint=self._endpoint,
            method=self._method,
        )
