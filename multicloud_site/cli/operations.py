"""`paas-cli multicloud operations`: what was planned, what runs, how it ended."""

from collections.abc import Mapping
from typing import Any

import click

from multicloud_site.cli.columns import facts, table
from multicloud_site.cli.session import Session, ago, command, print_json

STATES = (
    "planned", "approved", "queued", "running", "verifying", "succeeded",
    "uncertain", "needs_human", "failed", "cancelled", "expired",
)  # fmt: skip
operation_argument = click.argument("operation_id", metavar="OPERATION")
yes_option = click.option("--yes", is_flag=True, help="Approve without asking.")
wait_option = click.option("--no-wait", is_flag=True, help="Return at once; a worker carries it out.")


@command("list", examples=("multicloud operations list", "multicloud operations list --state running --json"))
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@click.option("--open", "only_open", is_flag=True, help="Only those that have not ended.")
@click.option("--resource", default="", metavar="ID", help="Only those on this resource.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
def list_operations(session: Session, state: str | None, only_open: bool, resource: str, limit: int) -> None:
    """Operations, newest first."""
    actor = session.actor()
    from providers import queries
    from providers.journal import CLOSED

    found = queries.operations_for(actor)
    if state:
        found = found.filter(state=state)
    if only_open:
        found = found.exclude(state__in=CLOSED)
    if resource:
        found = found.filter(subject=resource)
    rows = list(found[:limit])
    headings = ("ID", "STATE", "WHAT", "ACCOUNT", "REGION", "BY", "PLANNED")
    session.show(
        [as_dict(row) for row in rows],
        lambda: (
            table(
                headings,
                [
                    [row.id, row.state, row.title, str(row.account), row.region, row.actor, ago(row.created_at)]
                    for row in rows
                ],
                keep=(0, 1),
            )
            if rows
            else "No operations."
        ),
    )


@command("show", examples=("multicloud operations show op-…", "multicloud operations show op-… --plan > plan.json"))
@operation_argument
@click.option("--plan", "only_plan", is_flag=True, help="Only the plan, as JSON.")
def show(session: Session, operation_id: str, only_plan: bool) -> None:
    """One operation: its plan, its progress and its outcome."""
    actor = session.actor()
    from multicloud_site.cli.plan import plan_text
    from providers import queries
    from providers.plans import Plan

    row = queries.operation_for(actor, operation_id)
    if only_plan:
        print_json({**row.plan, "hash": row.plan_hash})
        return
    events = [(event.at, event.text) for event in row.events.all()]
    value = {**as_dict(row), "plan": row.plan, "events": [{"at": at, "text": text} for at, text in events]}

    def text() -> str:
        parts = [facts(_facts(row)), plan_text(Plan.from_dict(row.plan), row.plan_hash)]
        if events:
            parts.append(table(("TIME (UTC)", "PROGRESS"), [[f"{at:%Y-%m-%d %H:%M:%S}", line] for at, line in events]))
        return "\n\n".join(parts)

    session.show(value, text)


@command(
    "approve", examples=("multicloud operations approve op-…", "multicloud operations approve op-… --hash 3f9… --yes")
)
@operation_argument
@click.option("--hash", "plan_hash", default="", help="Approve only the plan with this hash (the whole of it).")
@yes_option
@wait_option
def approve(session: Session, operation_id: str, plan_hash: str, yes: bool, no_wait: bool) -> int:
    """Let a planned operation run: the plan that is shown, and no other."""
    actor = session.actor()
    from multicloud_site.cli.carrying_out import decide
    from providers import queries

    row = queries.operation_for(actor, operation_id)
    return decide(session, actor, row, yes=yes, no_wait=no_wait, plan_hash=plan_hash, made_before=True)


@command("cancel", examples=("multicloud operations cancel op-…",))
@operation_argument
def cancel(session: Session, operation_id: str) -> None:
    """Call off an operation that has not begun."""
    actor = session.actor()
    from providers import actions

    row = actions.cancel(actor, operation_id)
    session.show(as_dict(row), f"{row.id} is cancelled; nothing was sent.")


@command("undo", examples=("multicloud operations undo op-…",))
@operation_argument
@yes_option
@wait_option
@click.option("--plan-only", is_flag=True, help="Show the plan, and change nothing.")
def undo(session: Session, operation_id: str, yes: bool, no_wait: bool, plan_only: bool) -> int:
    """Plan the way back of an operation that succeeded, and carry it out."""
    actor = session.actor()
    from multicloud_site.cli.carrying_out import decide
    from resources import actions

    row = actions.plan_undo(actor, operation_id)
    return decide(session, actor, row, yes=yes, no_wait=no_wait, plan_only=plan_only)


@command("look-again", examples=("multicloud operations look-again op-…",))
@operation_argument
@wait_option
def look_again(session: Session, operation_id: str, no_wait: bool) -> int:
    """Send an operation that needed a person back to the look-up, once what was wrong is mended."""
    actor = session.actor()
    from multicloud_site.cli.carrying_out import finish
    from providers import actions

    return finish(session, actor, actions.look_again(actor, operation_id), no_wait)


@command("follow", examples=("multicloud operations follow op-…",))
@operation_argument
def follow(session: Session, operation_id: str) -> int:
    """Watch an operation to its end. Where no worker is alive, it is carried out here."""
    actor = session.actor()
    from multicloud_site.cli.carrying_out import finish
    from providers import queries

    return finish(session, actor, queries.operation_for(actor, operation_id), no_wait=False)


def as_dict(row: Any) -> dict[str, Any]:
    """An operation as --json gives it, in lists and alone. Its plan and progress come with `operations show`."""
    return {
        "id": row.id,
        "state": row.state,
        "title": row.title,
        "verb": row.verb,
        "resource_type": row.kind,
        "resource": row.subject,
        "provider": row.account.provider,
        "account": row.account.key,
        "region": row.region,
        "plan_hash": row.plan_hash,
        "requested_by": row.actor,
        "approved_by": row.approved_by,
        "created_at": row.created_at,
        "approved_at": row.approved_at,
        "finished_at": row.finished_at,
        "error": row.error,
        "note": row.note,
        "undo_of": row.undo_of,
        "simulated": row.account.simulated,
    }


def _facts(row: Any) -> Mapping[str, str]:
    error = row.error or {}
    lines = {
        "operation": row.id,
        "state": row.state,
        "account": f"{row.account}{' (simulated)' if row.account.simulated else ''}",
        "planned": f"{row.created_at:%Y-%m-%d %H:%M:%S} UTC by {row.actor}",
        "approved": f"{row.approved_at:%Y-%m-%d %H:%M:%S} UTC by {row.approved_by}" if row.approved_at else "",
        "ended": f"{row.finished_at:%Y-%m-%d %H:%M:%S} UTC" if row.finished_at else "",
        "why": f"{error.get('why')} ({error.get('call')})" if error else "",
        "hint": str(error.get("hint") or ""),
        "note": row.note,
        "undoes": row.undo_of,
    }
    return {name: value for name, value in lines.items() if value}
