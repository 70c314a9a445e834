"""Rows of the inventory in the shape of the library's CloudResource, and the filters of `resources list`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from multicloud_site.cli.accounts import account_named
from providers.drivers.clouds import cloud
from resources import freshness
from resources.models import Resource, ResourceTag
from resources.queries import Edge, readings_for, resources_for
from vocabulary.types import CloudProvider, ServiceType
from vocabulary.words import RESOURCE_TYPES, covers


def filtered(viewer: Any, chosen: Mapping[str, Any]) -> QuerySet[Resource]:
    """The viewer's resources that fit what was chosen; those that are gone only with `gone`."""
    rows = resources_for(viewer).prefetch_related("tags")
    for name in ("provider", "region", "kind", "state"):
        if chosen[name]:
            rows = rows.filter(**{name: chosen[name]})
    if chosen["account"]:
        rows = rows.filter(account=account_named(viewer, chosen["account"]))
    if chosen["service_type"]:
        asked = ServiceType(chosen["service_type"])
        rows = rows.filter(kind__in=[kind for kind, actual in RESOURCE_TYPES.items() if covers(asked, actual)])
    for tag in chosen["tags"]:
        key, equals, value = tag.partition("=")
        tagged = ResourceTag.objects.filter(key=key, **({"value": value} if equals else {}))
        rows = rows.filter(pk__in=tagged.values("resource"))
    if chosen["search"]:
        rows = rows.filter(search_text__icontains=chosen["search"])
    if not chosen["gone"] and chosen["state"] != "gone":
        rows = rows.filter(gone_at=None)
    return rows


def with_ages(viewer: Any, rows: Iterable[Resource]) -> Iterator[tuple[Resource, datetime]]:
    """Each resource with the moment of which it is known: the last complete reading of its place, or a later change."""
    places = readings_for(viewer).filter(~Q(completed_at=None)).order_by()
    read = {
        (p.account_id, p.kind, p.region): p.completed_at
        for p in places.only("account_id", "kind", "region", "completed_at")
    }
    for row in rows:
        whole = read.get((row.account_id, row.kind, row.region)) or read.get((row.account_id, row.kind, ""))
        yield row, freshness.known_of(row, whole)


def as_dict(row: Resource, observed_at: datetime | None) -> dict[str, Any]:
    """The fields of CloudResource, by the same names, and the account's name beside its key."""
    return {
        "id": row.public_id,
        "provider": CloudProvider(row.provider),
        "service_type": ServiceType(row.service_type),
        "resource_type": row.kind,
        "name": row.name,
        "region": row.region,
        "state": row.state,
        "account": row.account.key,
        "native_id": row.native_id,
        "native_type": cloud(row.provider).kind(row.kind).native_type,
        "zone": row.zone,
        "tags": {tag.key: tag.value for tag in row.tags.all()},
        "attributes": row.attributes,
        "created_at": row.created_at,
        "observed_at": observed_at,
        "simulated": row.simulated,
        "account_name": row.account.name,
    }


def details(row: Resource) -> dict[str, Any]:
    """What `resources show` adds."""
    return {
        "state_since": freshness.state_since(row),
        "native_state": row.native_state,
        "unknown": row.unknown,
        "protected": row.protected,
        "first_seen_at": row.first_seen_at,
        "changed_at": row.changed_at,
        "gone_at": row.gone_at,
    }


def edge(each: Edge) -> dict[str, Any]:
    """One relation; `id` is empty where the other end is not in the inventory."""
    return {
        "edge": each.edge,
        "outgoing": each.outgoing,
        "resource_type": each.kind,
        "native_id": each.native_id,
        "id": each.resource.public_id if each.resource else "",
        "name": each.resource.name if each.resource else "",
    }
