"""EC2's tags, on any resource that has an id."""

from typing import Any

from sandbox.aws.calls import NOT_FOUND, Call, handles
from sandbox.aws.ec2_filters import check_tag, matching
from sandbox.aws.errors import Refused
from sandbox.store import Thing

TAGGED = {
    "instance": "instance",
    "volume": "volume",
    "group": "security-group",
    "group-rule": "security-group-rule",
    "image": "image",
    "snapshot": "snapshot",
    "vpc": "vpc",
    "subnet": "subnet",
}


def tagged(call: Call, id: str) -> Thing:
    """The thing with this id, of whatever kind its prefix says."""
    for kind, (prefix, _code, _words) in NOT_FOUND.items():
        if id.startswith(prefix) and kind in TAGGED:
            return call.get(kind, id)
    raise Refused("InvalidID", f"The ID '{id}' is not valid")


@handles("ec2", "CreateTags")
def create_tags(call: Call) -> dict[str, Any]:
    things = [tagged(call, id) for id in dict.fromkeys(call.params["Resources"])]
    tags = {check_tag(tag): tag.get("Value", "") for tag in call.params["Tags"]}
    for thing in things:
        if len(thing.tags.keys() | tags.keys()) > 50:
            raise Refused("TagLimitExceeded", f"{thing.id} would have more than 50 tags")
    for thing in things:
        thing.tags.update(tags)
        call.store.put(thing)
    call.accepted("tag", *things, tags=tags)
    return {}


def doomed(thing: Thing, asked: list[dict[str, str]] | None) -> list[str]:
    """The tags that a DeleteTags call takes away: all, or those named; with a value named, only if it is that."""
    if asked is None:
        return list(thing.tags)
    return [tag["Key"] for tag in asked if tag.get("Value") in (None, thing.tags.get(tag["Key"]))]


@handles("ec2", "DeleteTags")
def delete_tags(call: Call) -> dict[str, Any]:
    things = [tagged(call, id) for id in dict.fromkeys(call.params["Resources"])]
    asked = call.params.get("Tags")
    if any(not tag.get("Key") for tag in asked or []):
        raise Refused("MissingParameter", "The request must contain the parameter Tag.Key")
    for thing in things:
        for key in doomed(thing, asked):
            thing.tags.pop(key, None)
        call.store.put(thing)
    call.accepted("tag", *things, tags={tag["Key"]: tag.get("Value", "") for tag in asked or []})
    return {}


@handles("ec2", "DescribeTags")
def describe_tags(call: Call) -> dict[str, Any]:
    rows = [
        {"ResourceId": thing.id, "ResourceType": word, "Key": key, "Value": value}
        for kind, word in TAGGED.items()
        for thing in call.things(kind)
        for key, value in sorted(thing.tags.items())
    ]
    page, token = call.page([row for row in rows if matching("tag", row, call.params.get("Filters", []))], least=5)
    return {"Tags": page, "NextToken": token}
