"""The neutral words every face uses: verbs, resource types and states.

A cloud's own words (droplet, vSwitch, security group) stay inside that cloud's tables; these are what the pages, the
CLI, the library and the database say instead.
"""

from enum import StrEnum

from vocabulary.types import ServiceType


class Verb(StrEnum):
    """What can be asked of a resource. `list` and `get` only look; every other verb changes something."""

    LIST = "list"
    GET = "get"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    START = "start"
    STOP = "stop"
    REBOOT = "reboot"
    RESIZE = "resize"
    TAG = "tag"

    @property
    def changes(self) -> bool:
        """True for verbs that change the cloud, so that they need a plan, an approval and a journal."""
        return self not in (Verb.LIST, Verb.GET)


class State(StrEnum):
    """What a resource is doing, in words that mean the same on every cloud.

    `available` is for what has no power switch (a bucket is available, never running). `gone` was confirmed by a
    complete listing; `unknown` means that the cloud used a word this product does not know, or has not answered yet.
    """

    PENDING = "pending"
    STARTING = "starting"
    RUNNING = "running"
    UPDATING = "updating"
    STOPPING = "stopping"
    STOPPED = "stopped"
    AVAILABLE = "available"
    DEGRADED = "degraded"
    DELETING = "deleting"
    GONE = "gone"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def moving(self) -> bool:
        """True while the cloud is still on the way to another state."""
        return self in (State.PENDING, State.STARTING, State.UPDATING, State.STOPPING, State.DELETING)


#: Every resource type the product knows, and the service type it is counted under. Containers live in CONTAINER and
#: functions in SERVERLESS; COMPUTE answers for both as aliases (the checklist's settlement).
RESOURCE_TYPES: dict[str, ServiceType] = {
    "instance": ServiceType.COMPUTE,
    "image": ServiceType.COMPUTE,
    "key_pair": ServiceType.COMPUTE,
    "volume": ServiceType.STORAGE,
    "snapshot": ServiceType.STORAGE,
    "bucket": ServiceType.STORAGE,
    "file_system": ServiceType.STORAGE,
    "database": ServiceType.DATABASE,
    "nosql_table": ServiceType.DATABASE,
    "warehouse": ServiceType.DATABASE,
    "network": ServiceType.NETWORKING,
    "subnet": ServiceType.NETWORKING,
    "public_address": ServiceType.NETWORKING,
    "load_balancer": ServiceType.NETWORKING,
    "dns_zone": ServiceType.NETWORKING,
    "cdn": ServiceType.NETWORKING,
    "vpn": ServiceType.NETWORKING,
    "firewall": ServiceType.SECURITY,
    "key": ServiceType.SECURITY,
    "secret": ServiceType.SECURITY,
    "role": ServiceType.SECURITY,
    "ml_workspace": ServiceType.AI_ML,
    "ai_service": ServiceType.AI_ML,
    "data_job": ServiceType.ANALYTICS,
    "bi_workspace": ServiceType.ANALYTICS,
    "log_group": ServiceType.MONITORING,
    "alarm": ServiceType.MONITORING,
    "dashboard": ServiceType.MONITORING,
    "registry": ServiceType.CONTAINER,
    "cluster": ServiceType.CONTAINER,
    "node_pool": ServiceType.CONTAINER,
    "container_service": ServiceType.CONTAINER,
    "function": ServiceType.SERVERLESS,
    "queue": ServiceType.SERVERLESS,
    "topic": ServiceType.SERVERLESS,
    "event_rule": ServiceType.SERVERLESS,
}

#: Service types that also answer for another one's resource types.
SERVICE_TYPE_ALIASES: dict[ServiceType, tuple[ServiceType, ...]] = {
    ServiceType.COMPUTE: (ServiceType.COMPUTE, ServiceType.CONTAINER, ServiceType.SERVERLESS),
}


def covers(asked: ServiceType, actual: ServiceType) -> bool:
    """Whether a question about `asked` is also about `actual`: COMPUTE includes containers and functions."""
    return actual in SERVICE_TYPE_ALIASES.get(asked, (asked,))
