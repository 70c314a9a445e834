"""From a written plan to its end: shown, agreed to, approved by its hash, followed.

Without a live worker the operation is carried out here.
"""

import time
from typing import Any

import click

from multicloud_site import lifelines
from multicloud_site.cli.operations import as_dict
from multicloud_site.cli.plan import plan_text
from multicloud_site.cli.refusals import NeedsPerson, OperationEnded, rebuilt
from multicloud_site.cli.session import Session, confirm, confirm_name, print_json
from providers import actions, queries, work
from providers.journal import OperationState
from providers.models import OperationRow
from providers.plans import Plan
from vocabulary.errors import Conflict, PlanChanged
from vocabulary.text import visible
from vocabulary.words import Verb

LOOK_EVERY_SECONDS = 0.2
_ENDED = (OperationState.SUCCEEDED, OperationState.FAILED, OperationState.CANCELLED, OperationState.EXPIRED)


def decide(
    session: Session,
    actor: Any,
    row: OperationRow,
    *,
    yes: bool,
    no_wait: bool,
    plan_only: bool = False,
    plan_hash: str = "",
    made_before: bool = False,
) -> int:
    """Show the plan, ask, approve, follow. The exit code. For a deletion the person types the name of the thing.

    A plan made here does not outlive a question that nobody answered; one that was `made_before` waits on.
    """
    plan = Plan.from_dict(row.plan)
    if plan_hash and plan_hash != row.plan_hash:
        raise PlanChanged(str(row.account), "approve", "this is not the plan with that hash", "Read the plan again.")
    if plan_only:
        actions.cancel(actor, row.id)
        session.show({**row.plan, "hash": row.plan_hash}, lambda: plan_text(plan, row.plan_hash))
        return 0
    if row.state != OperationState.PLANNED:
        raise Conflict(
            str(row.account), "approve", f"{row.id} is {row.state}", "Only a planned operation can be approved."
        )
    if not yes:
        click.echo(plan_text(plan, row.plan_hash), err=session.as_json)
        click.echo(err=True)
    try:
        agreed = _agreed(session, plan, yes)
    except click.Abort:
        if not made_before:
            actions.cancel(actor, row.id)
        raise
    if not agreed:
        actions.cancel(actor, row.id)
        session.say("Nothing was changed.")
        if session.as_json:
            print_json(as_dict(queries.operation_for(actor, row.id)))
        return 1
    return finish(session, actor, actions.approve(actor, row.id, row.plan_hash), no_wait)


def finish(session: Session, actor: Any, row: OperationRow, no_wait: bool) -> int:
    """Follow an operation to its end and say how it ended. Raises OperationEnded or NeedsPerson, or what it met."""
    if no_wait:
        alive = lifelines.worker_is_alive(session.home)
        later = (
            "a worker carries it out"
            if alive
            else f"no worker is alive: paas-cli multicloud operations follow {row.id}"
        )
        session.show(as_dict(row), f"{row.id} is {row.state}; {later}.")
        return 0
    try:
        row = _followed(session, actor, row.id)
    except KeyboardInterrupt:
        session.say(f"\n{row.id} is not called off by this. See it: paas-cli multicloud operations follow {row.id}")
        raise
    _raise_unless_succeeded(row)
    session.show(as_dict(row), f"Done: {visible(row.title)} ({row.id}).")
    return 0


def _agreed(session: Session, plan: Plan, yes: bool) -> bool:
    if plan.verb == Verb.DELETE:
        return confirm_name(session, plan.name, f"This deletes {plan.name} ({plan.native_id}) at {plan.account}.", yes)
    return confirm(session, "Approve this plan?", yes)


def _followed(session: Session, actor: Any, operation_id: str) -> OperationRow:
    engine, told = work.engine(), 0
    while True:
        if not lifelines.worker_is_alive(session.home):
            engine.advance(operation_id)
        row = queries.operation_for(actor, operation_id)
        events = list(row.events.all()[told:])
        told += len(events)
        for event in events:
            session.say(f"{event.at:%H:%M:%S} {event.text}")
        if row.state in _ENDED or row.state in (OperationState.NEEDS_HUMAN, OperationState.PLANNED):
            return row
        time.sleep(LOOK_EVERY_SECONDS)


def _raise_unless_succeeded(row: OperationRow) -> None:
    if row.state == OperationState.SUCCEEDED:
        return
    look = f"See: paas-cli multicloud operations show {row.id}"
    if row.error is None:
        ended = OperationEnded if row.state in _ENDED else NeedsPerson
        raise ended(str(row.account), row.verb, f"{row.title}: {row.state}", f"{row.note} {look}".strip())
    error = rebuilt(row.error, str(row.account))
    why = f"{row.title} {row.state}: {error.why}"
    hint = " ".join(part for part in (error.hint, row.note, look) if part)
    kind = type(error) if row.state in _ENDED else NeedsPerson
    raise kind(str(row.account), error.call, why, hint)
