"""Keeping the inventory: what listings and operations saw becomes rows."""

import os
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from access import audit
from providers.connect import driver_for
from providers.db_journal import DatabaseJournal
from providers.drivers.clouds import cloud
from providers.drivers.driver import Driver
from providers.drivers.kind import Found
from providers.journal import AuditEntry, Operation
from providers.models import Account
from resources import places, store
from resources.facts import facts_of
from resources.models import Reading, Resource
from resources.sync import AccountReading, Outcome
from vocabulary.configuration import load
from vocabulary.errors import CloudError, NotAllowed, PermissionMissing
from vocabulary.types import CloudProvider
from vocabulary.words import Verb

SCHEDULE = "schedule"


def read_account(account_id: int, driver: Driver | None = None) -> Outcome:
    """Read what is due of an account: every kind in every region. What another reader holds is left to it.

    A failure is a state of the place that failed and raises nothing. `driver` is for whoever has one already.
    """
    account = Account.objects.select_related("team").get(pk=account_id)
    every = places.interval_of(account)
    Reading.objects.bulk_create([Reading(account=account, kind=places.REGIONS)], ignore_conflicts=True)
    try:
        driver = driver or driver_for(account)
        if not _regions(account, driver, every):
            return Outcome()
    except CloudError as error:
        _refuse_regions(account, error)
        return Outcome()
    outcome = AccountReading(account, driver, every).run(list(places.due_in(account)))
    if outcome.complete or outcome.refused:
        _write_down(account, outcome)
    return outcome


def accounts_due() -> list[int]:
    """The accounts of which something is to be read now."""
    of_account = Reading.objects.filter(account=OuterRef("pk"))
    regions = of_account.filter(kind=places.REGIONS)
    blocked = regions.filter(~places.due(), state=Reading.State.REFUSED)
    waiting = Q(Exists(of_account.filter(places.due()))) | ~Q(Exists(regions))
    rows = Account.objects.filter(waiting, enabled=True, credentials__isnull=False)
    return list(rows.exclude(Exists(blocked)).distinct().order_by("pk").values_list("pk", flat=True))


def observe_operation(operation: Operation, found: Found | None) -> None:
    """What an operation left behind becomes one row at once: new, changed or gone.

    What came or went with it (a machine's disks) is read at the next turn of the schedule.
    """
    account = _account_of(operation)
    if operation.plan.verb in (Verb.CREATE, Verb.DELETE):
        kind = cloud(account.provider).kind(operation.plan.kind)
        places.want_again(account, operation.plan.region, (target for target, _ in kind.relations.values()))
    now = DatabaseJournal().now()
    sighting = store.Sighting(account, f"operation {operation.id}", now, asked_at=now)
    if found is not None:
        store.store(sighting, [facts_of(found, account.provider, account.native_id)])
        return
    rows = Resource.objects.filter(account=account, kind=operation.plan.kind, gone_at=None)
    if operation.plan.subject:
        rows = rows.filter(public_id=operation.plan.subject)
    else:
        rows = rows.filter(native_id=operation.native_id, region=operation.plan.region)
    store.mark_gone(sighting, rows.values_list("pk", flat=True))


def _regions(account: Account, driver: Driver, every: timedelta) -> bool:
    """Make sure that every place of the account has a row. False while another run does, or after a refusal."""
    place = Reading.objects.get(account=account, kind=places.REGIONS)
    claimed = places.claim(place)
    if claimed is None:
        return place.state == Reading.State.COMPLETE or _not_asked(place)
    try:
        regions = _wanted_regions(account, driver)
    except PermissionMissing as error:
        # Who may not list the regions may still list what is in the cloud's home region, and in those known from
        # before.
        places.refuse(claimed, error)
        known = Reading.objects.filter(account=account).exclude(region="").values_list("region", flat=True)
        regions = sorted({driver.cloud.home_region, *known})
    else:
        places.complete(claimed, len(regions), [], every)
    places.prepare(account, _pairs(driver, regions))
    return True


def _not_asked(place: Reading) -> bool:
    """Whether the account itself is refused only the list of regions, and not more."""
    return bool(place.error) and place.error["type"] == PermissionMissing.__name__


def _wanted_regions(account: Account, driver: Driver) -> list[str]:
    path = Path(settings.MULTICLOUD_CONFIG)
    configuration = load(path if path.exists() else None, os.environ)
    provider = CloudProvider(account.provider)
    if not configuration.allows(provider):
        raise NotAllowed(
            str(account),
            "read",
            f"{provider.title} is switched off in the configuration",
            f"Set providers.{provider}.enabled to true.",
        )
    regions = account.regions or driver.engine.regions()
    return [region for region in regions if configuration.allows(provider, region)]


def _pairs(driver: Driver, regions: list[str]) -> list[tuple[str, str]]:
    pairs = []
    for kind in driver.cloud.kinds:
        if kind.can(Verb.LIST):
            pairs += [("", kind.name)] if kind.scope == "account" else [(region, kind.name) for region in regions]
    return pairs


def _refuse_regions(account: Account, error: CloudError) -> None:
    place = Reading.objects.get(account=account, kind=places.REGIONS)
    # It is claimed already when the cloud refused; before that (no credential, say) it is not.
    places.refuse(places.claim(place) or place, error)


def _write_down(account: Account, outcome: Outcome) -> None:
    """A listing run is one audit record."""
    entry = AuditEntry(
        actor=SCHEDULE,
        account=account.key,
        action="read account",
        subject=account.key,
        moment="event",
        outcome=f"refused in {len(outcome.refused)}" if outcome.refused else "complete",
        detail={
            "complete": outcome.complete,
            "refused": outcome.refused,
            "resources": outcome.resources,
            "gone": outcome.gone,
        },
    )
    with transaction.atomic():
        audit.append(account.team, entry.as_dict())


def _account_of(operation: Operation) -> Account:
    provider, _, native_id = operation.plan.account.partition("/")
    return Account.objects.select_related("team").get(provider=provider, native_id=native_id)
