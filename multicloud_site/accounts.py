"""All that the page of one account shows: its sign-in, what its readings say, and what its sign-in may do."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from access import rights
from multicloud_site.estate import line_of
from providers import queries, vault_store
from providers.drivers.clouds import cloud
from providers.models import Account, Credential
from resources import places
from resources.models import Reading
from resources.queries import readings_for
from vocabulary.errors import PermissionMissing

#: Keys older than this are named: nobody knows who has seen them by then.
OLD_KEY = timedelta(days=90)
MOST_UNREADABLE = 20
PATIENCE = timedelta(minutes=2)


def page_of(viewer: Any, account_id: int, asked: Mapping[str, str]) -> dict[str, Any]:
    """Everything that the page of one account shows. Raises NotFound.

    `asked` may hold `read_since` and `examined_since`, seconds since 1970: the page waits for something newer.
    """
    account = queries.account_for(viewer, account_id)
    readings = list(readings_for(viewer).filter(account=account))
    line = line_of(viewer, account)
    report = queries.doctor_reports_for(viewer).filter(account=account).first()
    return {
        "account": account,
        "line": line,
        "tables": cloud(account.provider),
        "kinds": kinds_read(readings),
        "refused": [one for one in readings if one.state == Reading.State.REFUSED][:MOST_UNREADABLE],
        "unreadable": unreadable_in(readings),
        "report": report,
        "features": features_of(report.report) if report else [],
        "policies": [(name, json.dumps(policy, indent=2)) for name, policy in report.report["policies"].items()]
        if report
        else [],
        "credentials": [credential_shown(one) for one in line.credentials],
        "interval_minutes": round(places.interval_of(account).total_seconds() / 60),
        "may_change": rights.may(viewer, "change account", account.team),
        "may_read": rights.may(viewer, "read account", account.team),
        "is_waiting": any(not one.checked_at for one in line.credentials)
        or line.is_new
        or is_awaited(asked.get("read_since", ""), line.oldest)
        or is_awaited(asked.get("examined_since", ""), report.at if report else None),
    }


def is_awaited(since: str, newest: datetime | None) -> bool:
    """Whether something newer than a moment is still to come. Nobody waits longer than two minutes."""
    if not (since.isascii() and since.isdigit() and len(since) <= 12):
        return False
    age = timezone.now().timestamp() - int(since)
    return 0 <= age < PATIENCE.total_seconds() and (newest is None or newest.timestamp() < int(since))


def features_of(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What cannot be done, and which permissions it would need."""
    return [one for one in report["features"] if one["missing"]]


def kinds_read(readings: list[Reading]) -> list[dict[str, Any]]:
    """How fresh each kind is, over all its regions."""
    kinds: dict[str, list[Reading]] = {}
    for one in readings:
        if one.kind != places.REGIONS:
            kinds.setdefault(one.kind, []).append(one)
    return [
        {
            "kind": kind,
            "count": sum(one.count for one in rows),
            "regions": len(rows),
            "refused": sum(one.state == Reading.State.REFUSED for one in rows),
            "unread": sum(one.completed_at is None for one in rows),
            "oldest": min((one.completed_at for one in rows if one.completed_at), default=None),
            "unreadable": sum(len(one.unreadable) for one in rows),
        }
        for kind, rows in sorted(kinds.items())
    ]


def unreadable_in(readings: list[Reading]) -> list[dict[str, str]]:
    """The items that could not be understood, with the reason."""
    found = [{"kind": one.kind, "region": one.region, **item} for one in readings for item in one.unreadable]
    return found[:MOST_UNREADABLE]


def credential_shown(row: Credential) -> dict[str, Any]:
    """A credential without its secrets: what may be shown, when its secret was set, and what its last check found."""
    method = next((one for one in cloud(row.provider).methods if one.name == row.method), None)
    secrets = vault_store.set_at(row.holder)
    fields = [
        {"title": one.title, "value": row.fields.get(one.name, ""), "set_at": secrets.get(one.name)}
        for one in (method.fields if method else ())
        if one.name in secrets or row.fields.get(one.name)
    ]
    aged = row.method == "keys" and row.secret_set_at is not None and timezone.now() - row.secret_set_at > OLD_KEY
    return {"row": row, "method": method.title if method else row.method, "fields": fields, "is_old": aged}


def is_missing_permission(reading: Reading) -> bool:
    """Whether a part of the inventory is refused for want of a permission."""
    return bool(reading.error) and reading.error.get("type") == PermissionMissing.__name__


def title_of(account: Account) -> str:
    """An account as its cloud names it."""
    return f"{cloud(account.provider).title} {cloud(account.provider).account_kind} {account.native_id}"
