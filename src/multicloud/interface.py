"""The specification's provider interface (AP-10 to AP-17): what one provider can be asked."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from vocabulary.types import CloudResource, ServiceType


class CloudProviderInterface(ABC):
    """One provider. Every method raises one of `vocabulary.errors` for what it cannot do; None and False mean "it is
    not there".
    """

    @abstractmethod
    async def authenticate(self, credentials: Mapping[str, str]) -> bool:
        """Sign in. True, or an error that names what to look at."""

    @abstractmethod
    async def create_resource(
        self, service_type: ServiceType, resource_type: str, config: Mapping[str, Any]
    ) -> CloudResource:
        """Create a resource, and return it when it was seen to be there."""

    @abstractmethod
    async def get_resource(self, resource_id: str) -> CloudResource | None:
        """One resource, or None."""

    @abstractmethod
    async def list_resources(self, service_type: ServiceType | None = None) -> list[CloudResource]:
        """Every resource, or those of one service type."""

    @abstractmethod
    async def update_resource(self, resource_id: str, config: Mapping[str, Any]) -> CloudResource:
        """Change a resource, and return it as it is then."""

    @abstractmethod
    async def delete_resource(self, resource_id: str) -> bool:
        """Delete a resource. True: it is gone. False: it was not there."""

    @abstractmethod
    async def get_pricing(self, service_type: ServiceType, resource_type: str, region: str) -> dict[str, float]:
        """The list price: `hourly_rate` and `monthly_rate`, US dollars."""

    @abstractmethod
    async def get_regions(self) -> list[str]:
        """The regions that the account can use."""
