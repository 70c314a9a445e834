"""Which resource a person means: its id here, its name where only one has it, or its id at the cloud."""

from typing import Any

from resources import queries
from vocabulary.errors import Conflict, NotFound
from vocabulary.text import visible

MOST_LISTED = 10


def public_id_of(actor: Any, said: str) -> str:
    """The public id of the resource that is meant. Raises NotFound, and Conflict with a list where several are."""
    rows = queries.resources_for(actor)
    if rows.filter(public_id=said[:64]).exists():
        return said
    alive = rows.filter(gone_at=None).order_by("provider", "account", "region", "kind", "pk")
    for column in ("name", "native_id"):
        found = list(alive.filter(**{column: said})[: MOST_LISTED + 1])
        if len(found) == 1:
            return found[0].public_id
        if found:
            raise Conflict("Multicloud", "resource", f"several are called {said}", _which(found))
    raise NotFound(
        "Multicloud",
        "resource",
        f"there is no resource {said[:64]}",
        f"Look for a part of its name: paas-cli multicloud resources list --search {said[:64]}",
    )


def _which(found: list[Any]) -> str:
    told = [f"{row.public_id} ({row.kind}, {row.account}, {row.region or 'global'})" for row in found[:MOST_LISTED]]
    more = "; and more" if len(found) > MOST_LISTED else ""
    return visible(f"Use the id of one: {'; '.join(told)}{more}.", 1900)
