"""What the accounts hold: kinds × regions read at the same time, and one resource found by any of its names."""

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from providers.drivers.kind import Found, Kind, Unreadable
from providers.drivers.planning import resource_id_of
from src.multicloud.connections import Account
from vocabulary.errors import BadAnswer, CloudError, Conflict
from vocabulary.types import CloudProvider, CloudResource, ServiceType
from vocabulary.words import State, covers

#: A resource may carry a name of its user's choice in this tag, and is then found by it.
ALIAS_TAG = "multicloud:alias"
AT_ONCE = 16
_PUBLIC_ID = re.compile(r"res-[a-z2-7]{12}", re.ASCII)


@dataclass(frozen=True)
class Failure:
    """What could not be read, and why. `region` and `resource_type` are empty when it is the whole account."""

    account: str
    region: str
    resource_type: str
    error: CloudError


@dataclass(frozen=True)
class Place:
    """One listing: a kind in one region of one account."""

    account: Account
    kind: Kind
    region: str


@dataclass(frozen=True)
class Located:
    """A resource, and where it was found."""

    place: Place
    found: Found

    @property
    def public_id(self) -> str:
        """Its id on every face."""
        account = self.place.account
        return resource_id_of(account.driver, account.key, self.place.kind, self.found)


class Inventory:
    """Reads accounts, and remembers where what it has seen lies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Located] = {}

    def read(
        self, accounts: Sequence[Account], service_type: ServiceType | None = None
    ) -> tuple[list[Located], list[Failure]]:
        """Everything that could be read, each resource once, and what could not."""
        found: dict[str, Located] = {}
        failures: list[Failure] = []
        for one in self._stream(accounts, service_type):
            if isinstance(one, Failure):
                failures.append(one)
            else:
                found.setdefault(one.public_id, one)
        return list(found.values()), failures

    def find(self, accounts: Sequence[Account], resource_id: str) -> Located | None:
        """By public id, by the cloud's own id, or by alias tag. None when every account was read and none has it.

        Raises Conflict when two carry the alias, and what refused when a part could not be read and the rest has not
        got it: it may be there.
        """
        known = self._known.get(resource_id)
        if known and known.place.account in accounts:
            place = known.place
            found = place.account.driver.get(place.kind, place.region, known.found.native_id)
            if found and _is_named(resource_id, Located(place, found)):
                return Located(place, found)
        return self._search(accounts, resource_id)

    def remember(self, located: Located) -> None:
        """Know from now on where this lies."""
        with self._lock:
            for name in (located.public_id, located.found.native_id):
                self._known[name] = located

    def _search(self, accounts: Sequence[Account], resource_id: str) -> Located | None:
        by_alias: dict[str, Located] = {}
        failures: list[Failure] = []
        for one in self._stream(accounts, None):
            if isinstance(one, Failure):
                failures.append(one)
            elif resource_id in (one.public_id, one.found.native_id):
                return one
            elif not _PUBLIC_ID.fullmatch(resource_id) and one.found.tags.get(ALIAS_TAG) == resource_id:
                by_alias[one.public_id] = one
        if len(by_alias) > 1:
            why = f"{len(by_alias)} resources carry this alias: {', '.join(sorted(by_alias))}"
            raise Conflict("Multicloud", f"resource {resource_id[:60]}", why, "Use one of these ids.")
        if not by_alias and failures:
            raise failures[0].error
        located = next(iter(by_alias.values()), None)
        if located:
            with self._lock:
                self._known[resource_id] = located
        return located

    def _stream(self, accounts: Sequence[Account], service_type: ServiceType | None) -> Iterator[Located | Failure]:
        places: list[Place] = []
        for account in accounts:
            try:
                places += places_of(account, service_type)
            except CloudError as error:
                yield Failure(account.key, "", "", error)
        if not places:
            return
        with ThreadPoolExecutor(min(AT_ONCE, len(places)), "multicloud-list") as threads:
            try:
                for listed in threads.map(_read, places):
                    for one in listed:
                        if isinstance(one, Located):
                            self.remember(one)
                        yield one
            finally:
                threads.shutdown(cancel_futures=True)


def places_of(account: Account, service_type: ServiceType | None = None) -> list[Place]:
    """The listings that make up an account. A kind without regions is listed once."""
    places = []
    for kind in account.driver.cloud.kinds:
        if service_type is None or covers(service_type, kind.service_type):
            regions: Iterable[str] = account.regions if kind.scope == "region" else account.regions[:1]
            places += [Place(account, kind, region) for region in regions]
    return places


def resource_of(located: Located) -> CloudResource:
    """The specification's value of a resource. Facts that were not obtained stand under "unknown", with the reason."""
    account, kind, found = located.place.account, located.place.kind, located.found
    attributes: dict[str, Any] = dict(found.attributes)
    if found.unknown:
        attributes["unknown"] = dict(found.unknown)
    return CloudResource(
        id=located.public_id,
        provider=CloudProvider(account.config.provider),
        service_type=kind.service_type,
        resource_type=kind.name,
        name=found.name,
        region=found.region,
        state=found.state,
        account=account.identity.account,
        native_id=found.native_id,
        native_type=kind.native_type,
        zone=found.zone,
        tags=dict(found.tags),
        attributes=attributes,
        created_at=found.created_at,
        observed_at=datetime.now(UTC),
        simulated=account.identity.simulated,
    )


def _is_named(resource_id: str, located: Located) -> bool:
    found = located.found
    return resource_id in (located.public_id, found.native_id) or found.tags.get(ALIAS_TAG) == resource_id


def _read(place: Place) -> list[Located | Failure]:
    read: list[Located | Failure] = []
    try:
        for one in place.account.driver.list(place.kind, place.region):
            if isinstance(one, Unreadable):
                unreadable = BadAnswer(place.account.key, f"list {place.kind}", f"{one.native_id}: {one.reason}")
                read.append(Failure(place.account.key, place.region, place.kind.name, unreadable))
            elif one.state is not State.GONE:
                read.append(Located(place, one))
    except CloudError as error:
        read.append(Failure(place.account.key, place.region, place.kind.name, error))
    return read
