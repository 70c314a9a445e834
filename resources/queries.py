"""What a person may see of the inventory. Every query takes the viewer."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from access.rights import teams_of
from providers.models import OperationRow
from providers.queries import operations_for
from resources.listing import all_rows, kept_for, resource_page
from resources.models import Reading, Resource, ResourceChange, ResourceRelation
from vocabulary.errors import NotFound

__all__ = ["all_rows", "resource_page"]


@dataclass(frozen=True)
class Counts:
    """How many resources there are that are not gone, by what they are and where. Kept until the inventory changes."""

    total: int
    simulated: int
    by_provider: dict[str, int]
    by_account: dict[str, int]
    by_state: dict[str, int]
    by_kind: dict[str, int]
    by_service_type: dict[str, int]
    by_region: dict[str, int]


@dataclass(frozen=True)
class Edge:
    """One relation as a page shows it. `resource` is the other end's row where the inventory has it.

    `outgoing`: the relation is the shown resource's own ("its firewall is …"); otherwise the other end points here.
    """

    edge: str
    kind: str
    native_id: str
    outgoing: bool
    resource: Resource | None


def resources_for(viewer: Any) -> QuerySet[Resource]:
    """The resources in the accounts of the viewer's teams, those that are gone included."""
    return Resource.objects.filter(account__team__in=teams_of(viewer)).select_related("account__team")


def resource_for(viewer: Any, public_id: str) -> Resource:
    """One resource with its tags and relations. Raises NotFound, also for another team's."""
    rows = resources_for(viewer).prefetch_related("tags", "relations")
    resource = rows.filter(public_id=public_id[:64]).first()
    if resource is None:
        raise NotFound("Multicloud", "resource", f"there is no resource {public_id[:64]}")
    return resource


def counts_for(viewer: Any) -> Counts:
    """The viewer's counts. One query, or two when the inventory changed since they were last asked for."""
    return kept_for(viewer, "counts", _counted)


def _counted(account_keys: dict[int, str]) -> Counts:
    rows = Resource.objects.filter(account__in=account_keys, gone_at=None)
    groups = rows.values_list("provider", "account", "state", "kind", "service_type", "region").annotate(
        count=Count("pk"), simulated=Count("pk", filter=Q(simulated=True))
    )
    tables: list[dict[str, int]] = [{} for _ in range(6)]
    total = simulated = 0
    for *words, count, of_them_simulated in groups.order_by():
        words[1] = account_keys[words[1]]
        total, simulated = total + count, simulated + of_them_simulated
        for table, word in zip(tables, words, strict=True):
            table[word] = table.get(word, 0) + count
    provider, account, state, kind, service_type, region = (dict(sorted(table.items())) for table in tables)
    return Counts(total, simulated, provider, account, state, kind, service_type, region)


def history_for(viewer: Any, resource: Resource) -> QuerySet[ResourceChange]:
    """What changed about a resource, newest first."""
    rows = ResourceChange.objects.filter(resource=resource, resource__account__team__in=teams_of(viewer))
    return rows.order_by("-at", "-pk")


def relations_for(viewer: Any, resource: Resource) -> list[Edge]:
    """The edges from a resource and to it, each with the other end's row where the inventory has it. Two queries."""
    own = list(resource.relations.all())
    mine = resources_for(viewer).filter(account_id=resource.account_id)
    pointing = ResourceRelation.objects.filter(native_id=resource.native_id, kind=resource.kind)
    pointing = pointing.filter(resource__account_id=resource.account_id, resource__gone_at=None)
    targets = {
        (row.kind, row.native_id): row
        for row in mine.filter(native_id__in={edge.native_id for edge in own}, kind__in={edge.kind for edge in own})
    }
    edges = [Edge(edge.edge, edge.kind, edge.native_id, True, targets.get((edge.kind, edge.native_id))) for edge in own]
    for relation in pointing.select_related("resource__account__team").order_by("edge", "pk")[:MOST_INCOMING]:
        other = relation.resource
        edges.append(Edge(relation.edge, other.kind, other.native_id, False, other))
    return edges


#: The most incoming edges that a page shows; a network of thousands of machines has as many.
MOST_INCOMING = 200


def operations_on(viewer: Any, resource: Resource) -> QuerySet[OperationRow]:
    """The operations on a resource, newest first."""
    return operations_for(viewer).filter(subject=resource.public_id)


def readings_for(viewer: Any) -> QuerySet[Reading]:
    """How fresh each part of the viewer's inventory is, the account's list of regions (kind "region") included."""
    return (
        Reading.objects.filter(account__team__in=teams_of(viewer)).select_related("account").order_by("account", "kind")
    )


def reading_problems(viewer: Any) -> QuerySet[Reading]:
    """The parts of the inventory that are not as the cloud has them: refused, or with items that could not be read."""
    rows = readings_for(viewer)
    return rows.filter(state=Reading.State.REFUSED) | rows.exclude(unreadable=[])
