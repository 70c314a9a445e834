"""AWS's way with tags: lists of Key and Value, and a marker tag that lets a creation be found again."""

from collections.abc import Mapping
from typing import Any

from providers.drivers.kind import Found
from vocabulary.errors import InvalidParameter
from vocabulary.words import Verb

#: The tag that every creation leaves; its value is the operation's token.
MARKER_TAG = "multicloud:operation"


def with_tags(verb: Verb, values: Mapping[str, Any], found: Found | None) -> Mapping[str, Any]:
    """Adds `tag_list` (name, tags and marker) for a creation, and `tags_set` and `tags_removed` for a tag change."""
    if verb is Verb.CREATE:
        tags = dict(values.get("tags") or {})
        if values.get("name"):
            tags["Name"] = values["name"]
        return {"tag_list": [*pairs(tags), {"Key": MARKER_TAG, "Value": {"$ref": "token"}}]}
    if verb is Verb.TAG:
        wanted = values.get("tags") or {}
        refuse_reserved(wanted)
        return {
            "tags_set": pairs({key: value for key, value in wanted.items() if value is not None}) or None,
            "tags_removed": [{"Key": key} for key, value in sorted(wanted.items()) if value is None] or None,
        }
    return {}


def pairs(tags: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A dictionary as AWS's list of pairs, in a stable order."""
    refuse_reserved(tags)
    return [{"Key": key, "Value": str(value)} for key, value in sorted(tags.items())]


def refuse_reserved(tags: Mapping[str, Any]) -> None:
    """Raise InvalidParameter for a key that AWS keeps for itself, or that is too long (128 and 256 characters)."""
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            raise InvalidParameter("AWS", "tags", f"{key!r} starts with aws:, which AWS keeps for itself")
        if not key or len(key) > 128 or len(str(value or "")) > 256:
            raise InvalidParameter("AWS", "tags", f"{key[:40]!r}: a key has 1 to 128 characters, a value at most 256")


def has_tags_to_set(values: Mapping[str, Any], found: Found | None) -> bool:
    """Whether the change sets any tag."""
    return bool(values.get("tags_set"))


def has_tags_to_remove(values: Mapping[str, Any], found: Found | None) -> bool:
    """Whether the change removes any tag."""
    return bool(values.get("tags_removed"))


def tags_are_set(arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether the resource already has every tag that the call would set."""
    return all(found.tags.get(tag["Key"]) == tag["Value"] for tag in arguments["Tags"])


def tags_are_removed(arguments: Mapping[str, Any], found: Found) -> bool:
    """Whether the resource already lacks every tag that the call would remove."""
    return not any(tag["Key"] in found.tags for tag in arguments["Tags"])
