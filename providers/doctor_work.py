"""What a worker finds out about an account's sign-in, by asking and rehearsing. Nothing is changed at the cloud."""

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from providers import connect, doctor, vault_store
from providers.drivers.clouds import cloud
from providers.drivers.driver import Driver
from providers.drivers.examination import Examination, examination
from providers.models import Account, Credential, DoctorReport
from vocabulary.errors import CloudError, PermissionMissing

#: Fields of a credential that make its keys temporary ones.
SESSION_FIELD = "session_token"


def examine(account_id: int) -> DoctorReport | None:
    """Ask the cloud who we are and what we may do, and keep the report. None when the account was forgotten."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        return None
    found = doctor.report(cloud(account.provider), _facts(account), examination(account.provider))
    stored, _ = DoctorReport.objects.update_or_create(
        account=account, defaults={"at": timezone.now(), "status": found.status, "report": found.as_dict()}
    )
    return stored


def _facts(account: Account) -> doctor.Facts:
    credential = connect.credential_of(account)
    facts = doctor.Facts(
        now=timezone.now(), method=credential.method if credential else "", simulated=account.simulated
    )
    try:
        driver = connect.driver_for(account)
        began = time.monotonic()
        identity = driver.engine.identity()
        milliseconds = (time.monotonic() - began) * 1000
    except CloudError as error:
        return replace(facts, error=error.as_dict())
    assert credential is not None
    facts = replace(
        facts,
        account=identity.account,
        principal=identity.principal,
        answered_in_ms=milliseconds,
        temporary_since=vault_store.set_at(credential.holder).get(SESSION_FIELD),
    )
    asked = examination(account.provider)
    if asked is None:
        return facts
    keys, why_no_keys = _keys(driver, asked, credential)
    rehearse = credential.endpoint == "" or identity.simulated
    decisions, why_unknown = _decisions(driver, asked, identity.principal, rehearse)
    unknown = {name: why for name, why in (("keys", why_no_keys), ("permissions", why_unknown)) if why}
    return replace(facts, keys=keys, decisions=decisions, unknown=unknown)


def _keys(driver: Driver, asked: Examination, credential: Credential) -> tuple[tuple[doctor.Key, ...], str]:
    """Our keys, or why they are unknown."""
    try:
        listed = driver.find(asked.keys, {}, driver.cloud.home_region)
        return tuple(_key(driver, asked, one, credential) for one in listed), ""
    except CloudError as error:
        return (), error.why


def _key(driver: Driver, asked: Examination, listed: Any, credential: Credential) -> doctor.Key:
    ours = listed["id"] in credential.fields.values()
    used = _last_used(driver, asked, listed["id"]) if ours else ""
    return doctor.Key(listed["id"], _moment(listed["created_at"]), str(listed["status"]), used, ours)


def _last_used(driver: Driver, asked: Examination, key: str) -> str:
    try:
        found = driver.find(asked.last_used, {"key": key}, driver.cloud.home_region)
    except CloudError:
        return ""
    return ", ".join(f"{moment:%Y-%m-%d}, {one['service']}" for one in found if (moment := _moment(one["at"])))


def _decisions(driver: Driver, asked: Examination, principal: str, rehearse: bool) -> tuple[dict[str, bool], str]:
    """Which permissions are granted, and why some are unknown. First the cloud's simulator, then rehearsals."""
    needed = doctor.permissions_for(driver.cloud, "manage", asked)
    source, decisions, why = asked.source(principal), dict[str, bool](), "the principal has no policies of its own"
    try:
        if source:
            decisions, why = _simulated(driver, asked, source, needed), ""
    except CloudError as error:
        why = error.why
    if not rehearse:
        return decisions, why
    for permission in needed:
        if permission not in decisions and permission in asked.rehearsals:
            granted = _rehearsed(driver, asked, permission)
            if granted is not None:
                decisions[permission] = granted
    return decisions, why


def _simulated(driver: Driver, asked: Examination, source: str, needed: list[str]) -> dict[str, bool]:
    decisions = {}
    for actions in _portions(needed, asked.at_once):
        answers = driver.find(asked.may, {"source": source, "actions": actions}, driver.cloud.home_region)
        decisions.update({str(one["action"]): one["decision"] == asked.allowed for one in answers})
    return decisions


def _rehearsed(driver: Driver, asked: Examination, permission: str) -> bool | None:
    """Whether the cloud would let this call through; None when it does not say."""
    call = asked.rehearsals[permission]
    try:
        driver.look(call, call.args, driver.cloud.home_region)
    except PermissionMissing:
        return False
    except CloudError as error:
        return True if error.code == asked.rehearsed else None
    return None


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _portions(items: list[str], size: int) -> Iterable[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
