"""The specification's snippets, word for word. A test compares them with the specification where that is at hand."""

PROVIDER_MANAGEMENT = """\
from src.multicloud import CloudProviderManager, ProviderConfig, CloudProvider

# Initialize manager
manager = CloudProviderManager()

# Configure AWS
aws_config = ProviderConfig(
    provider=CloudProvider.AWS,
    region='us-east-1',
    credentials={
        'access_key_id': 'your-access-key',
        'secret_access_key': 'your-secret-key'
    },
    priority=1,
    cost_factor=1.0,
    performance_factor=1.0
)

# Add provider
await manager.add_provider(aws_config)
"""

RESOURCE_MANAGEMENT = """\
# Create resource on optimal provider
resource = await manager.create_resource(
    optimal_provider,
    ServiceType.COMPUTE,
    'instance',
    {
        'name': 'web-server-1',
        'instance_type': 't3.medium',
        'region': 'us-east-1'
    }
)

# List resources across all providers
all_resources = await manager.list_all_resources()

# Get specific resource
resource = await manager.get_resource('resource-id')
"""

DEBUG_MODE = """\
import logging
logging.getLogger('src.multicloud').setLevel(logging.DEBUG)
"""
