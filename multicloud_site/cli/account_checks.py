"""What the clouds say of each account: who we are there, what is missing, and the policy that would grant it."""

import json
from typing import Any

from multicloud_site.cli.accounts import account_named
from multicloud_site.cli.columns import facts, table
from multicloud_site.cli.session import Session
from providers import doctor_work
from providers.queries import accounts_for
from vocabulary.text import visible


def examined(session: Session, name: str) -> list[dict[str, Any]]:
    """Ask for each account (or one), here and now, and keep the report as a worker would. Nothing is changed there."""
    actor = session.actor()
    accounts = [account_named(actor, name)] if name else list(accounts_for(actor).filter(enabled=True))
    return [_examined(session, account) for account in accounts]


def text_of(entry: dict[str, Any]) -> str:
    """One account's report for a person."""
    title = f"{entry['account']} ({entry['name']}, {entry['mode']} mode{', simulated' if entry['simulated'] else ''})"
    checks = [[check["name"], check["status"], check["says"]] for check in entry["checks"]]
    parts = ["", visible(title), table(("CHECK", "STATE", "FINDING"), checks, keep=(0, 1))]
    parts += [visible(f"{check['name']}: {check['hint']}", 1000) for check in entry["checks"] if check["hint"]]
    lacking = [each for each in entry["features"] if each["status"] == "bad"]
    if lacking:
        rows = [[f"{each['verb']} {each['kind']}", ", ".join(each["missing"])] for each in lacking]
        parts += ["", table(("FEATURE", "MISSING"), rows)]
        if entry["mode"] in entry["policies"]:
            parts += ["", f"The policy that grants all that {entry['mode']} mode needs:"]
            parts.append(json.dumps(entry["policies"][entry["mode"]], indent=2))
    parts.append(facts({f"{name} page": address for name, address in entry["links"].items()}))
    return "\n".join(parts)


def _examined(session: Session, account: Any) -> dict[str, Any]:
    session.say(f"Asking {account} ...")
    head = {"account": account.key, "name": account.name, "mode": account.mode}
    stored = doctor_work.examine(account.pk)
    assert stored is not None  # the account was read from the database a moment ago
    return {**head, **stored.report, "at": stored.at}
