"""Having accounts read: by the worker where one is alive, else here."""

from typing import Any

from multicloud_site import lifelines
from multicloud_site.cli.session import Session


def read_again(
    session: Session, actor: Any = None, account: Any = None, simulated_only: bool = False
) -> list[dict[str, Any]]:
    """Have one account, or all, read again; what came of it, as far as it is known, one entry per account."""
    actor = actor or session.actor()
    from providers import queries

    accounts = [account] if account else list(queries.accounts_for(actor).filter(enabled=True))
    return [_read(session, actor, each) for each in accounts if each.simulated or not simulated_only]


def _read(session: Session, actor: Any, account: Any) -> dict[str, Any]:
    from resources import actions, work

    actions.request_reading(actor, account)
    entry: dict[str, Any] = {"account": account.key, "name": account.name, "read_by": "worker"}
    if lifelines.worker_is_alive(session.home):
        return entry
    session.say(f"Reading {account}: no worker is alive, so it is done here.")
    outcome = work.read_account(account.pk)
    return {
        **entry,
        "read_by": "paas-cli",
        "resources": outcome.resources,
        "complete": len(outcome.complete),
        "refused": dict(outcome.refused),
    }
