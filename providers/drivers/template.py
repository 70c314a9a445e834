"""Filling a call's argument template with parameters.

What is known only later, or must not be written down, becomes a reference: `{"$ref": "id"}` for the id of something the
operation has yet to create, `{"$secret": "…"}` for a value in the vault. They are resolved right before the call.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from vocabulary.errors import InvalidParameter

_WHOLE = re.compile(r"\A\{(\w+)\}\Z")
_PART = re.compile(r"\{(\w+)\}")

#: Placeholders that may be unknown when the plan is made.
LATER = ("id", "token")


class _Left:
    """Marks an argument that is left out because its parameter was not given."""


LEFT_OUT = _Left()


def render(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with every placeholder replaced; keys and items whose parameter is absent are left out.

    A text that is only a placeholder keeps the parameter's type. Text inside a parameter is never read as a template.
    """
    if isinstance(template, str):
        return _render_text(template, values)
    if isinstance(template, Mapping):
        rendered = {key: render(value, values) for key, value in template.items()}
        kept = {key: value for key, value in rendered.items() if value is not LEFT_OUT}
        return kept if kept or not template else LEFT_OUT
    if isinstance(template, list | tuple):
        items = [item for item in (render(item, values) for item in template) if item is not LEFT_OUT]
        return items if items or not template else LEFT_OUT
    return template


def _render_text(template: str, values: Mapping[str, Any]) -> Any:
    whole = _WHOLE.match(template)
    if whole:
        name = whole.group(1)
        if values.get(name) is not None:
            return values[name]
        return {"$ref": name} if name in LATER else LEFT_OUT
    missing = [name for name in _PART.findall(template) if values.get(name) is None]
    if missing:
        return LEFT_OUT
    return _PART.sub(lambda match: str(values[match.group(1)]), template)


def arguments_of(template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The rendered arguments of one call; an empty dictionary when nothing is left of the template."""
    rendered = render(template, values)
    return {} if rendered is LEFT_OUT else dict(rendered)


def resolve(arguments: Any, known: Mapping[str, Any], reveal: Callable[[str], str]) -> Any:
    """Arguments with their references resolved: ids from what the operation knows by now, secrets from the vault."""
    if isinstance(arguments, Mapping):
        if set(arguments) == {"$ref"}:
            name = arguments["$ref"]
            if known.get(name) is None:
                raise InvalidParameter("plan", name, f"{name} is not known yet")
            return known[name]
        if set(arguments) == {"$secret"}:
            return reveal(arguments["$secret"])
        return {key: resolve(value, known, reveal) for key, value in arguments.items()}
    if isinstance(arguments, list | tuple):
        return [resolve(item, known, reveal) for item in arguments]
    return arguments


def refuse_references(value: Any, where: str) -> None:
    """Raise InvalidParameter when a parameter from outside looks like one of our references."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if str(key).startswith("$"):
                raise InvalidParameter("parameters", where, f"{key!r} is not a name that can be given")
            refuse_references(item, where)
    elif isinstance(value, list | tuple):
        for item in value:
            refuse_references(item, where)
