"""All that the page of one account shows: its sign-in, what its readings say, and what its sign-in may do."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from access import rights
from multicloud_site.estate import line_of
from providers import queries
from providers.drivers.clouds import cloud
from providers.models import Account, Credential
from resources import places
from resources.models import Reading
from resources.queries import readings_for
from vocabulary.errors import PermissionMissing

#: Keys older than this are named: nobody knows who has seen them by then.
OLD_KEY = timedelta(days=90)
MOST_UNREADABLE = 20


def page_of(viewer: Any, account_id: int) -> dict[str, Any]:
    """Everything that the page of one account shows. Raises NotFound."""
    account = queries.account_for(viewer, account_id)
    readings = list(readings_for(viewer).filter(account=account))
    line = line_of(viewer, account)
    return {
        "account": account,
        "line": line,
        "tables": cloud(account.provider),
        "kinds": kinds_read(readings),
        "refused": [one for one in readings if one.state == Reading.State.REFUSED][:MOST_UNREADABLE],
        "unreadable": unreadable_in(readings),
        "report": queries.doctor_reports_for(viewer).filter(account=account).first(),
        "credentials": [credential_shown(one) for one in line.credentials],
        "interval_minutes": round(places.interval_of(account).total_seconds() / 60),
        "may_change": rights.may(viewer, "change account", account.team),
        "may_read": rights.may(viewer, "read account", account.team),
        "is_waiting": any(not one.checked_at for one in line.credentials) or line.is_new,
    }


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
    fields = [
        {"title": one.title, "value": row.fields.get(one.name, ""), "secret": one.secret}
        for one in (method.fields if method else ())
        if one.secret or row.fields.get(one.name)
    ]
    aged = row.method == "keys" and row.secret_set_at is not None and timezone.now() - row.secret_set_at > OLD_KEY
    return {"row": row, "method": method.title if method else row.method, "fields": fields, "is_old": aged}


def is_missing_permission(reading: Reading) -> bool:
    """Whether a part of the inventory is refused for want of a permission."""
    return bool(reading.error) and reading.error.get("type") == PermissionMissing.__name__


def title_of(account: Account) -> str:
    """An account as its cloud names it."""
    return f"{cloud(account.provider).title} {cloud(account.provider).account_kind} {account.native_id}"
