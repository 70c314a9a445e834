"""All that the page of one resource shows, and the verb that a form asks for."""

from dataclasses import dataclass
from typing import Any

from access import rights
from access.paging import newest_first
from providers.drivers.clouds import cloud
from providers.drivers.kind import Kind
from resources import freshness, places, queries, shown
from resources.models import Reading, Resource
from resources.shown import answer_of
from vocabulary.errors import CloudError, NotFound
from vocabulary.words import Verb

__all__ = ["Asked", "answer_of", "asked", "page_of"]

HISTORY_SIZE, MOST_OPERATIONS, MOST_EDGES = 15, 10, 60


@dataclass(frozen=True)
class Asked:
    """The verb that an address names, with its kind."""

    kind: Kind
    verb: Verb
    label: str


def asked(resource: Resource, verb: str) -> Asked:
    """The verb that an address names. Raises NotFound for one that is not a change this kind can have."""
    kind = cloud(resource.provider).kind(resource.kind)
    known = {each.value: each for each in shown.VERB_LOOKS if kind.can(each)}
    if verb not in known:
        raise NotFound(
            "Multicloud", "change", f"a {resource.kind} has no {verb[:40]!r}", f"It has: {', '.join(known)}."
        )
    return Asked(kind, known[verb], shown.VERB_LOOKS[known[verb]][0])


def page_of(viewer: Any, public_id: str, older_than: str = "") -> dict[str, Any]:
    """Everything that the page of one resource shows. Raises NotFound."""
    resource = queries.resource_for(viewer, public_id)
    edges = queries.relations_for(viewer, resource)
    reading = reading_of(viewer, resource)
    answer = answer_of(resource)
    history = newest_first(queries.history_for(viewer, resource), "at", {"after": older_than}, HISTORY_SIZE)
    return {
        "resource": resource,
        "vendor_name": _vendor_name(resource),
        "facts": shown.facts_of(resource),
        "tags": sorted((tag.key, tag.value) for tag in resource.tags.all()),
        "outgoing": [edge for edge in edges if edge.outgoing][:MOST_EDGES],
        "incoming": [edge for edge in edges if not edge.outgoing][:MOST_EDGES],
        "edges": len(edges),
        "history": history,
        "operations": list(queries.operations_on(viewer, resource).defer("plan", "known")[:MOST_OPERATIONS]),
        "choices": shown.choices_of(viewer, resource),
        "refused": shown.refusal_of(viewer, resource),
        "may_protect": rights.may(viewer, "approve", resource.account.team) and not resource.gone_at,
        "reading": reading,
        "known_of": freshness.known_of(resource, reading.completed_at if reading else None),
        "state_since": freshness.state_since(resource),
        "stale_after": stale_after(resource),
        "answer": answer if len(answer) <= shown.MOST_INLINE else "",
        "answer_size": len(answer),
    }


def reading_of(viewer: Any, resource: Resource) -> Reading | None:
    """How fresh the part of the inventory is that the resource lies in."""
    rows = queries.readings_for(viewer).filter(account_id=resource.account_id, kind=resource.kind)
    return rows.filter(region__in=(resource.region, "")).order_by("-region").first()


def stale_after(resource: Resource) -> float:
    """After how many seconds what is known of a resource is called old: twice the interval of its readings."""
    return 2 * places.interval_of(resource.account).total_seconds()


def _vendor_name(resource: Resource) -> str:
    try:
        return cloud(resource.provider).kind(resource.kind).vendor_name
    except CloudError:
        return resource.kind
