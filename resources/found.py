"""A stored resource in the words of the drivers again, for plans."""

from providers.drivers.clouds import cloud
from providers.drivers.kind import Found, Relation
from resources.models import Resource
from vocabulary.words import State


def found_of(resource: Resource) -> Found:
    """The resource as it was last seen."""
    return Found(
        kind=cloud(resource.provider).kind(resource.kind),
        native_id=resource.native_id,
        name=resource.name,
        region=resource.region,
        state=State(resource.state),
        zone=resource.zone,
        native_state=resource.native_state,
        tags={tag.key: tag.value for tag in resource.tags.all()},
        created_at=resource.created_at,
        attributes=resource.attributes,
        relations=tuple(Relation(edge.edge, edge.kind, edge.native_id) for edge in resource.relations.all()),
        unknown=resource.unknown,
        raw=resource.raw,
    )
