"""A program that creates a machine. CRASH_AT, in its environment, says where it dies."""

import asyncio
import sys

from src.multicloud import CloudProvider, CloudProviderManager, ServiceType
from tests.library.conftest import config


async def main() -> None:
    manager = CloudProviderManager()
    await manager.add_provider(config())
    machine = {"name": sys.argv[1], "instance_type": "t3.micro"}
    await manager.create_resource(CloudProvider.AWS, ServiceType.COMPUTE, "instance", machine)


asyncio.run(main())
