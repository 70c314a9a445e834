"""`paas-cli multicloud audit`: who did what, and whether the record is whole."""

import click

from multicloud_site.cli.columns import table
from multicloud_site.cli.refusals import REFUSED
from multicloud_site.cli.session import Session, command

NAMES = (
    "sequence", "at", "account", "actor", "action", "subject", "moment", "outcome",
    "operation", "token", "call", "request_id", "detail", "previous", "hash",
)  # fmt: skip


@command("list", examples=("multicloud audit list", "multicloud audit list --operation op-… --json"))
@click.option("--account", default="", metavar="KEY", help="Only this account, e.g. aws/111111111111.")
@click.option("--operation", default="", metavar="ID", help="Only this operation.")
@click.option("--failed", is_flag=True, help="Only what was refused or failed.")
@click.option("--limit", type=click.IntRange(1, 10000), default=50, show_default=True, help="At most so many.")
def list_records(session: Session, account: str, operation: str, failed: bool, limit: int) -> None:
    """Audit records, newest first."""
    actor = session.actor()
    from django.db.models import Q

    from access import queries

    records = queries.audit_for(actor)
    if account:
        records = records.filter(account=account)
    if operation:
        records = records.filter(operation=operation)
    if failed:
        records = records.filter(Q(outcome__startswith="refused") | Q(outcome="failed"))
    found = list(records[:limit])
    headings = ("TIME (UTC)", "WHO", "WHAT", "SUBJECT", "MOMENT", "OUTCOME", "ACCOUNT")
    rows = [[f"{r.at:%Y-%m-%d %H:%M:%S}", r.actor, r.action, r.subject, r.moment, r.outcome, r.account] for r in found]
    session.show(
        [{name: getattr(record, name) for name in NAMES} for record in found],
        lambda: table(headings, rows) if rows else "No records.",
    )


@command("verify", examples=("multicloud audit verify", "multicloud audit verify --json"))
def verify(session: Session) -> int:
    """Check every chain: no record changed, dropped or swapped. Exit 1 when one does not hold."""
    actor = session.actor()
    from access import audit, queries

    records = queries.audit_for(actor).order_by()
    checked = [
        {"account": account, "records": records.filter(account=account).count(), "broken": audit.broken_links(account)}
        for account in sorted(set(records.values_list("account", flat=True)))
    ]
    rows = [
        [
            entry["account"],
            str(entry["records"]),
            "broken at " + ", ".join(map(str, entry["broken"])) if entry["broken"] else "whole",
        ]
        for entry in checked
    ]
    session.show(checked, lambda: table(("ACCOUNT", "RECORDS", "CHAIN"), rows) if rows else "No records yet.")
    return REFUSED if any(entry["broken"] for entry in checked) else 0
