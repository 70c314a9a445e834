"""Of which moment the inventory knows a resource, and since when it has its state: the same on every face."""

from datetime import datetime

from resources.models import Resource


def known_of(resource: Resource, read_at: datetime | None) -> datetime:
    """The last moment at which a resource was seen as it is shown: the complete reading of its place (`read_at`), or a
    later change that an operation or a reading under way saw.
    """
    return max(read_at, resource.changed_at) if read_at else resource.changed_at


def state_since(resource: Resource) -> datetime | None:
    """Since when a resource has its state. None while it was never seen to change: it may be older than we are."""
    return resource.state_since if resource.state_since != resource.first_seen_at else None
