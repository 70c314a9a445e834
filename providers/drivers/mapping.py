"""From a cloud's words to ours: one item of an answer becomes a Found. Pure."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from providers.drivers.kind import Found, Kind, Relation, search
from vocabulary.errors import BadAnswer
from vocabulary.words import State

log = logging.getLogger("src.multicloud.providers.drivers")

#: Fields with a meaning of their own; every other field of a row becomes an attribute.
RESERVED = ("id", "name", "state", "zone", "region", "created_at", "tags")

#: Facts that come from outside are bounded: a hostile answer must not fill the database.
LONGEST_TEXT, MOST_TAGS = 1024, 1000


def found_of(kind: Kind, item: Mapping[str, Any], region: str, unknown: Mapping[str, str] | None = None) -> Found:
    """One item of an answer in neutral words. Raises BadAnswer when it has no id, or lies in another region."""
    if not isinstance(item, Mapping):
        raise BadAnswer(kind.vendor_name, kind.name, f"an item is {type(item).__name__}, not an object")
    shaped = kind.shape(dict(item)) if kind.shape else item
    facts = {name: search(path, shaped) for name, path in kind.fields.items()}
    native_id = facts.get("id")
    if not isinstance(native_id, str) or not native_id:
        raise BadAnswer(kind.vendor_name, kind.name, "an item has no id")
    zone = _text(facts.get("zone"))
    if zone and kind.scope == "region" and not zone.startswith(region):
        raise BadAnswer(kind.vendor_name, kind.name, f"{native_id} lies in {zone}, but {region} was asked")
    return Found(
        kind=kind,
        native_id=native_id,
        name=_text(facts.get("name")) or native_id,
        region=_text(facts.get("region")) or region,
        zone=zone,
        state=state_of(kind, facts.get("state")),
        native_state=_text(facts.get("state")),
        tags=tags_of(facts.get("tags")),
        created_at=moment(facts.get("created_at")),
        attributes={name: plain(value) for name, value in facts.items() if name not in RESERVED and value is not None},
        relations=relations_of(kind, shaped),
        unknown=dict(unknown or {}),
        raw=without_secrets(plain(item), kind.secrets),
    )


def state_of(kind: Kind, word: Any) -> State:
    """The neutral state of a vendor's word; UNKNOWN, and a line in the log, for a word the row does not have."""
    if kind.steady is not None:
        return kind.steady
    if word in kind.states:
        return kind.states[word]
    log.warning("kind=%s state=%r is not in the table", kind.native_type, word)
    return State.UNKNOWN


def tags_of(value: Any) -> dict[str, str]:
    """Tags as a dictionary, from a dictionary or from a list of Key/Value pairs in any of the vendors' spellings."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [(tag.get("Key", tag.get("key")), tag.get("Value", tag.get("value"))) for tag in value]
    else:
        pairs = []
    return {
        str(key)[:LONGEST_TEXT]: str(item or "")[:LONGEST_TEXT] for key, item in pairs[:MOST_TAGS] if key is not None
    }


def relations_of(kind: Kind, item: Mapping[str, Any]) -> tuple[Relation, ...]:
    """The edges a row declares, each to every id that its path finds."""
    edges: list[Relation] = []
    for edge, (target, path) in kind.relations.items():
        ids = search(path, item)
        named = (one for one in (ids if isinstance(ids, list) else [ids]) if isinstance(one, str) and one)
        edges.extend(Relation(edge, target, native_id[:LONGEST_TEXT]) for native_id in named)
    return tuple(dict.fromkeys(edges))


def moment(value: Any) -> datetime | None:
    """A time in UTC, from a datetime or an ISO 8601 text; None for anything else."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def plain(value: Any) -> Any:
    """A value that JSON can hold: times as ISO 8601, bytes by their size, tuples as lists."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        moment_in_utc = moment(value)
        return moment_in_utc.isoformat() if moment_in_utc else None
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    return str(value)


def without_secrets(value: Any, paths: tuple[str, ...]) -> Any:
    """The value with the named keys dropped, at any depth. A path is a key name; the whole value below it goes."""
    if not paths:
        return value
    if isinstance(value, Mapping):
        return {key: without_secrets(item, paths) for key, item in value.items() if key not in paths}
    if isinstance(value, list):
        return [without_secrets(item, paths) for item in value]
    return value


def _text(value: Any) -> str:
    return str(value)[:LONGEST_TEXT] if value is not None else ""
