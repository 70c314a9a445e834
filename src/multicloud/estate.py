"""The accounts a manager holds, and all that it does with them. Everything here is synchronous; `manager` is the async
face, one line per method.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Never

from providers.drivers.clouds import cloud
from providers.file_journal import FileJournal
from providers.journal import Journal, Operation
from src.multicloud import changing
from src.multicloud.connections import Account, Settings, connect
from src.multicloud.looking import Failure, Inventory, Located, Place, resource_of
from vocabulary.errors import AuditUnavailable, CloudError, Conflict, InvalidParameter, NotFound, NotYetSupported
from vocabulary.types import CloudProvider, CloudResource, ProviderConfig, ServiceType
from vocabulary.words import covers

#: Where the journal lies in the home.
OPERATIONS = "operations"


class Estate:
    """Accounts of several clouds, their resources, and the operations that change them."""

    def __init__(self, home: Path | None = None, journal: Journal | None = None) -> None:
        self.settings = Settings.read(home)
        self.last_failures: tuple[Failure, ...] = ()
        self._given_journal, self._lock = journal, threading.RLock()
        self._accounts: tuple[Account, ...] = ()
        self._inventory = Inventory()
        self._changes: changing.Changes | None = None

    def add(self, config: ProviderConfig) -> bool:
        """Sign in, and hold the account. One of the same provider and name, or of neither name, is replaced."""
        account = connect(config, self.settings)
        with self._lock:
            others = [
                one for one in self._accounts if (one.config.provider, one.name) != (config.provider, account.name)
            ]
            # A stable order: the preferred first, and of two alike the one that was there before.
            self._accounts = tuple(sorted([*others, account], key=lambda one: one.config.priority))
        if config.mode == "manage" and self._unfinished():
            threading.Thread(target=self._resume_quietly, name="multicloud-resume", daemon=True).start()
        return True

    def remove(self, provider: CloudProvider) -> bool:
        """Forget every account of a provider. Nothing in the cloud changes. False: there was none."""
        with self._lock:
            kept = tuple(one for one in self._accounts if one.config.provider != provider)
            removed, self._accounts = len(kept) < len(self._accounts), kept
        return removed

    def list_all(self, service_type: ServiceType | None = None) -> list[CloudResource]:
        """What every account holds. What could not be read is in `last_failures`; raises when nothing could."""
        wanted = None if service_type is None else _service_type(service_type)
        found, failures = self._inventory.read(self._readers(), wanted)
        self.last_failures = tuple(failures)
        if failures and not found:
            raise failures[0].error
        return [resource_of(one) for one in found]

    def get(self, resource_id: str) -> CloudResource | None:
        """One resource by any of its names, or None."""
        located = self._inventory.find(self._readers(), resource_id)
        return resource_of(located) if located else None

    def create(
        self, provider: CloudProvider, service_type: ServiceType, resource_type: str, config: Mapping[str, Any]
    ) -> CloudResource:
        """Create, wait until it was looked at once more, and return it."""
        _is_a("resource_type", resource_type, str, "a text", 'For example "instance".')
        _is_a("config", config, Mapping, "a mapping", 'For example {"name": "web-1", "instance_type": "t3.micro"}.')
        account = self._account_for(provider, str(config.get("account") or ""))
        kind = account.driver.cloud.kind(resource_type)
        if not covers(_service_type(service_type), kind.service_type):
            why = f"{resource_type} is a {kind.service_type} resource, not a {service_type} one"
            raise InvalidParameter("Multicloud", "service_type", why, f"Give ServiceType.{kind.service_type.name}.")
        changes = self._changing()
        ended = changes.carry_out(account, changing.creation(account, kind, config, changes.hide))
        found = account.driver.get(kind, ended.plan.region, ended.native_id)
        if found is None:
            why = f"{ended.native_id} was created and is not there any more"
            raise NotFound(account.key, ended.plan.title, why, "Somebody else may have deleted it.")
        located = Located(Place(account, kind, found.region), found)
        self._inventory.remember(located)
        return resource_of(located)

    def update(self, resource_id: str, config: Mapping[str, Any]) -> CloudResource:
        """Change a resource, wait for it, and return it as it is then. Raises NotFound."""
        _is_a("config", config, Mapping, "a mapping", 'For example {"tags": {"env": "prod"}}.')
        located = self._required(resource_id)
        changes = self._changing()
        for plan in changing.updates(located, config, changes.hide):
            changes.carry_out(located.place.account, plan)
        return resource_of(self._required(located.public_id))

    def delete(self, resource_id: str) -> bool:
        """Delete a resource and wait until it is gone. False: it was not there."""
        located = self._inventory.find(self._readers(), resource_id)
        if located is None:
            return False
        changes = self._changing()
        try:
            plan = changing.deletion(located)
        except NotFound:
            return False
        changes.carry_out(located.place.account, plan)
        return True

    def status(self) -> dict[CloudProvider, dict[str, Any]]:
        """Per provider: whether it answers, how fast, and as whom. A provider that is switched off is not asked."""
        report: dict[CloudProvider, dict[str, Any]] = {}
        accounts = self._accounts
        for provider in CloudProvider:
            if not self.settings.configuration.allows(provider):
                report[provider] = {"status": "disabled", "accounts": [], "regions": [], "checked_at": None}
        asked = [one for one in accounts if one.config.provider not in report]
        with ThreadPoolExecutor(8, "multicloud-status") as threads:
            checks = list(threads.map(_checked, asked))
        for provider in dict.fromkeys(one.config.provider for one in asked):
            own = [check for account, check in zip(asked, checks, strict=True) if account.config.provider == provider]
            report[provider] = _summary(provider, own)
        return report

    def regions(self, provider: CloudProvider) -> list[str]:
        """The regions of a provider's accounts that are in use."""
        return sorted({region for one in self._accounts if one.config.provider == provider for region in one.regions})

    def resume(self) -> list[Operation]:
        """Carry to their end the operations that an earlier program on this home left unfinished. Returns them."""
        return [self._changing().wait_for(one.id) for one in self._unfinished()]

    def close(self) -> None:
        """Stop waiting. What is under way stays in the journal, and the next manager carries on."""
        if self._changes:
            self._changes.closing.set()

    def not_yet(self, call: str, why: str, hint: str = "") -> Never:
        """Raise NotYetSupported."""
        raise NotYetSupported("Multicloud", call, why, hint)

    def _resume_quietly(self) -> None:
        try:
            self.resume()
        except CloudError as error:
            changing.log.warning("resuming stopped: %s", error)

    def _unfinished(self) -> list[Operation]:
        begun = self._changes is not None or (self.settings.home / OPERATIONS).is_dir()
        journal = self._given_journal or (self._changing().journal if begun else None)
        operations = journal.unfinished() if isinstance(journal, FileJournal) else []
        return changing.unfinished_of(operations, self._accounts)

    def _changing(self) -> changing.Changes:
        """The engine's surroundings; the home is touched with the first change, and not before."""
        with self._lock:
            if self._changes is None:
                self._changes = changing.Changes(self._given_journal or self._file_journal(), self._account_of_key)
            return self._changes

    def _file_journal(self) -> FileJournal:
        folder = self.settings.home / OPERATIONS
        try:
            return FileJournal(folder)
        except OSError as error:
            why = f"the journal cannot be kept in {folder}: {error.strerror or error}"
            hint = "Set MULTICLOUD_HOME to a folder that can be written, or give the manager a MemoryJournal."
            raise AuditUnavailable("Multicloud", "journal", why, hint) from error

    def _readers(self) -> list[Account]:
        """One held account for each account there is: two credentials of one list it once."""
        if not self._accounts:
            raise InvalidParameter("Multicloud", "accounts", "no provider was added", "Call add_provider first.")
        first: dict[str, Account] = {}
        for account in self._accounts:
            first.setdefault(account.key, account)
        return list(first.values())

    def _account_of_key(self, key: str) -> Account | None:
        held = [one for one in self._accounts if one.key == key]
        return next((one for one in held if one.config.mode == "manage"), held[0] if held else None)

    def _account_for(self, provider: CloudProvider, name: str) -> Account:
        cloud(str(provider))  # a cloud without tables says so, whatever is held
        held = [one for one in self._accounts if one.config.provider == provider]
        if name:
            held = [one for one in held if name in (one.name, one.identity.account, one.key)]
        if not held:
            what = f"account {name[:60]!r} of {provider}" if name else f"account of {provider}"
            raise InvalidParameter("Multicloud", "provider", f"no {what} was added", "Call add_provider first.")
        return held[0]

    def _required(self, resource_id: str) -> Located:
        located = self._inventory.find(self._readers(), resource_id)
        if located is None:
            why = "no account that was added has it"
            raise NotFound(
                "Multicloud", f"resource {resource_id[:60]}", why, "Check the id; list_all_resources has all."
            )
        return located


