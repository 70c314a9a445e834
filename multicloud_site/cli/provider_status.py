"""What is known of each provider, gathered from credentials, accounts, readings and the health of services."""

from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from multicloud_site.cli.accounts import read_at
from providers.drivers.clouds import cloud
from providers.models import ServiceHealth
from providers.queries import accounts_for, credentials_for
from providers.switches import configuration
from resources.models import Reading
from resources.queries import readings_for, resources_for
from vocabulary.types import CloudProvider


def statuses(viewer: Any) -> list[dict[str, Any]]:
    """One entry per provider that has a credential or an account."""
    credentials, accounts = list(credentials_for(viewer)), list(accounts_for(viewer))
    names = sorted({row.provider for row in credentials} | {row.provider for row in accounts})
    entries = []
    for name in names:
        signed_in = [_credential(row) for row in credentials if row.provider == name]
        known = [_account(viewer, row) for row in accounts if row.provider == name]
        tables = cloud(name)
        entries.append(
            {
                "provider": name,
                "enabled": configuration().allows(CloudProvider(name)),
                "state": _state(name, signed_in, known),
                "credentials": signed_in,
                "accounts": known,
                "status_page": tables.status_url,
                "support_page": tables.support_url,
            }
        )
    return entries


def _credential(row: Any) -> dict[str, Any]:
    error = row.last_check.get("error")
    return {
        "name": row.name,
        "state": "refused" if error else "ok" if row.checked_at else "unknown",
        "why": error["why"] if error else "",
        "checked_at": row.checked_at,
    }


def _account(viewer: Any, account: Any) -> dict[str, Any]:
    readings = readings_for(viewer).filter(account=account)
    now = timezone.now()
    blocked = ServiceHealth.objects.filter(account=account, open_until__gt=now)
    counts = resources_for(viewer).filter(account=account).aggregate(present=Count("pk", filter=Q(gone_at=None)))
    return {
        "account": account.key,
        "name": account.name,
        "mode": account.mode,
        "simulated": account.simulated,
        "resources": counts["present"],
        "read_at": read_at(viewer).get(account.pk),
        "refused": [
            {"resource_type": place.kind, "region": place.region, "why": (place.error or {}).get("why", "")}
            for place in readings.filter(state=Reading.State.REFUSED)
        ],
        "down": [
            {"service": row.service, "region": row.region, "since": row.failing_since, "until": row.open_until}
            for row in blocked
        ],
    }


def _state(name: str, credentials: list[dict[str, Any]], accounts: list[dict[str, Any]]) -> str:
    if not configuration().allows(CloudProvider(name)):
        return "disabled"
    states = {entry["state"] for entry in credentials}
    if not credentials or states == {"refused"}:
        return "refused"
    if "refused" in states or any(account["down"] or account["refused"] for account in accounts):
        return "degraded"
    return "ok" if states == {"ok"} else "unknown"
