"""From an account to a driver: which credential signs in, where it calls, and how fast its time runs."""

import os
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings

from providers import vault_store
from providers.drivers.clouds import ENGINES, cloud
from providers.drivers.driver import Driver
from providers.drivers.engine import Engine
from providers.health import DatabaseGate
from providers.models import Account, Credential
from providers.offline import Offline
from providers.signed_in import SignedIn
from providers.switches import allowed_regions, require_allowed
from vocabulary.endpoints import check_address, check_endpoint, host_and_port
from vocabulary.errors import AuthenticationFailed, NotAllowed, Unreachable

SANDBOX = "sandbox"


def driver_for(account: Account, region: str = "") -> Driver:
    """A driver signed in to the account with the first credential that works. Makes no call itself.

    Raises NotAllowed when the account, its provider or the region is switched off, AuthenticationFailed without a
    credential.
    """
    require_allowed(account.provider, region, str(account))
    if not account.enabled:
        raise NotAllowed(str(account), "connect", "this account is switched off", "Switch it on to let calls leave.")
    credential = credential_of(account)
    if credential is None:
        raise AuthenticationFailed(str(account), "connect", "it has no credential", "Add one under Accounts.")
    allowed = partial(allowed_regions, account.provider)
    engine = SignedIn(engine_for(credential, str(account)), account.native_id, allowed)
    return Driver(
        cloud(account.provider), engine, account.native_id, DatabaseGate(account), tempo_of(account.simulated)
    )


def credential_of(account: Account) -> Credential | None:
    """The credential that signs in to an account: of those whose last check worked, the one preferred."""
    return min(
        account.credentials.all(),
        key=lambda one: (bool(one.last_check.get("error")), one.priority, one.pk),
        default=None,
    )


def planning_driver(account: Account) -> Driver:
    """A driver that makes no call, for plans made from the inventory."""
    return Driver(cloud(account.provider), Offline(str(account)), account.native_id)


def engine_for(credential: Credential, who: str) -> Engine:
    """The engine of a credential, kept for the life of the process while the credential stays as it is."""
    shown = sorted(credential.fields.items())
    version = f"{credential.secret_set_at}{credential.method}{shown}{address_of(credential.endpoint)}"
    return _engine(credential.pk, version, who)


@cache
def _engine(credential_id: int, version: str, who: str) -> Engine:
    credential = Credential.objects.get(pk=credential_id)
    tables = cloud(credential.provider)
    module, _, name = ENGINES[tables.engine].partition(":")
    made: Any = getattr(import_module(module), name)
    sign_in = import_module("providers.drivers.engines.boto_session").SignIn(
        method=credential.method,
        fields=vault_store.fields_of(credential),
        endpoint=address_of(credential.endpoint),
        ca_file=os.environ.get("MULTICLOUD_CA_FILE", ""),
        guard=guard,
        guard_peer=guard_peer,
    )
    engine: Engine = made(who, sign_in, credential.default_region or tables.home_region)
    return engine


def address_of(endpoint: str) -> str:
    """Where an endpoint is now: the word "sandbox" stands for the simulated cloud of this home. Raises Unreachable
    without one.
    """
    if endpoint != SANDBOX:
        return endpoint
    path = Path(settings.MULTICLOUD_HOME) / "sandbox" / "aws" / "address"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise Unreachable(SANDBOX, "connect", "the sandbox is not running", "Start it with `make run`.") from None


def guard(endpoint: str) -> None:
    """Raise ForbiddenEndpoint for an address this product never calls. The sandbox of this home is allowed."""
    check_endpoint(endpoint, allowed_endpoints())


def guard_peer(address: str, port: int, host: str) -> None:
    """Raise ForbiddenEndpoint when a connection has reached an address that `guard` would refuse."""
    check_address(address, port, host, allowed_endpoints())


def allowed_endpoints() -> list[str]:
    """Each host:port that may be called although it is on this machine or in a private network."""
    allowed = list(settings.MULTICLOUD_ALLOWED_ENDPOINTS)
    path = Path(settings.MULTICLOUD_HOME) / "sandbox" / "aws" / "address"
    if path.exists():
        _, _, place = path.read_text(encoding="ascii").strip().partition("//")
        host, _, port = place.partition(":")
        allowed.append(host_and_port(host, int(port)))
    return allowed


def tempo_of(simulated: bool) -> float:
    """How long waits are, against a real cloud's."""
    return 1.0 / settings.MULTICLOUD_SANDBOX_SPEED if simulated else 1.0
