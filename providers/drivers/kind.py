"""What one row of a cloud's table says: Kind, Call, Param and what was Found. Pure values; the Driver interprets them.

A cloud is a folder of such rows. Whatever differs between two clouds is written here as data, or as a small pure
function named in the row; nothing elsewhere asks which cloud it is talking to.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from providers.drivers.paths import finder
from vocabulary.errors import Unsupported
from vocabulary.types import ServiceType
from vocabulary.words import State, Verb

Values = Mapping[str, Any]


def search(expression: str, value: Any) -> Any:
    """What a JMESPath expression finds in a value; None when there is nothing."""
    return finder(expression)(value)


@dataclass(frozen=True)
class Param:
    """One parameter of a verb. Forms, REST schemas, the CLI and validation follow from it.

    `type` is what a value must be; `secret` values are kept in the vault and only referred to; `choices` limits a text,
    `choices_from` names the kind whose resources are the choices, and `minimum`/`maximum` bound a number. `form` turns
    what was given into the row's own form, and raises ValueError with the reason when it makes no sense.
    """

    name: str
    title: str
    type: Literal["text", "integer", "boolean", "tags", "texts", "rules"] = "text"
    required: bool = False
    default: Any = None
    secret: bool = False
    choices: tuple[str, ...] = ()
    choices_from: str = ""
    minimum: int | None = None
    maximum: int | None = None
    help: str = ""
    form: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class FindAgain:
    """How the effect of a changing call is looked up when nobody knows whether it was carried out.

    `by` says what is looked for: "marker" (the tag or token that the call left), "name" (the fixed name), "effect" (the
    state the call brings about; such a call may be repeated) or "trail" (the cloud's own audit log, by our user agent).
    `call` is the look-up for "marker" and "trail"; `within_seconds` how long the cloud may take to show the effect.
    `matches` tells from the earlier call's arguments whether an item of the look-up is that call's effect; without it
    every item is.
    """

    by: Literal["marker", "name", "effect", "trail"]
    call: "Call | None" = None
    within_seconds: float = 0.0
    matches: Callable[[Values, Any], bool] | None = None


EFFECT = FindAgain("effect")


@dataclass(frozen=True)
class Call:
    """One call of a verb. `args` is a template: "{size}" becomes the parameter, and a key whose parameter is absent is
    left out.

    Beside the parameters a template may use {id} {region} {account} {token} {marker} and what the kind's `derive` adds.
    `result` is a JMESPath into the answer; `until` are the states, one of which ends the step; `when` says whether the
    step is needed at all; `each` repeats it for each item of a list; `back` takes it back when a later step is refused;
    `owner` is a JMESPath of account ids that must all be ours; `absent` are the vendor's error codes that mean "there
    is none"; `into` is the key under which a detail call's result joins the item; `gone_is_done` says that "not found"
    is success; `holds` tells from the call's arguments and the resource whether the call's effect is there already.
    """

    method: str
    args: Values = field(default_factory=dict)
    result: str = ""
    title: str = ""
    until: tuple[State, ...] = ()
    when: Callable[[Values, "Found | None"], bool] | None = None
    each: str = ""
    find: FindAgain = EFFECT
    back: "Call | None" = None
    owner: str = ""
    absent: tuple[str, ...] = ()
    into: str = ""
    gone_is_done: bool = False
    holds: Callable[[Values, "Found"], bool] | None = None

    @property
    def service(self) -> str:
        """The vendor's service the call goes to: "ec2" of "ec2.stop_instances"."""
        return self.method.partition(".")[0]


@dataclass(frozen=True)
class LookUp:
    """A question that is asked before a plan is made, so that what does not exist is refused before anything is
    touched.

    `call` is the question; its template may use the parameters and what earlier look-ups learned, and its `when` is
    given these values. `learn` gets the items of the answer and the values, and returns what the plan's templates may
    use; a value under a parameter's own name takes that parameter's place (an image for its alias). It raises
    InvalidParameter when nothing fits. `terms` adds values for the question's template only.
    """

    call: Call
    learn: Callable[[Sequence[Any], Values], Values]
    terms: Callable[[Values], Values] = dict


@dataclass(frozen=True)
class Relation:
    """An edge from a resource to another: `edge` is a neutral word, `kind` a resource type, `native_id` the cloud's own
    id.
    """

    edge: str
    kind: str
    native_id: str


@dataclass(frozen=True)
class Found:
    """One resource as a cloud described it, in neutral words.

    `unknown` maps a fact that was not obtained to the reason; `raw` is the cloud's answer without its secret parts.
    """

    kind: "Kind"
    native_id: str
    name: str
    region: str
    state: State
    zone: str = ""
    native_state: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unreadable:
    """One item of a listing that could not be understood. It is recorded, and never ends the listing."""

    kind: "Kind"
    region: str
    reason: str
    native_id: str = ""


@dataclass(frozen=True)
class Kind:
    """One resource type of one cloud. A verb missing from `calls` is a verb that the cloud lacks.

    `scope` says whether a listing covers one region or the whole account. `fields` maps neutral names to JMESPaths
    (`id`, `name`, `state`, `zone`, `region`, `created_at` and `tags` have a meaning of their own, all others become
    attributes); `states` maps the vendor's words, `steady` is the state of a kind that has no word for it. `details`
    are asked per item and merged into it; the `when` of a detail is given the item. `secrets` are paths dropped from
    every answer before anything is stored. `derive` adds values for the templates, and may refuse a combination of
    parameters; `look_ups` are asked before it. `one_way` names verbs without a way back, with the reason.
    `effects` say what a verb does to anything, or to what was found of the resource.
    `tags_replaced`: a change of tags writes them all anew, so that a plan holds only while none of them has changed.
    `example` are the parameters of a creation that works, and `examples` those of other verbs on what it creates: the
    conformance suite and the documentation use them.
    """

    name: str
    service_type: ServiceType
    vendor_name: str
    native_type: str
    vendor_url: str
    calls: Mapping[Verb, tuple[Call, ...]]
    fields: Mapping[str, str]
    states: Mapping[str, State] = field(default_factory=dict)
    steady: State | None = None
    scope: Literal["region", "account"] = "region"
    details: tuple[Call, ...] = ()
    shape: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    relations: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    params: Mapping[Verb, tuple[Param, ...]] = field(default_factory=dict)
    derive: Callable[[Verb, Values, Found | None], Values] | None = None
    look_ups: Mapping[Verb, tuple[LookUp, ...]] = field(default_factory=dict)
    one_way: Mapping[Verb, str] = field(default_factory=dict)
    tags_replaced: bool = False
    effects: Mapping[Verb, tuple[str | Callable[[Found], str], ...]] = field(default_factory=dict)
    stays: Mapping[Verb, tuple[str, ...]] = field(default_factory=dict)
    permissions: Mapping[Verb, tuple[str, ...]] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    quota: tuple[str, str] | None = None
    allowed_from: Mapping[Verb, tuple[State, ...]] = field(default_factory=dict)
    settles_to: Mapping[Verb, tuple[State, ...]] = field(default_factory=dict)
    patience_seconds: float = 900.0
    poll_seconds: float = 5.0
    name_is_id: bool = False
    creation_in_id: bool = False
    example: Values = field(default_factory=dict)
    examples: Mapping[Verb, Values] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def can(self, verb: Verb) -> bool:
        """Whether this kind has the verb."""
        return verb in self.calls

    def steps(self, verb: Verb) -> tuple[Call, ...]:
        """The calls of a verb, in order. Raises Unsupported, naming the kind and what it can do."""
        if verb not in self.calls:
            able = ", ".join(self.calls)
            raise Unsupported(self.vendor_name, verb, f"has no {verb}", f"It can: {able}.")
        return self.calls[verb]


@dataclass(frozen=True)
class Field:
    """One field of a credential: its name in code, the label of the form, and whether it is a secret.

    `machine`: it chooses among what the machine itself signs in with.
    """

    name: str
    title: str
    secret: bool = False
    required: bool = True
    help: str = ""
    machine: bool = False


@dataclass(frozen=True)
class Method:
    """One way to sign in: its slug, its name, and the fields it needs.

    `machine`: it uses what the machine itself signs in with, unless all of `own_keys` are given.
    """

    name: str
    title: str
    fields: tuple[Field, ...] = ()
    help: str = ""
    machine: bool = False
    own_keys: tuple[str, ...] = ()

    def is_machines(self, given: Collection[str]) -> bool:
        """Whether signing in with the fields of these names uses the machine's own identity."""
        return self.machine and not (self.own_keys and set(self.own_keys) <= set(given))


@dataclass(frozen=True)
class Cloud:
    """One cloud: how to sign in, which engine speaks to it, its kinds, and where its status and support pages are.

    `account_kind` is the cloud's own word for an account, `partitions` are all that an account may be in. `find_trail`
    is the look-up in the cloud's audit log.
    """

    provider: str
    title: str
    engine: str
    methods: tuple[Method, ...]
    kinds: tuple[Kind, ...]
    home_region: str
    account_kind: str
    status_url: str
    support_url: str
    required_permissions: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()

    def kind(self, name: str) -> Kind:
        """The row of a resource type. Raises Unsupported, naming the types there are."""
        for kind in self.kinds:
            if kind.name == name:
                return kind
        raise Unsupported(
            self.title, "kind", f"{name!r} is not a resource type here", f"Choose: {', '.join(map(str, self.kinds))}."
        )
