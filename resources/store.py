"""Storing what was seen: new resources, changes with their history, and what is gone. The only writer of the inventory.

What has not changed is not written: its freshness stands in the Reading of its place. Each batch is one transaction,
and no cloud is asked inside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from providers.models import Account
from resources import changes, places
from resources.facts import Facts, search_text
from resources.models import Reading, Resource, ResourceAnswer, ResourceChange, ResourceRelation, ResourceTag
from resources.rows import insert_many, stored_moment
from vocabulary.errors import LeaseLost
from vocabulary.words import State

LISTING = "listing"

COLUMNS = (
    "public_id", "account", "provider", "service_type", "kind", "region", "zone", "native_id", "name", "state",
    "native_state", "state_since", "attributes", "unknown", "search_text", "fingerprint", "created_at", "first_seen_at",
    "changed_at", "gone_at", "protected", "simulated",
)  # fmt: skip


@dataclass(frozen=True)
class Sighting:
    """Who saw what, and when. `asked_at`: when the answer was asked for; what was learned since is newer than it.

    `place` is the reading under whose lease a listing stores; an operation has none.
    """

    account: Account
    source: str
    now: datetime
    asked_at: datetime
    place: Reading | None = None


def store(sighting: Sighting, batch: Sequence[Facts]) -> set[int]:
    """Store one batch and return the row ids of all it holds. Raises LeaseLost when the place has another reader."""
    seen = {facts.public_id: facts for facts in batch}
    known = {
        public_id: (pk, fingerprint, changed_at)
        for pk, public_id, fingerprint, changed_at in Resource.objects.filter(public_id__in=list(seen)).values_list(
            "pk", "public_id", "fingerprint", "changed_at"
        )
    }
    fresh = [facts for public_id, facts in seen.items() if public_id not in known]
    changed = {
        known[public_id][0]: facts
        for public_id, facts in seen.items()
        if public_id in known
        and known[public_id][1] != facts.fingerprint
        # An operation of ours saw it after this answer was asked for. (A time ahead of now is a clock that was set
        # back.)
        and not sighting.asked_at < known[public_id][2] <= sighting.now
    }
    ids = {pk for pk, _, _ in known.values()}
    if not fresh and not changed:
        return ids
    with transaction.atomic():
        _still_ours(sighting)
        if changed:
            _update(sighting, changed)
        if fresh:
            ids |= _insert(sighting, fresh)
    return ids


def mark_gone(sighting: Sighting, ids: Iterable[int]) -> int:
    """Resources that are no more. They stay in the inventory, with their history."""
    pending = sorted(ids)
    gone = 0
    for start in range(0, len(pending), 500):
        with transaction.atomic():
            _still_ours(sighting)
            rows = Resource.objects.filter(pk__in=pending[start : start + 500], gone_at=None)
            history = [(pk, "state", state, str(State.GONE)) for pk, state in rows.values_list("pk", "state")]
            _record(sighting, history)
            gone += Resource.objects.filter(pk__in=[entry[0] for entry in history]).update(
                state=State.GONE,
                state_since=sighting.now,
                gone_at=sighting.now,
                changed_at=sighting.now,
                fingerprint="",  # whatever is seen of it next is a change
            )
    return gone


def missing(place: Reading, seen: set[int], grace: timedelta, unreadable: set[str]) -> list[int]:
    """The rows of a place that a listing did not contain, readable or not.

    One that was first seen right before the listing began may not be listed yet, and is not missing.
    """
    assert place.started_at is not None
    rows = Resource.objects.filter(account_id=place.account_id, kind=place.kind, gone_at=None)
    if place.region:
        rows = rows.filter(region=place.region)
    rows = rows.filter(first_seen_at__lt=place.started_at - grace).values_list("pk", "native_id")
    return [pk for pk, native_id in rows.iterator(2000) if pk not in seen and native_id not in unreadable]


def _still_ours(sighting: Sighting) -> None:
    if sighting.place and not places.is_ours(sighting.place):
        raise LeaseLost(str(sighting.account), "read", f"another reader has {sighting.place}")


def _insert(sighting: Sighting, fresh: Sequence[Facts]) -> set[int]:
    now = stored_moment(sighting.now)
    insert_many(Resource, COLUMNS, [_row(sighting, facts, now) for facts in fresh])
    found = Resource.objects.filter(public_id__in=[facts.public_id for facts in fresh])
    ids = dict(found.values_list("public_id", "pk"))
    insert_many(ResourceAnswer, ("resource", "raw"), [(ids[facts.public_id], facts.raw) for facts in fresh])
    insert_many(
        ResourceTag,
        ("resource", "key", "value"),
        [(ids[facts.public_id], key, value) for facts in fresh for key, value in facts.found.tags.items()],
    )
    insert_many(
        ResourceRelation,
        ("resource", "edge", "kind", "native_id"),
        [(ids[facts.public_id], *edge) for facts in fresh for edge in facts.relations],
    )
    _record(sighting, [(ids[facts.public_id], "state", "", str(facts.found.state)) for facts in fresh])
    return set(ids.values())


def _row(sighting: Sighting, facts: Facts, now: Any) -> tuple[Any, ...]:
    found, account = facts.found, sighting.account
    return (
        facts.public_id, account.pk, account.provider, str(found.kind.service_type), found.kind.name, found.region[:64],
        found.zone[:64], found.native_id, found.name, str(found.state), found.native_state[:64], now, facts.attributes,
        facts.unknown, search_text(found, facts.public_id), facts.fingerprint, stored_moment(found.created_at), now,
        now, now if facts.is_gone else None, False, account.simulated,
    )  # fmt: skip


def _update(sighting: Sighting, changed: dict[int, Facts]) -> None:
    """Bring changed rows up to date and write down what changed. Few rows as a rule, so models are good enough here."""
    rows = Resource.objects.filter(pk__in=changed).select_for_update().prefetch_related("tags", "relations")
    history: list[tuple[int, str, str, str]] = []
    for row in rows:
        facts = changed[row.pk]
        history += [(row.pk, *change) for change in changes.between(row, facts)]
        changes.apply(row, facts, sighting.now)
        row.save()
        ResourceAnswer.objects.filter(pk=row.pk).update(raw=facts.found.raw if facts.raw != "{}" else {})
        _replace_tags(row, facts)
        _replace_relations(row, facts)
    _record(sighting, history)


def _replace_tags(row: Resource, facts: Facts) -> None:
    before = {tag.key: tag for tag in row.tags.all()}
    after = facts.found.tags
    dropped = [tag.pk for key, tag in before.items() if after.get(key) != tag.value]
    if dropped:
        ResourceTag.objects.filter(pk__in=dropped).delete()
    added = [(key, value) for key, value in after.items() if key not in before or before[key].value != value]
    insert_many(ResourceTag, ("resource", "key", "value"), [(row.pk, key, value) for key, value in added])


def _replace_relations(row: Resource, facts: Facts) -> None:
    before = {(edge.edge, edge.kind, edge.native_id): edge.pk for edge in row.relations.all()}
    dropped = [pk for key, pk in before.items() if key not in facts.relations]
    if dropped:
        ResourceRelation.objects.filter(pk__in=dropped).delete()
    added = [(row.pk, *key) for key in sorted(facts.relations - set(before))]
    insert_many(ResourceRelation, ("resource", "edge", "kind", "native_id"), added)


def _record(sighting: Sighting, history: Sequence[tuple[int, str, str, str]]) -> None:
    now = stored_moment(sighting.now)
    insert_many(
        ResourceChange,
        ("resource", "at", "fact", "before", "after", "source"),
        [(pk, now, fact, before, after, sighting.source[:64]) for pk, fact, before, after in history],
    )
