"""CloudProviderManager: the specification's signatures (AP-1 to AP-9), each one line over the synchronous estate."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from src.multicloud.debugging import show_debug_lines
from vocabulary.types import CloudProvider, CloudResource, ProviderConfig, ServiceType

if TYPE_CHECKING:
    from providers.journal import Journal, Operation
    from src.multicloud.looking import Failure

NO_PLACEMENT = "choosing a provider needs prices and measurements, and neither is there yet"
NO_PRICES = "there is no price catalogue yet"
NO_MIGRATIONS = "moving a resource needs a second cloud and the migration engine, and neither is there yet"


class CloudProviderManager:
    """One interface to every account of every cloud that was added.

    The journal of changes lies under `home` (None: MULTICLOUD_HOME, else ./var); give `journal=MemoryJournal()` to
    leave nothing on the disk. What an earlier program on the same home left unfinished is carried on, in the
    background, as soon as its account is added in manage mode; `resume` waits for it.
    """

    def __init__(self, home: Path | None = None, *, journal: "Journal | None" = None) -> None:
        import asyncio  # costs more than all else here, and only who makes a manager needs it

        from src.multicloud.estate import Estate

        self._in_thread = asyncio.to_thread
        self._estate = Estate(home, journal)
        show_debug_lines()

    async def __aenter__(self) -> "CloudProviderManager":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def last_failures(self) -> "tuple[Failure, ...]":
        """What the last `list_all_resources` could not read, and why."""
        return self._estate.last_failures

    async def add_provider(self, config: ProviderConfig) -> bool:
        """Sign in and hold the account (AP-1). True, or an error that says what to look at.

        Several configurations per provider have a `name` each; the same name again replaces the earlier one.
        """
        return await self._in_thread(self._estate.add, config)

    async def remove_provider(self, provider: CloudProvider) -> bool:
        """Forget every account of a provider (AP-2). Nothing in the cloud changes. False: there was none."""
        return await self._in_thread(self._estate.remove, provider)

    async def create_resource(
        self, provider: CloudProvider, service_type: ServiceType, resource_type: str, config: Mapping[str, Any]
    ) -> CloudResource:
        """Create a resource, wait until it was looked at once more, and return it (AP-3).

        `config` has the type's parameters, and may name a `region` and an `account`. A machine without an `image` gets
        the newest ubuntu-24.04, one without a `subnet` the cloud's default network. Raises what the cloud refuses.
        """
        return await self._in_thread(self._estate.create, provider, service_type, resource_type, config)

    async def get_resource(self, resource_id: str) -> CloudResource | None:
        """One resource by its public id, the cloud's own id, or its tag `multicloud:alias`; None when it is nowhere
        (AP-4). Raises what refused when a part could not be read and the rest has not got it.
        """
        return await self._in_thread(self._estate.get, resource_id)

    async def list_all_resources(self, service_type: ServiceType | None = None) -> list[CloudResource]:
        """Everything in every account and region in use (AP-5). A region that refuses does not lose the others: it is
        in `last_failures`. Raises when nothing could be read.
        """
        return await self._in_thread(self._estate.list_all, service_type)

    async def update_resource(self, resource_id: str, config: Mapping[str, Any]) -> CloudResource:
        """Change a resource and return it as it is then (RE-4): its parameters, `tags`, or `state` (running, stopped).

        Every part is planned before the first is carried out; a part that is refused later leaves the earlier ones.
        """
        return await self._in_thread(self._estate.update, resource_id, config)

    async def delete_resource(self, resource_id: str) -> bool:
        """Delete a resource and wait until it is gone (RE-5). False: it was not there."""
        return await self._in_thread(self._estate.delete, resource_id)

    async def get_optimal_provider(
        self,
        service_type: ServiceType,
        region_preference: str | None = None,
        cost_priority: float = 0.5,
        performance_priority: float = 0.5,
    ) -> CloudProvider | None:
        """Not yet (AP-6): raises NotYetSupported, because there are neither prices nor measurements."""
        hint = "Name a provider: CloudProvider.AWS."
        return await self._in_thread(self._estate.not_yet, "get_optimal_provider", NO_PLACEMENT, hint)

    async def get_cost_comparison(
        self, service_type: ServiceType, resource_type: str, region: str
    ) -> dict[CloudProvider, dict[str, float]]:
        """Not yet (AP-7): raises NotYetSupported, because there is no price catalogue."""
        return await self._in_thread(self._estate.not_yet, "get_cost_comparison", NO_PRICES)

    async def migrate_resource(self, resource_id: str, target_provider: CloudProvider) -> CloudResource:
        """Not yet (AP-8): raises NotYetSupported, because there is no second cloud and no migration engine."""
        return await self._in_thread(self._estate.not_yet, "migrate_resource", NO_MIGRATIONS)

    async def get_provider_status(self) -> dict[CloudProvider, dict[str, Any]]:
        """Per provider `status` (available, unavailable, disabled), `accounts`, `regions`, `checked_at`, `latency_ms`,
        `error`, and the vendor's status and support pages (AP-9). Each account is asked now.
        """
        return await self._in_thread(self._estate.status)

    async def resume(self) -> "list[Operation]":
        """Wait for what an earlier program on this home left unfinished, and return it as it ended."""
        return await self._in_thread(self._estate.resume)

    async def close(self) -> None:
        """Stop waiting for anything. What is under way stays in the journal, and the next manager carries on."""
        await self._in_thread(self._estate.close)
