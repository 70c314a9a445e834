"""What people do with operations: approve, cancel, send back to the look-up. Every face calls these."""

from functools import partial
from typing import Any

from django.db import transaction

from access import rights
from providers import queries, tasks, work
from providers.models import OperationRow
from providers.plans import Plan


def propose(actor: Any, plan: Plan, undo_of: str = "") -> OperationRow:
    """Write a plan down for the actor. Nothing runs until it is approved."""
    operation = work.engine(requested_by=actor).propose(plan, actor.get_username(), undo_of)
    return queries.operation_for(actor, operation.id)


def approve(actor: Any, operation_id: str, plan_hash: str) -> OperationRow:
    """Let the plan with this hash run. Raises PlanChanged for another hash, Conflict when somebody decided already."""
    row = queries.operation_for(actor, operation_id)
    rights.require(actor, "approve", row.account.team)
    work.engine().approve(operation_id, plan_hash, actor.get_username())
    transaction.on_commit(partial(tasks.wake.delay, operation_id))
    return queries.operation_for(actor, operation_id)


def cancel(actor: Any, operation_id: str) -> OperationRow:
    """Call off an operation that has not begun."""
    row = queries.operation_for(actor, operation_id)
    rights.require(actor, "cancel", row.account.team)
    work.engine().cancel(operation_id, actor.get_username())
    return queries.operation_for(actor, operation_id)


def look_again(actor: Any, operation_id: str) -> OperationRow:
    """Send an operation that needed a person back to the look-up."""
    row = queries.operation_for(actor, operation_id)
    rights.require(actor, "approve", row.account.team)
    work.engine().look_again(operation_id, actor.get_username())
    transaction.on_commit(partial(tasks.wake.delay, operation_id))
    return queries.operation_for(actor, operation_id)