def _is_a(name: str, value: object, wanted: type, what: str, hint: str) -> None:
    if not isinstance(value, wanted):
        raise InvalidParameter("Multicloud", name, f"{name} is {what}, not {type(value).__name__}", hint)


def _service_type(value: ServiceType) -> ServiceType:
    try:
        return ServiceType(value)
    except ValueError:
        able = ", ".join(ServiceType)
        why = f"{str(value)[:40]!r} is not a service type"
        raise InvalidParameter("Multicloud", "service_type", why, f"Choose: {able}.") from None


def _checked(account: Account) -> dict[str, Any]:
    began, error = time.perf_counter(), None
    try:
        identity = account.driver.engine.identity()
        if identity.account != account.identity.account:
            why = f"the credential signs in to {identity.account} now"
            raise Conflict(account.key, "identity", why, "Add the provider again.")
    except CloudError as failure:
        error = failure
    return {
        "name": account.name,
        "account": account.identity.account,
        "status": "unavailable" if error else "available",
        "mode": account.config.mode,
        "region": account.config.region,
        "simulated": account.identity.simulated,
        "latency_ms": None if error else round((time.perf_counter() - began) * 1000, 1),
        "error": error.as_dict() if error else None,
        "regions": [] if error else _regions(account),
    }


def _regions(account: Account) -> list[str]:
    try:
        return list(account.regions)
    except CloudError:
        return []  # the sign-in works; that the regions were not told shows in `last_failures` of a listing


def _summary(provider: CloudProvider, checks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    working = [check for check in checks if check["status"] == "available"]
    errors = [check["error"] for check in checks if check["error"]]
    tables = cloud(str(provider))
    return {
        "status": "available" if working else "unavailable",
        "accounts": list(checks),
        "regions": sorted({region for check in checks for region in check["regions"]}),
        "checked_at": datetime.now(UTC),
        "latency_ms": min((check["latency_ms"] for check in working), default=None),
        "error": errors[0] if errors else None,
        "status_url": tables.status_url,
        "support_url": tables.support_url,
    }
