"""What a person decides about an operation, and all that its page shows for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.urls import reverse
from django.utils import timezone

from access import rights
from access.queries import audit_for
from providers import queries, shown
from providers.db_journal import value_of
from providers.journal import Operation, OperationState
from providers.models import Account, OperationRow
from providers.operations import PLAN_VALID
from vocabulary.errors import Conflict
from vocabulary.text import visible
from vocabulary.words import Verb

MOST_RECORDS = 100


def page_of(viewer: Any, operation_id: str) -> dict[str, Any]:
    """Everything that the page of one operation shows. Raises NotFound."""
    row = queries.operation_for(viewer, operation_id)
    operation, now = value_of(row), timezone.now()
    events = list(row.events.values_list("at", "text"))
    return {
        "row": row,
        "operation": shown.progress_shown(operation, events, now),
        "plan": shown.plan_shown(operation.plan, operation.plan_hash),
        "needs": operation.plan.needs,
        "choices": choices_of(viewer, row, operation),
        "valid_until": row.created_at + PLAN_VALID if operation.state is OperationState.PLANNED else None,
        "links": shown.links_of(operation.plan) if row.error else [],
        "audit": list(audit_for(viewer).filter(operation=row.pk).order_by("at", "pk")[:MOST_RECORDS]),
    }


def choices_of(viewer: Any, row: OperationRow, operation: Operation) -> list[dict[str, Any]]:
    """The buttons of the page: what may be done now, and why what may not be done is refused."""
    state = operation.state
    choices = []
    if state is OperationState.PLANNED:
        choices.append(_approval(viewer, row, operation))
    if state in (OperationState.PLANNED, OperationState.APPROVED):
        choices.append(_choice("operation_cancel", row, "Cancel", "x", why=_role(viewer, "cancel", row.account)))
    if state is OperationState.NEEDS_HUMAN:
        why = _role(viewer, "approve", row.account)
        choices.append(_choice("operation_look_again", row, "Look again", "refresh-cw", tone="primary", why=why))
    if shown.can_be_undone(operation):
        why = _role(viewer, "plan", row.account) or _mode(row.account)
        choices.append(_choice("operation_undo", row, "Undo: plan the way back", "undo-2", why=why))
    return choices


def approval_of(row: OperationRow) -> dict[str, Any]:
    """The question before a plan runs, as _confirm.html takes it. A deletion asks for the name."""
    operation = value_of(row)
    plan = operation.plan
    deletes = plan.verb == Verb.DELETE
    effects = shown.plan_shown(plan, operation.plan_hash)["effects"]
    stays = [{"tone": "ok", "icon": "circle-check", "text": text} for text in plan.stays]
    return {
        "title": f"{plan.title}?",
        "action": reverse("operation_approve", args=[row.pk]),
        "yes": plan.title,
        "yes_icon": "trash-2" if deletes else "check",
        "tone": "danger" if deletes else "primary",
        "no": f"Keep {visible(plan.name, 40)}" if deletes else "Not now",
        "no_url": reverse("operation", args=[row.pk]),
        "effects": [*effects, *stays],
        "facts": [
            ("Account", str(row.account)),
            ("Monthly price", f"{plan.cost_monthly}. {plan.cost_reason}".strip(". ")),
            ("Undo", plan.undo or "Cannot be undone."),
        ],
        "name": plan.name.strip() if deletes else "",
        "hidden": [("hash", operation.plan_hash)],
    }


@contextmanager
def naming_who(viewer: Any, operation_id: str) -> Iterator[None]:
    """Two people decided at once: the second one is told who was first."""
    try:
        yield
    except Conflict as error:
        records = audit_for(viewer).filter(operation=operation_id, action__in=("approve", "cancel", "expire"))
        first = records.first()
        if first is not None and not error.hint:
            error.hint = f"{first.actor} decided at {first.at:%H:%M:%S} UTC: {first.action}. Nothing was done twice."
        raise


def _approval(viewer: Any, row: OperationRow, operation: Operation) -> dict[str, Any]:
    why = _role(viewer, "approve", row.account) or _mode(row.account)
    if not why and timezone.now() - row.created_at > PLAN_VALID:
        why = "The plan is older than an hour. Make a new one."
    deletes = operation.plan.verb == Verb.DELETE
    tone, icon = ("danger-fill", "trash-2") if deletes else ("primary", "check")
    title = operation.plan.title
    label = f"Approve: {title[:1].lower()}{title[1:]}"
    choice = _choice("operation_approve", row, label, icon, tone=tone, why=why)
    return choice | {"asks": deletes, "hash": operation.plan_hash}


def _choice(name: str, row: OperationRow, label: str, icon: str, tone: str = "", why: str = "") -> dict[str, Any]:
    return {"url": reverse(name, args=[row.pk]), "label": label, "icon": icon, "tone": tone, "why": why, "name": name}


def _role(viewer: Any, act: str, account: Account) -> str:
    if rights.may(viewer, act, account.team):
        return ""
    return f"Your role does not allow this: it needs {rights.NEEDED[act].label.lower()}. An admin can give it to you."


def _mode(account: Account) -> str:
    if account.mode != Account.Mode.MANAGE:
        return f"{account} is in observe mode. An admin can switch it to manage on its page."
    return "" if account.enabled else f"{account} is switched off. An admin can switch it on."
