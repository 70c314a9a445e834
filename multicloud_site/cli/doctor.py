"""`paas-cli doctor`: what is missing, unsafe or unreachable here and at the clouds, and the command that mends it."""

import click

from multicloud_site.cli.columns import table
from multicloud_site.cli.refusals import REFUSED
from multicloud_site.cli.session import Session, command
from vocabulary.text import visible


@command("doctor", examples=("doctor", "doctor --local", "multicloud doctor --account aws/production --json"))
@click.option("--account", default="", help="Only this account.")
@click.option("--local", is_flag=True, help="This machine only; ask no cloud.")
def doctor(session: Session, account: str, local: bool) -> int:
    """Look at this machine, then ask each account who we are and what is missing. Exit 1 when something is wrong."""
    from multicloud_site.cli import local_checks

    checks = local_checks.all_of(session.home)
    found: dict[str, object] = {"machine": [check.as_dict() for check in checks], "accounts": []}
    accounts = []
    if not local and all(check.state != "missing" for check in checks if check.name == "database"):
        from multicloud_site.cli import account_checks

        accounts = account_checks.examined(session, account)
        found["accounts"] = accounts

    def text() -> str:
        rows = [[check.name, check.state, check.finding] for check in checks]
        parts = [table(("CHECK", "STATE", "FINDING"), rows, keep=(0, 1))]
        parts += [f"{check.name}: {visible(check.mend)}" for check in checks if check.mend]
        if accounts:
            from multicloud_site.cli import account_checks

            parts += [account_checks.text_of(entry) for entry in accounts]
        return "\n".join(parts)

    session.show(found, text)
    here = any(check.state in ("missing", "unsafe") for check in checks)
    return REFUSED if here or any(entry["status"] == "bad" for entry in accounts) else 0
