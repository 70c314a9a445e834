"""What changed between a stored resource and what was seen of it now, fact by fact."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from resources.facts import Facts, search_text
from resources.models import Resource

#: The most a value of the history may hold.
LONGEST = 2000

Change = tuple[str, str, str]


def between(row: Resource, facts: Facts) -> Iterator[Change]:
    """The (fact, before, after) of everything that differs. Tags are "tag KEY", relations "relation EDGE KIND"."""
    found = facts.found
    for fact, before, after in (
        ("name", row.name, found.name),
        ("state", row.state, str(found.state)),
        ("zone", row.zone, found.zone[:64]),
    ):
        if before != after:
            yield fact, before[:LONGEST], after[:LONGEST]
    yield from _maps(row.attributes, json.loads(facts.attributes), "")
    yield from _maps({tag.key: tag.value for tag in row.tags.all()}, dict(found.tags), "tag ")
    before_edges = {(edge.edge, edge.kind, edge.native_id) for edge in row.relations.all()}
    for edge, kind, native_id in sorted(before_edges - facts.relations):
        yield f"relation {edge} {kind}", native_id, ""
    for edge, kind, native_id in sorted(facts.relations - before_edges):
        yield f"relation {edge} {kind}", "", native_id


def apply(row: Resource, facts: Facts, now: datetime) -> None:
    """Give a row the facts that were seen, without saving it."""
    found = facts.found
    if row.state != found.state:
        row.state_since = now
    if not facts.is_gone:
        row.gone_at = None
    elif row.gone_at is None:
        row.gone_at = now
    row.name, row.zone, row.state, row.native_state = (
        found.name,
        found.zone[:64],
        str(found.state),
        found.native_state[:64],
    )
    row.attributes, row.unknown = json.loads(facts.attributes), json.loads(facts.unknown)
    row.search_text, row.fingerprint = search_text(found, facts.public_id), facts.fingerprint
    if found.created_at or not facts.is_gone:  # of what is gone a cloud says less
        row.created_at = found.created_at
    row.changed_at = now


def shown(value: Any) -> str:
    """A value as the history holds it."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text[:LONGEST]


def _maps(before: dict[str, Any], after: dict[str, Any], prefix: str) -> Iterator[Change]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield (
                f"{prefix}{key}",
                "" if before.get(key) is None else shown(before[key]),
                "" if after.get(key) is None else shown(after[key]),
            )
