"""Checking what was given for a verb against the row's parameters, before anything is asked of a cloud."""

from collections.abc import Mapping
from typing import Any

from providers.drivers.kind import Kind, Param
from vocabulary.errors import InvalidParameter
from vocabulary.text import checked_name
from vocabulary.words import Verb

LONGEST_TEXT = 16384

#: Names the specification's snippets use for our parameters.
ALIASES = {"size": "instance_type", "image_id": "image", "security_groups": "firewalls"}


def checked(kind: Kind, verb: Verb, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters in the types that the row asks for, with defaults. Raises InvalidParameter, naming the
    parameter.
    """
    params = {param.name: param for param in kind.params.get(verb, ())}
    renamed = {name if name in params else ALIASES.get(name, name): value for name, value in given.items()}
    renamed.pop("region", None)
    for name in renamed:
        if name not in params:
            able = ", ".join(params) or "none"
            raise InvalidParameter(
                kind.vendor_name, verb, f"{name!r} is not a parameter", f"The parameters are: {able}."
            )
    values: dict[str, Any] = {}
    for param in params.values():
        value = renamed.get(param.name, param.default)
        if value is None or value == "":
            if param.required:
                raise InvalidParameter(
                    kind.vendor_name, verb, f"{param.name} is missing", f"Give {param.title.lower()}."
                )
            continue
        values[param.name] = _formed(kind, verb, param, _typed(kind, verb, param, value))
    return values


def shown(param: Param, value: Any) -> str:
    """A parameter's value as a person reads it; a secret is only said to be set."""
    if param.secret:
        return "set (secret)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)


def _formed(kind: Kind, verb: Verb, param: Param, value: Any) -> Any:
    if param.form is None:
        return value
    try:
        return param.form(value)
    except ValueError as error:
        raise InvalidParameter(kind.vendor_name, verb, f"{param.name}: {error}", param.help) from None


def _typed(kind: Kind, verb: Verb, param: Param, value: Any) -> Any:
    def refuse(why: str, hint: str = "") -> InvalidParameter:
        return InvalidParameter(kind.vendor_name, verb, f"{param.name}: {why}", hint)

    if isinstance(value, Mapping) and set(value) == {"$secret"} and param.secret:
        return dict(value)
    if param.type == "integer":
        return _whole(param, value, refuse)
    if param.type == "boolean":
        return _truth(value, refuse)
    if param.type == "tags":
        return _tags(value, refuse)
    if param.type in ("texts", "rules"):
        return _several(value, refuse)
    return _text(param, value, refuse)


def _truth(value: Any, refuse: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "yes", "on", "1", "false", "no", "off", "0"):
        return str(value).lower() in ("true", "yes", "on", "1")
    raise refuse(f"{str(value)[:40]!r} is neither true nor false")


def _several(value: Any, refuse: Any) -> list[Any]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list | tuple):
        raise refuse("give a list")
    return [dict(item) if isinstance(item, Mapping) else str(item) for item in value]


def _text(param: Param, value: Any, refuse: Any) -> str:
    if isinstance(value, Mapping | list | tuple | bool):
        raise refuse(f"{type(value).__name__} is not a text")
    text = str(value)
    if len(text) > LONGEST_TEXT or "\x00" in text:
        raise refuse(f"longer than {LONGEST_TEXT} characters, or with a NUL in it")
    if param.choices and text not in param.choices:
        raise refuse(f"{text!r} is not allowed", f"Choose: {', '.join(param.choices)}.")
    return text if param.secret else checked_name(text, param.name, 1024)


def _whole(param: Param, value: Any, refuse: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise refuse(f"{value!r} is not a whole number")
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise refuse(f"{str(value)[:40]!r} is not a whole number") from None
    low, high = param.minimum, param.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise refuse(
            f"{number} is out of range",
            f"Give {low if low is not None else 'any'} to {high if high is not None else 'any'}.",
        )
    return number


def _tags(value: Any, refuse: Any) -> dict[str, str | None]:
    if not isinstance(value, Mapping):
        raise refuse("give keys and values", 'For example {"env": "prod"}; null removes a tag.')
    tags: dict[str, str | None] = {}
    for key, item in value.items():
        if isinstance(item, Mapping | list | tuple):
            raise refuse(f"the value of {key!r} is not a text")
        text = "" if item is None else str(item)
        value_or_none = None if item is None else (checked_name(text, "tag value", 256) if text.strip() else "")
        tags[checked_name(str(key), "tag key")] = value_or_none
    return tags
