"""`paas-cli multicloud accounts`: the clouds' accounts, and the deliberate switch that lets changes out."""

from typing import Any

import click

from multicloud_site.cli.columns import table
from multicloud_site.cli.session import Session, ago, command
from vocabulary.errors import ConfigurationError, NotFound


@command("list", examples=("multicloud accounts list", "multicloud accounts list --json"))
def list_accounts(session: Session) -> None:
    """Accounts, their mode, and how fresh what is known of them is."""
    actor = session.actor()
    from providers import queries

    freshness = read_at(actor)
    found = [
        {
            "account": account.key,
            "name": account.name,
            "provider": account.provider,
            "mode": account.mode,
            "enabled": account.enabled,
            "regions": account.regions,
            "credentials": [credential.name for credential in account.credentials.all()],
            "read_at": freshness.get(account.pk),
            "simulated": account.simulated,
        }
        for account in queries.accounts_for(actor).prefetch_related("credentials")
    ]
    rows = [
        [
            str(entry["account"]),
            f"{entry['name']}{' (simulated)' if entry['simulated'] else ''}",
            str(entry["mode"]),
            "yes" if entry["enabled"] else "no",
            ", ".join(entry["credentials"]) or "none",
            ago(entry["read_at"]),
        ]
        for entry in found
    ]
    headings = ("ACCOUNT", "NAME", "MODE", "ENABLED", "CREDENTIALS", "READ")
    session.show(
        found,
        lambda: (
            table(headings, rows) if rows else "No accounts. Add a provider: paas-cli multicloud providers add --help"
        ),
    )


@command(
    "set-mode",
    examples=(
        "multicloud accounts set-mode aws/production manage",
        "multicloud accounts set-mode aws/111111111111 observe",
    ),
)
@click.argument("account")
@click.argument("mode", type=click.Choice(["observe", "manage"]))
def set_mode(session: Session, account: str, mode: str) -> None:
    """Switch an account to observe (look only) or manage (changes may be planned and approved)."""
    actor = session.actor()
    from providers import credential_actions

    changed = credential_actions.set_mode(actor, account_named(actor, account).pk, mode)
    session.show(
        {"account": changed.key, "name": changed.name, "mode": changed.mode}, f"{changed} is in {changed.mode} mode."
    )


def account_named(viewer: Any, text: str) -> Any:
    """The account of a key (aws/111111111111), of provider and name (aws/production), or of the cloud's own id."""
    from django.db.models import Q

    from providers import queries

    provider, slash, rest = text.partition("/")
    asked = Q(provider=provider) & (Q(native_id=rest) | Q(name=rest)) if slash else Q(native_id=text) | Q(name=text)
    found = list(queries.accounts_for(viewer).filter(asked)[:2])
    if not found:
        raise NotFound("Multicloud", "account", f"there is no account {text}", "paas-cli multicloud accounts list")
    if len(found) > 1:
        keys = ", ".join(account.key for account in found)
        raise ConfigurationError(
            "Multicloud", "--account", f"{text} is the name of more than one account", f"Choose: {keys}."
        )
    return found[0]


def read_at(viewer: Any) -> dict[int, Any]:
    """When each account was last read in part or whole; accounts that never were are missing."""
    from django.db.models import Max

    from resources import queries

    places = queries.readings_for(viewer).order_by().exclude(completed_at=None)
    return dict(places.values_list("account").annotate(Max("completed_at")))
