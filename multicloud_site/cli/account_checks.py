"""What the clouds say of each credential: who we are there, which regions it may use, how old its secret is."""

from typing import Any

from django.utils import timezone

from multicloud_site.cli.accounts import account_named
from multicloud_site.cli.columns import facts
from multicloud_site.cli.session import Session
from providers import credential_work
from providers.drivers.clouds import cloud
from providers.queries import credentials_for

#: What the clouds' own guides call old for a key that is stored.
OLD_SECRET_DAYS = 90


def examined(session: Session, account: str) -> list[dict[str, Any]]:
    """Sign in with each credential (of one account) and tell what was found. Changes nothing there."""
    actor = session.actor()
    rows = credentials_for(actor)
    if account:
        rows = rows.filter(accounts=account_named(actor, account))
    found = []
    for row in rows:
        session.say(f"Asking {row} ...")
        credential_work.check(row.pk)
        row.refresh_from_db()
        found.append(_as_dict(row))
    return found


def text_of(entry: dict[str, Any]) -> str:
    """One credential's findings for a person."""
    error = entry["error"] or {}
    lines = {
        "credential": entry["credential"],
        "state": entry["state"],
        "account": f"{entry['account']}{' (simulated)' if entry['simulated'] else ''}",
        "signed in as": entry["principal"],
        "regions": ", ".join(entry["regions"]),
        "unknown": "; ".join(f"{fact}: {why}" for fact, why in entry["unknown"].items()),
        "why": str(error.get("why", "")),
        "do": str(error.get("hint", "")),
        "secret set": f"{entry['secret_age_days']} days ago{', replace it' if entry['secret_is_old'] else ''}",
        "needs at least": ", ".join(entry["needs"]),
        "status page": entry["status_page"],
    }
    return "\n" + facts({name: value for name, value in lines.items() if value})


def _as_dict(row: Any) -> dict[str, Any]:
    check, tables = row.last_check, cloud(row.provider)
    age = (timezone.now() - row.secret_set_at).days if row.secret_set_at else 0
    return {
        "credential": str(row),
        "state": "refused" if check.get("error") else "ok" if row.checked_at else "unknown",
        "account": check.get("account", ""),
        "principal": check.get("principal", ""),
        "simulated": check.get("simulated", False),
        "regions": check.get("regions", []),
        "unknown": check.get("unknown", {}),
        "error": check.get("error"),
        "secret_age_days": age,
        "secret_is_old": row.method in ("keys", "assume_role") and age > OLD_SECRET_DAYS,
        "needs": list(tables.required_permissions),
        "status_page": tables.status_url,
    }
