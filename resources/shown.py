"""One resource as its page shows it: facts with units, relations, and what may be done with it, or why not."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from access import rights
from providers.drivers.clouds import cloud
from providers.drivers.kind import Kind
from providers.drivers.mapping import moment
from providers.models import Account
from resources.models import Resource
from vocabulary.errors import CloudError
from vocabulary.text import visible
from vocabulary.words import State, Verb

#: The ending of a fact's name is its unit.
UNITS = {
    "_gib": "GiB",
    "_mib": "MiB",
    "_mibps": "MiB/s",
    "_seconds": "s",
    "_days": "days",
    "_percent": "%",
}
#: The ending of a fact's name that is a moment.
MOMENT = "_at"
#: Words that are not written in small letters.
CAPITALS = {"id": "ID", "ip": "IP", "iops": "IOPS", "cidr": "CIDR", "ebs": "EBS", "kms": "KMS", "arn": "ARN"}
VERB_LOOKS = {
    Verb.START: ("Start", "play"),
    Verb.STOP: ("Stop", "square"),
    Verb.REBOOT: ("Reboot", "rotate-cw"),
    Verb.RESIZE: ("Resize", "scaling"),
    Verb.TAG: ("Change tags", "tag"),
    Verb.UPDATE: ("Change settings", "settings"),
    Verb.DELETE: ("Delete", "trash-2"),
}
MOST_INLINE = 12_000


@dataclass(frozen=True)
class Fact:
    """One line of the facts. `unknown` is the reason why the value is not known."""

    title: str
    value: str = ""
    unknown: str = ""
    mono: bool = False


@dataclass(frozen=True)
class Choice:
    """One verb of the page. `form`: a form comes first; `why` says why it cannot be done now."""

    verb: str
    label: str
    icon: str
    url: str
    tone: str = ""
    form: bool = False
    why: str = ""


def facts_of(resource: Resource) -> list[Fact]:
    """What is known of a resource beyond its name, state and tags, and what is not, with the reason."""
    facts = [Fact("Id", resource.public_id, mono=True), Fact(_native_title(resource), resource.native_id, mono=True)]
    if resource.zone:
        facts.append(Fact("Zone", resource.zone))
    for name, value in resource.attributes.items():
        if name not in resource.unknown and value not in (None, "", []):
            facts.append(_fact(name, value))
    facts += [Fact(_title(name), unknown=str(why)) for name, why in sorted(resource.unknown.items())]
    return facts


def answer_of(resource: Resource) -> str:
    """The cloud's own answer, as JSON in plain ASCII, so that no hidden character is hidden."""
    return json.dumps(resource.raw, indent=2, sort_keys=True, ensure_ascii=True)


def choices_of(viewer: Any, resource: Resource) -> list[Choice]:
    """Every verb that this kind has, in the order of the buttons, each with the reason why it cannot be done now."""
    try:
        kind = cloud(resource.provider).kind(resource.kind)
    except CloudError:
        return []
    refused = refusal_of(viewer, resource)
    return [_choice(resource, kind, verb, refused) for verb in VERB_LOOKS if kind.can(verb)]


def refusal_of(viewer: Any, resource: Resource) -> str:
    """Why nothing at all may be changed here, or nothing said."""
    account = resource.account
    if resource.gone_at:
        return "It is gone."
    if not rights.may(viewer, "plan", account.team):
        return (
            f"Your role only looks; changing needs {rights.NEEDED['plan'].label.lower()}. An admin can give it to you."
        )
    if account.mode != Account.Mode.MANAGE:
        return f"{account} is in observe mode. An admin can switch it to manage on its page."
    if not account.enabled:
        return f"{account} is switched off. An admin can switch it on."
    return "It is protected. Lift the protection first." if resource.protected else ""


def _choice(resource: Resource, kind: Kind, verb: Verb, refused: str) -> Choice:
    label, icon = VERB_LOOKS[verb]
    able = kind.allowed_from.get(verb, ())
    why = refused
    if not why and able and State(resource.state) not in able:
        why = f"It is {resource.state}; this works while it is {' or '.join(able)}."
    return Choice(
        verb=verb,
        label=label,
        icon=icon,
        url=reverse("resource_change", args=[resource.public_id, verb.value]),
        tone="danger" if verb is Verb.DELETE else "",
        form=bool(kind.params.get(verb)),
        why=why,
    )


def _native_title(resource: Resource) -> str:
    try:
        return f"{cloud(resource.provider).kind(resource.kind).vendor_name} id"
    except CloudError:
        return "Native id"


def _fact(name: str, value: Any) -> Fact:
    ending = next((ending for ending in UNITS if name.endswith(ending)), "")
    text = _text(value)
    title = _title(name.removesuffix(ending))
    if name.endswith(MOMENT) and (at := moment(value)):
        return Fact(_title(name.removesuffix(MOMENT)), f"{at:%Y-%m-%d %H:%M:%S} UTC")
    return Fact(title, f"{text} {UNITS[ending]}" if ending else text, mono=_is_code(name, value))


def _title(name: str) -> str:
    words = [CAPITALS.get(word, word) for word in name.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return "\n".join(_each(value))
    return visible(value if isinstance(value, str) else json.dumps(value, sort_keys=True), 1000)


def _each(values: Iterable[Any]) -> list[str]:
    return [visible(one if isinstance(one, str) else json.dumps(one, sort_keys=True), 300) for one in values]


def _is_code(name: str, value: Any) -> bool:
    plain = isinstance(value, list) or (isinstance(value, str) and any(letter.isdigit() for letter in value))
    return plain and name not in ("description", "state_reason")
