"""Which operations a list shows: the filters of its address, and a page of rows."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from access.paging import Page, newest_first
from providers import queries
from providers.journal import CLOSED, OperationState
from providers.models import OperationRow
from vocabulary.words import Verb

#: Words of the state filter that stand for several states.
SEVERAL = {
    "open": [state.value for state in OperationState if state not in CLOSED],
    "needs_you": [OperationState.PLANNED.value, OperationState.NEEDS_HUMAN.value],
}
STATES = [
    ("needs_you", "needs you"),
    ("open", "open"),
    *((state.value, state.value.replace("_", " ")) for state in OperationState),
]
VERBS = [(verb.value, verb.value) for verb in Verb if verb.changes]


def operations_page(viewer: Any, asked: Mapping[str, str]) -> Page:
    """A page of the viewer's operations, newest first, by the filters `state`, `account` and `verb`."""
    return newest_first(filtered(queries.operations_for(viewer), asked), "created_at", asked)


def filtered(rows: QuerySet[OperationRow], asked: Mapping[str, str]) -> QuerySet[OperationRow]:
    """The rows that the filters let through. A value that means nothing lets nothing through."""
    state, account, verb = (asked.get(name, "")[:64] for name in ("state", "account", "verb"))
    if state:
        rows = rows.filter(state__in=SEVERAL.get(state, [state]))
    if account:
        rows = rows.filter(account=account) if account.isdecimal() and len(account) < 19 else rows.none()
    if verb:
        rows = rows.filter(verb=verb)
    return rows.defer("plan", "known", "error", "note")


def account_options(viewer: Any) -> list[tuple[str, str]]:
    """The accounts a filter offers."""
    return [(str(account.pk), str(account)) for account in queries.accounts_for(viewer)]
