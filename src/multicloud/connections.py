"""From a ProviderConfig to an account one can speak to: which settings hold, where it calls, who it turns out to be."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from providers.drivers.asking import refuse_strange_region
from providers.drivers.clouds import ENGINES, cloud
from providers.drivers.driver import Driver
from providers.drivers.engine import Engine, Identity
from providers.drivers.kind import Cloud
from providers.signed_in import SignedIn
from vocabulary.configuration import DEFAULT_FILE, Configuration, load
from vocabulary.endpoints import check_address, check_endpoint, parse_allowed
from vocabulary.errors import AuthenticationFailed, ConfigurationError, InvalidParameter, NotAllowed, Unreachable
from vocabulary.types import CloudProvider, ProviderConfig

CHECKOUT = Path(__file__).resolve().parents[2]
SANDBOX = "sandbox"


@dataclass(frozen=True)
class Settings:
    """What the environment, the configuration file and the home say. Read once, when a manager is made."""

    home: Path
    configuration: Configuration
    allowed_endpoints: tuple[str, ...]
    sandbox_speed: float
    ca_file: str = ""

    @classmethod
    def read(cls, home: Path | None = None) -> "Settings":
        """The settings in effect. `home` None: MULTICLOUD_HOME, else `var` in the checkout."""
        given = os.environ.get("MULTICLOUD_CONFIG")
        file = Path(given) if given else CHECKOUT / DEFAULT_FILE
        return cls(
            home=Path(home or os.environ.get("MULTICLOUD_HOME") or CHECKOUT / "var").absolute(),
            configuration=load(file if given or file.exists() else None, os.environ),
            allowed_endpoints=parse_allowed(os.environ.get("MULTICLOUD_ALLOWED_ENDPOINTS", "")),
            sandbox_speed=_speed(os.environ.get("MULTICLOUD_SANDBOX_SPEED", "20")),
            ca_file=os.environ.get("MULTICLOUD_CA_FILE", ""),
        )

    def require_allowed(self, provider: CloudProvider, region: str = "") -> None:
        """Raise NotAllowed, naming the setting, when no call may leave for this provider or region."""
        config = self.configuration
        if config.allows(provider, region):
            return
        key, why = f"providers.{provider}.regions", f"region {region} is not among the regions in use"
        if not config.enabled:
            key, why = "multicloud.enabled", "all calls to clouds are switched off"
        elif not config.providers[provider].enabled:
            key, why = f"providers.{provider}.enabled", f"calls to {provider.title} are switched off"
        raise NotAllowed(provider, "connect", why, f"Set {key} (now set by: {config.source_of(key)}).")

    def address_of(self, config: ProviderConfig) -> str:
        """The endpoint of a configuration, else of MULTICLOUD_ENDPOINT_<PROVIDER>; empty for the vendor's own.

        The word "sandbox" stands for the simulated cloud of this home. Raises Unreachable when it has none.
        """
        endpoint = config.endpoint or os.environ.get(f"MULTICLOUD_ENDPOINT_{config.provider.upper()}", "")
        if endpoint != SANDBOX:
            return endpoint
        address = self.sandbox_address(config.provider)
        if not address:
            raise Unreachable(SANDBOX, "connect", "the sandbox is not running", "Start it with `make run`.")
        return address

    def sandbox_address(self, provider: str) -> str:
        """Where the simulated cloud of this home listens; empty when there is none."""
        path = self.home / "sandbox" / provider / "address"
        return path.read_text(encoding="ascii").strip() if path.exists() else ""

    def guard(self, endpoint: str) -> None:
        """Raise ForbiddenEndpoint for an address this product never calls. The sandbox of this home is allowed."""
        check_endpoint(endpoint, self._allowed())

    def guard_peer(self, address: str, port: int, host: str) -> None:
        """Raise ForbiddenEndpoint when a connection has reached an address that `guard` would refuse."""
        check_address(address, port, host, self._allowed())

    def _allowed(self) -> tuple[str, ...]:
        own = [self.sandbox_address(provider) for provider in CloudProvider]
        return (*self.allowed_endpoints, *(address.rpartition("/")[2] for address in own if address))


@dataclass(frozen=True)
class Account:
    """An account that a manager holds: how it was configured, and who the credential turned out to be."""

    config: ProviderConfig
    identity: Identity
    driver: Driver
    settings: Settings

    @property
    def key(self) -> str:
        """The account's key in plans and journals: "aws/111111111111"."""
        return f"{self.config.provider}/{self.identity.account}"

    @property
    def name(self) -> str:
        """The configuration's name, else the cloud's own id of the account."""
        return self.config.name or self.identity.account

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The regions in use: those of the configuration, else every one the account may use."""
        return self.config.regions or tuple(self.driver.regions())

    def require_manage(self, region: str) -> None:
        """Raise NotAllowed in observe mode, and where the configuration lets no call out."""
        self.settings.require_allowed(self.config.provider, region)
        if self.config.mode != "manage":
            why = f"{self.name} is in observe mode: it is listed, and nothing in it is changed"
            raise NotAllowed(self.key, "change", why, 'Add it again with mode="manage".')


def connect(config: ProviderConfig, settings: Settings) -> Account:
    """Sign in. Raises NotAllowed when it is switched off, AuthenticationFailed, UnknownRegion, NotYetSupported."""
    settings.require_allowed(config.provider, config.region)
    tables = cloud(config.provider)
    _require_fields(config, tables)
    engine = _engine(config, tables, settings)
    try:
        identity = engine.identity()
    except AuthenticationFailed:
        if not config.region or config.region == tables.home_region:
            raise
        # A region that does not exist looks like a wrong key: asked at home, the cloud tells which of the two it is.
        engine = _engine(replace(config, region=tables.home_region), tables, settings)
        identity = engine.identity()

    def allowed(regions: Iterable[str]) -> list[str]:
        return [region for region in regions if settings.configuration.allows(config.provider, region)]

    tempo = 1.0 / settings.sandbox_speed if identity.simulated else 1.0
    driver = Driver(tables, SignedIn(engine, identity.account, allowed), identity.account, tempo=tempo)
    refuse_strange_region(driver, config.region or tables.home_region)
    return Account(config, identity, driver, settings)


def _engine(config: ProviderConfig, tables: Cloud, settings: Settings) -> Engine:
    module, _, name = ENGINES[tables.engine].partition(":")
    made: Any = getattr(import_module(module), name)
    sign_in = import_module("providers.drivers.engines.boto_session").SignIn(
        method=config.method,
        fields=config.credentials,
        endpoint=settings.address_of(config),
        ca_file=settings.ca_file,
        guard=settings.guard,
        guard_peer=settings.guard_peer,
    )
    who = f"{config.provider}/{config.name}" if config.name else str(config.provider)
    engine: Engine = made(who, sign_in, config.region or tables.home_region)
    return engine


def _require_fields(config: ProviderConfig, tables: Cloud) -> None:
    for method in tables.methods:
        if method.name == config.method:
            missing = [one.name for one in method.fields if one.required and not config.credentials.get(one.name)]
            if missing:
                why = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
                raise InvalidParameter(config.provider, "credentials", why, f"Signing in with: {method.title}.")
            return
    able = ", ".join(method.name for method in tables.methods)
    raise InvalidParameter(
        config.provider, "credentials", f"{config.method[:60]!r} is not a way to sign in", f"Choose: {able}."
    )


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        where = "environment MULTICLOUD_SANDBOX_SPEED"
        raise ConfigurationError(where, "speed", f"{text[:40]!r} is not a number above 0", "For example 20.")
    return speed
