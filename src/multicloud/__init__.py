"""The library: one interface to eight clouds, without Django, a server or a database. See docs/library.md.

Importing it costs next to nothing: each name is loaded when it is first used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from providers.memory_journal import MemoryJournal as MemoryJournal
    from src.multicloud.driver_provider import DriverProvider as DriverProvider
    from src.multicloud.interface import CloudProviderInterface as CloudProviderInterface
    from src.multicloud.looking import Failure as Failure
    from src.multicloud.manager import CloudProviderManager as CloudProviderManager
    from vocabulary.errors import AuditUnavailable as AuditUnavailable
    from vocabulary.errors import AuthenticationFailed as AuthenticationFailed
    from vocabulary.errors import BadAnswer as BadAnswer
    from vocabulary.errors import CircuitOpen as CircuitOpen
    from vocabulary.errors import CloudError as CloudError
    from vocabulary.errors import ConfigurationError as ConfigurationError
    from vocabulary.errors import Conflict as Conflict
    from vocabulary.errors import CredentialExpired as CredentialExpired
    from vocabulary.errors import ForbiddenEndpoint as ForbiddenEndpoint
    from vocabulary.errors import InvalidParameter as InvalidParameter
    from vocabulary.errors import LeaseLost as LeaseLost
    from vocabulary.errors import NameTaken as NameTaken
    from vocabulary.errors import NotAllowed as NotAllowed
    from vocabulary.errors import NotFound as NotFound
    from vocabulary.errors import NotYetSupported as NotYetSupported
    from vocabulary.errors import PermissionMissing as PermissionMissing
    from vocabulary.errors import PlanChanged as PlanChanged
    from vocabulary.errors import ProviderDown as ProviderDown
    from vocabulary.errors import QuotaReached as QuotaReached
    from vocabulary.errors import RateLimited as RateLimited
    from vocabulary.errors import StillInUse as StillInUse
    from vocabulary.errors import UnknownRegion as UnknownRegion
    from vocabulary.errors import Unreachable as Unreachable
    from vocabulary.errors import Unsupported as Unsupported
    from vocabulary.errors import VaultError as VaultError
    from vocabulary.types import CloudProvider as CloudProvider
    from vocabulary.types import CloudResource as CloudResource
    from vocabulary.types import ProviderConfig as ProviderConfig
    from vocabulary.types import ServiceType as ServiceType

_ERRORS = [
    "AuditUnavailable",
    "AuthenticationFailed",
    "BadAnswer",
    "CircuitOpen",
    "CloudError",
    "ConfigurationError",
    "Conflict",
    "CredentialExpired",
    "ForbiddenEndpoint",
    "InvalidParameter",
    "LeaseLost",
    "NameTaken",
    "NotAllowed",
    "NotFound",
    "NotYetSupported",
    "PermissionMissing",
    "PlanChanged",
    "ProviderDown",
    "QuotaReached",
    "RateLimited",
    "StillInUse",
    "UnknownRegion",
    "Unreachable",
    "Unsupported",
    "VaultError",
]
_HOMES = {
    "CloudProvider": "vocabulary.types",
    "CloudProviderInterface": "src.multicloud.interface",
    "CloudProviderManager": "src.multicloud.manager",
    "CloudResource": "vocabulary.types",
    "DriverProvider": "src.multicloud.driver_provider",
    "Failure": "src.multicloud.looking",
    "MemoryJournal": "providers.memory_journal",
    "ProviderConfig": "vocabulary.types",
    "ServiceType": "vocabulary.types",
    **dict.fromkeys(_ERRORS, "vocabulary.errors"),
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
