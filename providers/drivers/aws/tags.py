"""AWS's way with tags: lists of Key and Value, and a marker tag that lets a creation be found again."""

from collections.abc import Mapping
from typing import Any

from providers.drivers.kind import Call, FindAgain, Found
from vocabulary.errors import InvalidParameter
from vocabulary.words import Verb

#: The tag that every creation leaves; its value is the operation's token.
MARKER_TAG = "multicloud:operation"

#: How long EC2 may take to show what it has just made; the vendor names no figure. Calling again too early does no
#: harm: a client token, or a name that must be unique, stands behind each of these look-ups.
SHOWN_WITHIN_SECONDS = 60.0


def with_tags(verb: Verb, values: Mapping[str, Any], found: Found | None) -> Mapping[str, Any]:
    """Adds `tag_list` (name, tags and marker) for a creation, and `tags_set` and `tags_removed` for a tag change."""
    if verb is Verb.CREATE:
        tags = {key: value for key, value in (values.get("tags") or {}).items() if value is not None}
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


def found_by_marker(method: str, ids: str) -> FindAgain:
    """Look for what a creation made by the marker tag it left. `ids` is the JMESPath of the native ids in the
    answer.
    """
    marked = {"Filters": [{"Name": f"tag:{MARKER_TAG}", "Values": ["{token}"]}]}
    return FindAgain("marker", Call(method, marked, ids), within_seconds=SHOWN_WITHIN_SECONDS)


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


def name_is_given(values: Mapping[str, Any], found: Found | None) -> bool:
    """Whether the change gives another name."""
    return values.get("name") is not None and (found is None or found.name != values["name"])


#: The two calls that change the tags of anything in EC2, and the one that names it: a name is a tag.
SET_TAGS = Call(
    "ec2.create_tags",
    {"Resources": ["{id}"], "Tags": "{tags_set}"},
    title="Set tags",
    when=has_tags_to_set,
    holds=tags_are_set,
)
REMOVE_TAGS = Call(
    "ec2.delete_tags",
    {"Resources": ["{id}"], "Tags": "{tags_removed}"},
    title="Remove tags",
    when=has_tags_to_remove,
    holds=tags_are_removed,
)
NAME_IT = Call(
    "ec2.create_tags",
    {"Resources": ["{id}"], "Tags": [{"Key": "Name", "Value": "{name}"}]},
    title="Name it {name}",
    when=name_is_given,
    holds=tags_are_set,
)
