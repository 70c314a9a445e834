"""Judging what was given for a credential against its cloud's row. Pure: nothing is stored, no cloud is asked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.drivers.kind import Cloud, Field, Method
from vocabulary.errors import InvalidParameter
from vocabulary.text import checked_name, is_hidden, looks_like_secret
from vocabulary.types import Secrets

MOST_CHARACTERS = 16384
KEY_ID = "an AWS access key ID"


@dataclass(frozen=True)
class Given:
    """A credential's fields, told apart: what may be shown, and what goes into the vault and is never seen again."""

    shown: Mapping[str, str]
    secret: Mapping[str, str] = field(default_factory=lambda: Secrets({}))

    @property
    def names(self) -> frozenset[str]:
        """The names of all fields that were given."""
        return frozenset({*self.shown, *self.secret})


def method_of(cloud: Cloud, name: str) -> Method:
    """One of a cloud's ways to sign in. Raises InvalidParameter, naming those there are."""
    for method in cloud.methods:
        if method.name == name:
            return method
    able = ", ".join(method.name for method in cloud.methods)
    raise InvalidParameter(cloud.title, "sign in", f"{name[:60]!r} is not a way to sign in", f"Choose: {able}.")


def checked_fields(cloud: Cloud, method: Method, given: Mapping[str, str]) -> Given:
    """The fields of a way to sign in. Raises InvalidParameter, naming the field, for an unknown, missing or odd one.

    No error repeats a value: whoever mixes up two boxes has pasted a secret.
    """
    known = {each.name: each for each in method.fields}
    for name in given:
        if name not in known:
            able = ", ".join(known) or "none"
            raise _refused(cloud, method, f"{str(name)[:60]!r} is not a field", f"The fields are: {able}.")
    values = {name: _clean(cloud, method, known[name], value) for name, value in given.items()}
    values = {name: value for name, value in values.items() if value}
    for each in method.fields:
        if each.required and each.name not in values:
            raise _refused(cloud, method, f"{each.name} is missing", f"Give the {each.title}. {each.help}".strip())
    shown = {name: value for name, value in values.items() if not known[name].secret}
    return Given(shown, Secrets({name: value for name, value in values.items() if known[name].secret}))


def seems_secret(text: str) -> bool:
    """Whether a text has no place in a field that is shown. An access key's id has one."""
    return not text.startswith("arn:") and looks_like_secret(text) not in ("", KEY_ID)


def checked_title(name: str) -> str:
    """A credential's name. Raises InvalidParameter for hidden characters, and for what looks like a secret: names are
    shown.
    """
    title = checked_name(name, "credential name")
    found = looks_like_secret(title)
    if found:
        raise InvalidParameter(
            "credential name",
            "name",
            f"it looks like {found}",
            "Names are shown to everybody in the team: choose another.",
        )
    return title


def checked_region(region: str) -> str:
    """A region's name in its ordinary form; whether the cloud has it is found out when the credential is checked."""
    if looks_like_secret(region):
        raise InvalidParameter("region", "region", "it looks like a secret", "This field is shown to everybody.")
    name = checked_name(region, "region", 64)
    if not all(letter.isascii() and (letter.isalnum() or letter in "- ") for letter in name):
        raise InvalidParameter(
            "region", "region", f"{name!r} is not a region", "Write it as the cloud does: eu-central-1."
        )
    return name


def checked_weights(priority: int, cost_factor: float, performance_factor: float) -> None:
    """Raise InvalidParameter for a priority below 1 or a factor that is not above 0."""
    if isinstance(priority, bool) or not isinstance(priority, int) or not 1 <= priority <= 1000:
        raise InvalidParameter(
            "credential", "priority", "it is not a whole number from 1 to 1000", "Lower is preferred."
        )
    for name, value in (("cost_factor", cost_factor), ("performance_factor", performance_factor)):
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or not 0 < value <= 1000
        ):
            raise InvalidParameter("credential", name, "it is not a number above 0, up to 1000", "1.0 changes nothing.")


def _clean(cloud: Cloud, method: Method, which: Field, value: object) -> str:
    if not isinstance(value, str):
        raise _refused(cloud, method, f"{which.name} is not a text", which.help)
    text = value.strip()
    if len(text) > MOST_CHARACTERS:
        raise _refused(cloud, method, f"{which.name} has more than {MOST_CHARACTERS} characters", which.help)
    if any(is_hidden(letter) and not (which.secret and letter in "\r\n\t") for letter in text):
        raise _refused(cloud, method, f"{which.name} has a hidden character", "Paste it again as plain text.")
    if not which.secret and seems_secret(text):
        raise _refused(
            cloud, method, f"{which.name} looks like a secret", f"This field is shown; it wants the {which.title}."
        )
    return text


def _refused(cloud: Cloud, method: Method, why: str, hint: str) -> InvalidParameter:
    return InvalidParameter(f"{cloud.title} {method.name}", "credential", why, hint)
