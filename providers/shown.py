"""An operation and its plan as a page shows them: steps with their state, what changes, where to look. No database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from providers.drivers.clouds import cloud
from providers.drivers.planning import undo_of
from providers.journal import ANSWERED, INTENDED, Operation, OperationState
from providers.plans import UNKNOWN_COST, Plan
from vocabulary.words import Verb

#: A running operation is asked about every two seconds, and every ten once it has run for ten minutes.
POLL_SECONDS, SLOW_POLL_SECONDS, SLOW_AFTER = 2, 10, timedelta(minutes=10)
NOTES = {INTENDED: "sent, no answer yet", ANSWERED: "answered, waits for its effect"}
TONES = {"Ended: succeeded": "ok", "Ended: failed": "bad"}

Event = tuple[datetime, str]


def plan_shown(plan: Plan, plan_hash: str) -> dict[str, Any]:
    """What _plan.html takes."""
    settings_ = [
        {"name": change.setting, "now": change.now, "after": change.after, "changed": change.now != change.after}
        for change in plan.changes
    ]
    differ = sum(setting["changed"] for setting in settings_)
    icon, tone = ("triangle-alert", "bad") if plan.verb == Verb.DELETE else ("info", "info")
    return {
        "title": plan.title,
        "settings": settings_,
        "differ": f"{differ} of {len(settings_)} setting{'s' if len(settings_) != 1 else ''} will differ",
        "steps": [
            {"title": step.title, "call": step.method, "undo": step.back.title if step.back else ""}
            for step in plan.steps
        ],
        "effects": [{"tone": tone, "icon": icon, "text": text} for text in plan.effects],
        "stays": plan.stays,
        "cost": None if plan.cost_monthly == UNKNOWN_COST else plan.cost_monthly,
        "cost_reason": plan.cost_reason,
        "takes_reason": "the cloud does not say beforehand",
        "undo": plan.undo,
        "warnings": plan.warnings,
        "hash": plan_hash,
    }


def progress_shown(operation: Operation, events: Sequence[Event], now: datetime) -> dict[str, Any]:
    """What _operation.html takes. `version` changes whenever there is something new to show."""
    version = f"{operation.state}.{operation.step}.{operation.phase}.{len(events)}.{poll_seconds(operation, now)}"
    url = reverse("operation", args=[operation.id])
    return {
        "public_id": operation.id,
        "title": operation.plan.title,
        "state": operation.state.value,
        "is_open": operation.is_open,
        "url": f"{url}?seen={version}",
        "version": version,
        "poll_seconds": poll_seconds(operation, now),
        "steps": _steps(operation),
        "percent": _percent(operation),
        "progress": _words(operation, now),
        "started_at": operation.approved_at,
        "updated_at": events[-1][0] if events else operation.created_at,
        "log": [{"at": at, "text": text, "tone": TONES.get(text, "")} for at, text in events],
        "error": _error(operation),
        "hint_for_person": operation.note if operation.state is OperationState.NEEDS_HUMAN else "",
    }


def poll_seconds(operation: Operation, now: datetime) -> int:
    """How often an open operation is asked about."""
    begun = operation.approved_at or operation.created_at or now
    return SLOW_POLL_SECONDS if now - begun > SLOW_AFTER else POLL_SECONDS


def can_be_undone(operation: Operation) -> bool:
    """Whether there is a way back that may be planned."""
    return operation.state is OperationState.SUCCEEDED and undo_of(operation.plan) is not None


def links_of(plan: Plan) -> list[dict[str, str]]:
    """Where to look further when something failed: the cloud's status and support pages, and our own support."""
    tables = cloud(plan.provider)
    links = [
        {"url": tables.status_url, "label": f"{tables.title} status"},
        {"url": tables.support_url, "label": f"{tables.title} support"},
    ]
    ours = settings.MULTICLOUD_SUPPORT_URL
    return [*links, {"url": ours, "label": "Our support"}] if ours else links


def _error(operation: Operation) -> dict[str, Any] | None:
    """What went wrong, while it still matters: a pause that was overcome is in the log."""
    if operation.error is None or operation.state is OperationState.SUCCEEDED:
        return None
    return dict(operation.error)


def _steps(operation: Operation) -> list[dict[str, str]]:
    asked = f"by {operation.actor}"
    approval = {"title": "Approve", "state": "done", "note": f"by {operation.approved_by}"}
    if not operation.approved_by:
        ended = {OperationState.CANCELLED: "cancelled", OperationState.EXPIRED: "too late"}.get(operation.state)
        approval = {"title": "Approve", "state": "todo" if ended else "waits", "note": ended or "waits for a person"}
    steps = [
        {"title": step.title, "state": _state(operation, index), "note": _note(operation, index)}
        for index, step in enumerate(operation.plan.steps)
    ]
    verify = {"title": "Verify", "state": "todo", "note": ""}
    if operation.state is OperationState.SUCCEEDED:
        verify = {"title": "Verify", "state": "done", "note": "seen at the cloud"}
    elif operation.state is OperationState.VERIFYING:
        verify["state"] = "now"
    return [{"title": "Plan", "state": "done", "note": asked}, approval, *steps, verify]


def _state(operation: Operation, index: int) -> str:
    state = operation.state
    if state is OperationState.SUCCEEDED or state is OperationState.VERIFYING:
        return "done"
    if state in (OperationState.PLANNED, OperationState.APPROVED, OperationState.CANCELLED, OperationState.EXPIRED):
        return "todo"
    if operation.backwards:
        return "now" if index == operation.step and not state.closed else ("todo" if index > operation.step else "done")
    if index != operation.step:
        return "done" if index < operation.step else "todo"
    return {OperationState.FAILED: "failed", OperationState.NEEDS_HUMAN: "waits"}.get(state, "now")


def _note(operation: Operation, index: int) -> str:
    if operation.backwards:
        return "taken back, or not begun" if index > operation.step else "is being taken back"
    if index == operation.step and operation.is_open and operation.approved_by:
        return NOTES.get(operation.phase, "")
    return ""


def _percent(operation: Operation) -> int | None:
    """Steps done of all steps. None, unknown, while a call's fate is looked up or things are taken back."""
    if operation.state is OperationState.UNCERTAIN or operation.backwards:
        return None
    done = operation.step + {INTENDED: 0.2, ANSWERED: 0.6}.get(operation.phase, 0.0)
    return min(round(100 * done / (len(operation.plan.steps) + 0.25)), 99)


def _words(operation: Operation, now: datetime) -> str:
    if operation.state is OperationState.APPROVED:
        return "waits for a worker"
    if not operation.is_open or operation.current is None:
        return ""
    if operation.state is OperationState.PLANNED:
        return ""
    later = operation.not_before and operation.not_before > now + timedelta(seconds=POLL_SECONDS)
    again = f", asks again at {operation.not_before:%H:%M:%S} UTC" if later and operation.not_before else ""
    return f"step {operation.step + 1} of {len(operation.plan.steps)}{again}"
