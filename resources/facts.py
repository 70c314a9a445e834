"""What is stored of one found resource: texts and values ready for the database, with a fingerprint. No database here.

What a cloud says is bounded before it is stored: an attribute or an answer that is too long becomes an unknown fact
with the reason, never a cut one.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from providers.drivers.kind import Found
from vocabulary.ids import resource_id
from vocabulary.words import State

LONGEST_ATTRIBUTES, LONGEST_ATTRIBUTE, LONGEST_ANSWER = 65_536, 16_384, 262_144
MOST_RELATIONS = 1000

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Facts:
    """One resource as it will be stored. `attributes`, `unknown` and `raw` are JSON texts."""

    found: Found
    public_id: str
    attributes: str
    unknown: str
    raw: str
    fingerprint: str
    relations: frozenset[tuple[str, str, str]]

    @property
    def is_gone(self) -> bool:
        """Whether the cloud itself says that the resource is no more."""
        return self.found.state is State.GONE


def facts_of(found: Found, provider: str, account: str) -> Facts:
    """What is to be stored of something found in an account, `account` being the cloud's own id of it."""
    unknown = dict(found.unknown)
    attributes = _attributes(found.attributes, unknown)
    raw = _encode(found.raw)
    if len(raw) > LONGEST_ANSWER:
        unknown["raw"] = f"the answer has {len(raw)} characters, more than {LONGEST_ANSWER}"
        raw = "{}"
    edges = found.relations
    if len(edges) > MOST_RELATIONS:
        unknown["relations"] = f"it has {len(edges)} relations; the first {MOST_RELATIONS} are kept"
        edges = edges[:MOST_RELATIONS]
    relations = frozenset((relation.edge, relation.kind, relation.native_id) for relation in edges)
    unknown_text = _encode(unknown)
    rest = [
        found.name,
        found.zone,
        found.state,
        found.native_state,
        born(found),
        sorted(relations),
        *found.tags.items(),
    ]
    digest = hashlib.sha256("\n".join((attributes, unknown_text, raw, _encode(rest))).encode())
    return Facts(
        found=found,
        public_id=public_id_of(found, provider, account),
        attributes=attributes,
        unknown=unknown_text,
        raw=raw,
        fingerprint=digest.hexdigest(),
        relations=relations,
    )


def public_id_of(found: Found, provider: str, account: str) -> str:
    """The public id of something found in an account."""
    moment = born(found) if found.kind.creation_in_id else ""
    return resource_id(provider, "", account, found.region, found.kind.name, found.native_id, moment)


def born(found: Found) -> str:
    """When the resource was created, as ISO 8601; empty where the cloud does not say."""
    return found.created_at.isoformat() if found.created_at else ""


def search_text(found: Found, public_id: str) -> str:
    """What a search looks into: name, ids, tag keys and values, one a line."""
    lines = [found.name, found.native_id, public_id]
    for key, value in found.tags.items():
        lines += (key, value)
    return "\n".join(lines)


def _attributes(values: Mapping[str, Any], unknown: dict[str, str]) -> str:
    text = _encode(values)
    if len(text) <= LONGEST_ATTRIBUTES:
        return text
    kept: dict[str, Any] = {}
    for name, value in values.items():
        length = len(_encode(value))
        if length > LONGEST_ATTRIBUTE:
            unknown[name] = f"its value has {length} characters, more than {LONGEST_ATTRIBUTE}"
        else:
            kept[name] = value
    return _encode(kept)
