"""What the Overview says: tiles, what runs where, what needs a person, and what happened last."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from multicloud_site import figures
from multicloud_site.accounts import OLD_KEY
from multicloud_site.estate import Estate, Line, estate_of
from providers.journal import OperationState
from providers.models import Account, OperationRow
from providers.queries import operations_for, troubles_for
from resources.models import Reading, ResourceChange
from resources.queries import reading_problems, resources_for

WAITS = (OperationState.PLANNED.value, OperationState.NEEDS_HUMAN.value)
MOST_TODO, MOST_EVENTS, LOOKED_AT = 6, 7, 120


@dataclass(frozen=True)
class Todo:
    """One thing that waits for a person."""

    tone: str
    icon: str
    title: str
    text: str
    url: str
    action: str


@dataclass(frozen=True)
class Happening:
    """One line of what changed lately; several resources seen for the first time are one line."""

    at: datetime
    text: str
    before: str = ""
    after: str = ""
    url: str = ""
    name: str = ""


def page_of(viewer: Any) -> dict[str, Any]:
    """Everything that the Overview shows."""
    estate = estate_of(viewer)
    todo = todo_of(viewer, estate.lines)
    operations = list(operations_for(viewer).defer("plan", "known")[:MOST_EVENTS])
    waiting = next((one for one in operations if one.state in WAITS), None)
    return {
        "estate": estate,
        "tiles": tiles_of(estate, len(todo), operations),
        "is_new": any(line.is_new for line in estate.lines),
        "where": figures.where(estate) if estate.total else None,
        "kinds": figures.kinds(estate) if estate.total else None,
        "todo": todo[:MOST_TODO],
        "more_todo": max(len(todo) - MOST_TODO, 0),
        "operations": operations,
        "happenings": happenings_of(viewer),
        "tour_url": reverse("operation", args=[waiting.pk]) if waiting else reverse("resources"),
    }


def tiles_of(estate: Estate, todo: int, operations: Sequence[OperationRow]) -> list[dict[str, Any]]:
    """The five tiles. What nobody knows is unknown, never zero."""
    states: Counter[str] = sum((line.states for line in estate.lines), Counter())
    refused = sum(line.refused for line in estate.lines)
    running, stopped = states["running"], states["stopped"]
    clouds = len({line.account.provider for line in estate.lines})
    manage = sum(line.account.mode == Account.Mode.MANAGE for line in estate.lines)
    unread = bool(estate.lines) and all(line.is_new for line in estate.lines)
    resources = {"label": "Resources", "url": reverse("resources"), "value": None if unread else estate.total}
    machines = running + stopped
    return [
        resources
        | {"note": f"in {len(estate.by(_region, _state))} regions", "reason": "the first reading is under way"},
        {
            "label": "Machines running",
            "url": f"{reverse('resources')}?state=running",
            "value": None if unread else running,
            "unit": f"of {machines:,}" if machines else "",
            "note": f"{stopped:,} stopped",
            "reason": "the first reading is under way",
        },
        {
            "label": "Accounts",
            "url": reverse("accounts"),
            "value": len(estate.lines),
            "unit": f"on {clouds} cloud{'s' if clouds != 1 else ''}",
            "note": f"{manage} in manage mode",
        },
        {
            "label": "Needs you",
            "value": todo,
            "chip_tone": "warn" if refused else "",
            "chip_icon": "shield-alert",
            "chip_text": f"{refused} parts refused" if refused else "",
            "note": "" if refused else ("every reading is complete" if estate.lines else "connect an account"),
        },
        {"label": "Cost this month", "value": None, "reason": "no bill is imported yet"},
    ]


def todo_of(viewer: Any, lines: Iterable[Line]) -> list[Todo]:
    """What waits for a person, the most urgent first."""
    return [*_operations(viewer), *_sign_ins(lines), *_troubles(viewer), *_refusals(viewer)]


def happenings_of(viewer: Any) -> list[Happening]:
    """What changed lately, newest first."""
    rows = ResourceChange.objects.filter(resource__in=resources_for(viewer).order_by().values("pk"))
    rows = rows.select_related("resource__account").defer("resource__attributes", "resource__search_text")
    told: list[Happening] = []
    fresh: dict[int, list[ResourceChange]] = {}
    for row in rows.order_by("-pk")[:LOOKED_AT]:
        if row.fact == "state" and not row.before:
            fresh.setdefault(row.resource.account_id, []).append(row)
        else:
            url = reverse("resource", args=[row.resource.public_id])
            told.append(Happening(row.at, row.fact, row.before, row.after, url, row.resource.name))
    for rows_of_account in fresh.values():
        first, count = rows_of_account[0], len(rows_of_account)
        least = "at least " if count >= LOOKED_AT else ""
        many = f"{least}{count} resources of {first.resource.account} were seen for the first time"
        if count == 1:
            url = reverse("resource", args=[first.resource.public_id])
            told.append(Happening(first.at, "seen for the first time", "", first.after, url, first.resource.name))
        else:
            told.append(Happening(first.at, many))
    return sorted(told, key=lambda one: one.at, reverse=True)[:MOST_EVENTS]


def _operations(viewer: Any) -> list[Todo]:
    rows = operations_for(viewer).filter(state__in=WAITS).defer("plan", "known")
    found = []
    for row in rows.order_by("state", "-created_at")[: MOST_TODO * 2]:
        url = reverse("operation", args=[row.pk])
        if row.state == OperationState.NEEDS_HUMAN:
            found.append(Todo("bad", "hand", row.title, row.note or "A person has to look.", url, "Look"))
        else:
            text = f"{row.account}, asked for by {row.actor}. It waits for approval."
            found.append(Todo("warn", "file-text", row.title, text, url, "Review"))
    return found


def _sign_ins(lines: Iterable[Line]) -> list[Todo]:
    found = []
    for line in lines:
        account_url = reverse("account", args=[line.account.pk])
        if not line.credentials:
            text = "Nothing can be read or changed until it has one."
            found.append(Todo("bad", "key-round", f"{line.account} has no credential", text, account_url, "Open"))
        for one in line.credentials:
            url = reverse("credential_secret", args=[one.pk])
            error = one.last_check.get("error")
            if error:
                text = f"{error['why']}. {line.count:,} resources keep their last known state."
                found.append(Todo("bad", "key-round", f"{one} cannot sign in", text, url, "Replace keys"))
            elif one.method == "keys" and one.secret_set_at and timezone.now() - one.secret_set_at > OLD_KEY:
                days = (timezone.now() - one.secret_set_at).days
                text = f"It was set {days} days ago; 90 is the limit."
                found.append(Todo("info", "key-round", f"The key of {one} is old", text, url, "Replace keys"))
    return found


def _troubles(viewer: Any) -> list[Todo]:
    """Services that are down, so that calls are held back; each says since when."""
    found = []
    for one in troubles_for(viewer)[:MOST_TODO]:
        since = f"since {one.failing_since:%d %b %H:%M} UTC" if one.failing_since else "lately"
        where = f" in {one.region}" if one.region else ""
        text = f"No good answer {since}. Calls are held back and tried again."
        url = reverse("account", args=[one.account_id])
        found.append(Todo("bad", "zap", f"{one.account}: {one.service}{where} does not answer", text, url, "Open"))
    return found


def _refusals(viewer: Any) -> list[Todo]:
    """Parts of the inventory that are refused, those with the same reason together."""
    groups: dict[tuple[int, str], list[Reading]] = {}
    for one in reading_problems(viewer).filter(state=Reading.State.REFUSED):
        groups.setdefault((one.account_id, (one.error or {}).get("why", "")), []).append(one)
    found = []
    for (account_id, why), rows in groups.items():
        kinds = ", ".join(sorted({row.kind for row in rows}))
        hint = (rows[0].error or {}).get("hint", "")
        title = f"{rows[0].account} refuses {kinds}"
        text = f"{why}. {hint}"
        found.append(Todo("warn", "shield-alert", title, text, reverse("account", args=[account_id]), "Inspect"))
    return found


def _region(cell: Any) -> str:
    return cell.region or "global"


def _state(cell: Any) -> str:
    return str(cell.state)
