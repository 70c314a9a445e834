"""The specification's types: CloudProvider, ServiceType, ProviderConfig and CloudResource.

They are shared by the library, the engine and the web application, so that a fact has one shape everywhere. The field
names of ProviderConfig are the specification's own; what it leaves open is settled in the checklist.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import Any, Literal

from vocabulary.errors import InvalidParameter

Mode = Literal["observe", "manage"]


class CloudProvider(StrEnum):
    """The eight clouds. The value is the slug that commands, addresses and files use."""

    AWS = "aws"
    AZURE = "azure"
    GCP = "gcp"
    ALIBABA = "alibaba"
    IBM = "ibm"
    ORACLE = "oracle"
    DIGITALOCEAN = "digitalocean"
    LINODE = "linode"

    @property
    def title(self) -> str:  # type: ignore[override]  # a name to read, in place of str.title(), which no slug needs
        """The name a person reads."""
        return _TITLES[self]


_TITLES = {
    CloudProvider.AWS: "AWS",
    CloudProvider.AZURE: "Azure",
    CloudProvider.GCP: "Google Cloud",
    CloudProvider.ALIBABA: "Alibaba Cloud",
    CloudProvider.IBM: "IBM Cloud",
    CloudProvider.ORACLE: "Oracle Cloud",
    CloudProvider.DIGITALOCEAN: "DigitalOcean",
    CloudProvider.LINODE: "Linode",
}


class ServiceType(StrEnum):
    """The ten families of services."""

    COMPUTE = "compute"
    STORAGE = "storage"
    DATABASE = "database"
    NETWORKING = "networking"
    SECURITY = "security"
    AI_ML = "ai_ml"
    ANALYTICS = "analytics"
    MONITORING = "monitoring"
    CONTAINER = "container"
    SERVERLESS = "serverless"


class Secrets(Mapping[str, str]):
    """A credential's fields.

    Reads like a dictionary, but never prints a value: `repr`, `str` and formatting show names only.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<secrets: {', '.join(sorted(self._values)) or 'none'}>"

    def __reduce__(self) -> Any:
        raise TypeError("secrets are not pickled: pass the id of the credential instead")


@dataclass(frozen=True)
class ProviderConfig:
    """How to sign in to one account of one cloud, and how to weigh it against others (TY-3, TY-7 to TY-12).

    `priority`: lower is preferred. `cost_factor` and `performance_factor` multiply a score's terms, never a shown
    price; both must be positive. `mode` is "manage" in code unless told otherwise: handing a configuration to a manager
    is the deliberate act. `endpoint` is the address to use instead of the vendor's. Raises InvalidParameter for a
    number that makes no sense.
    """

    provider: CloudProvider
    region: str
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    priority: int = 1
    cost_factor: float = 1.0
    performance_factor: float = 1.0
    name: str = ""
    mode: Mode = "manage"
    method: str = "keys"
    endpoint: str = ""
    regions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "credentials", Secrets(self.credentials))
        for factor in ("cost_factor", "performance_factor"):
            value = getattr(self, factor)
            if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value <= 0:
                raise InvalidParameter(
                    str(self.provider), "ProviderConfig", f"{factor} is {value!r}", f"Give {factor} a number above 0."
                )
        if isinstance(self.priority, bool) or not isinstance(self.priority, int) or self.priority < 1:
            raise InvalidParameter(
                str(self.provider),
                "ProviderConfig",
                f"priority is {self.priority!r}",
                "Give priority a whole number from 1.",
            )
        if self.mode not in ("observe", "manage"):
            raise InvalidParameter(
                str(self.provider), "ProviderConfig", f"mode is {self.mode!r}", 'Choose "observe" or "manage".'
            )


@dataclass(frozen=True)
class CloudResource:
    """One resource, in neutral words (TY-4, TY-5).

    `id` is the public id (`res-` and 12 characters), a function of what the resource is, so that it is the same with
    and without a database. `attributes` holds neutral facts with their unit in the name (`memory_gib`), and never a
    secret. `observed_at` says how old this is; `simulated` that it lives in the sandbox.
    """

    id: str
    provider: CloudProvider
    service_type: ServiceType
    resource_type: str
    name: str
    region: str
    state: str
    account: str = ""
    native_id: str = ""
    native_type: str = ""
    zone: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    observed_at: datetime | None = None
    simulated: bool = False
