"""From a cloud's words to ours: one item of an answer becomes a Found. Pure."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from providers.drivers.kind import Found, Kind, Relation, search
from vocabulary.errors import BadAnswer
from vocabulary.words import State

log = logging.getLogger("src.multicloud.providers.drivers")

#: Fields with a meaning of their own; every other field of a row becomes an attribute.
RESERVED = ("id", "name", "state", "zone", "region", "created_at", "tags")

#: Facts that come from outside are bounded: a hostile answer must not fill the database.
LONGEST_TEXT, MOST_TAGS = 1024, 1000
LONGEST_KEPT, MOST_KEPT = 4096, 2000


def found_of(kind: Kind, item: Mapping[str, Any], region: str, unknown: Mapping[str, str] | None = None) -> Found:
    """One item of an answer in neutral words. Raises BadAnswer when it has no id, another region or another shape."""
    if not isinstance(item, Mapping):
        raise BadAnswer(kind.vendor_name, kind.name, f"an item is {type(item).__name__}, not an object")
    try:
        return _found(kind, item, region, unknown)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        # Whatever a row's functions expect, an answer may be of another shape; it must not end the listing.
        raise BadAnswer(kind.vendor_name, kind.name, f"an item cannot be read: {type(error).__name__}") from error


def _found(kind: Kind, item: Mapping[str, Any], region: str, unknown: Mapping[str, str] | None) -> Found:
    shaped = kind.shape(dict(item)) if kind.shape else item
    facts = {name: search(path, shaped) for name, path in kind.fields.items()}
    native_id = facts.get("id")
    if not isinstance(native_id, str) or not native_id:
        raise BadAnswer(kind.vendor_name, kind.name, "an item has no id")
    if len(native_id) > LONGEST_TEXT:
        raise BadAnswer(kind.vendor_name, kind.name, f"an item's id has {len(native_id)} characters")
    zone = _text(facts.get("zone"))
    if zone and kind.scope == "region" and not zone.startswith(region):
        raise BadAnswer(kind.vendor_name, kind.name, f"{native_id} lies in {zone}, but {region} was asked")
    return Found(
        kind=kind,
        native_id=storable(native_id),
        name=_text(facts.get("name")) or native_id,
        region=_text(facts.get("region")) or region,
        zone=zone,
        state=state_of(kind, facts.get("state")),
        native_state=_text(facts.get("state")),
        tags=tags_of(facts.get("tags")),
        created_at=moment(facts.get("created_at")),
        attributes={
            name: plain(value, kind.secrets)
            for name, value in facts.items()
            if name not in RESERVED and value is not None
        },
        relations=relations_of(kind, shaped),
        unknown=dict(unknown or {}),
        raw=plain(item, kind.secrets),
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
    return {_text(key): _text(item) for key, item in pairs[:MOST_TAGS] if key is not None}


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


def plain(value: Any, dropped: tuple[str, ...] = ()) -> Any:
    """A value that JSON can hold, without what lies under the keys `dropped`, at any depth.

    Times become ISO 8601, bytes their size, tuples lists; text keeps only what a database can store, and neither
    a text nor a list grows beyond LONGEST_KEPT and MOST_KEPT.
    """
    # The exact types first: this runs for every value of every answer.
    exact = type(value)
    if exact is str:
        if len(value) > LONGEST_KEPT:
            value = value[:LONGEST_KEPT]
        return value if value.isascii() and "\x00" not in value else storable(value)
    if exact is dict:
        return {
            key if type(key) is str else str(key): plain(item, dropped)
            for key, item in value.items()
            if key not in dropped and key != "ResponseMetadata"
        }
    if exact is list:
        return [plain(item, dropped) for item in (value if len(value) <= MOST_KEPT else value[:MOST_KEPT])]
    if value is None or exact is bool or exact is int:
        return value
    if exact is datetime:
        return moment(value).isoformat()  # type: ignore[union-attr]  # a datetime always has one
    return _plain_of_rarer_types(value, dropped)


def _plain_of_rarer_types(value: Any, dropped: tuple[str, ...]) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return plain(dict(value), dropped)
    if isinstance(value, tuple | set | list):
        return plain(list(value), dropped)
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    return storable(str(value))


def storable(text: str) -> str:
    """The text with U+FFFD for what no database stores: NUL and halves of surrogate pairs."""
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = value if type(value) is str else str(value)
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT]
    return text if text.isascii() and "\x00" not in text else storable(text)
