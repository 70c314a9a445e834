"""Making a plan: check the parameters, look at the resource, and say every step before anything is touched."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from providers.drivers.asking import asked, known_of, refuse_strange_region, refuse_taken_name
from providers.drivers.driver import Driver
from providers.drivers.kind import Call, Found, Kind, Param
from providers.drivers.parameters import checked, shown
from providers.drivers.template import arguments_of, refuse_references, render
from providers.plans import Change, Plan, Step
from vocabulary.errors import Conflict, InvalidParameter, NotFound
from vocabulary.ids import resource_id
from vocabulary.text import looks_like_secret
from vocabulary.words import Verb

#: Verbs that take each other back. CREATE is undone by a deletion plan that names the thing, TAG, UPDATE and RESIZE by
#: the values from before.
OPPOSITE = {Verb.START: Verb.STOP, Verb.STOP: Verb.START}
RESTORABLE = (Verb.TAG, Verb.UPDATE, Verb.RESIZE)


def make_plan(
    driver: Driver,
    kind: Kind,
    verb: Verb,
    region: str,
    *,
    account: str,
    native_id: str = "",
    parameters: Mapping[str, Any] | None = None,
    simulated: bool = False,
    public_id: str = "",
    standing: Found | None = None,
    hide: Callable[[str, str], str] | None = None,
) -> Plan:
    """What `verb` would do to one resource, or to create one. Changes nothing.

    How things stand is asked of the cloud, or taken from `standing` where no call may leave (a web process plans from
    the inventory; the worker asks again before the first call). `hide` puts a secret parameter into the vault and
    returns its reference. `account` is the account's key for errors and journals ("aws/111111111111"). Raises
    InvalidParameter for a parameter that makes no sense, NotFound when the resource is not there, Conflict when its
    state forbids the verb, Unsupported when the kind has no such verb.
    """
    calls = kind.steps(verb)
    given = checked(kind, verb, parameters or {})
    refuse_references(
        {name: value for name, value in given.items() if name not in _secret_names(kind, verb)}, kind.name
    )
    given = _hidden(kind, verb, given, hide)
    if verb is Verb.CREATE:
        refuse_strange_region(driver, region)
        refuse_taken_name(driver, kind, region, given)
    found = None if verb is Verb.CREATE else standing or _standing(driver, kind, region, native_id, account)
    if found and kind.allowed_from.get(verb) and found.state not in kind.allowed_from[verb]:
        able = " or ".join(kind.allowed_from[verb])
        raise Conflict(
            account, verb, f"{found.name} is {found.state}", f"It can be asked to {verb} while it is {able}."
        )
    values = _values(driver, kind, verb, region, given, found)
    if standing is None:
        values = asked(driver, kind, verb, values)
    values = _derived(kind, verb, values, found)
    steps = tuple(_steps(driver, kind, verb, calls, values, found))
    if not steps:
        raise InvalidParameter(account, verb, "nothing would change", "Give at least one value that differs.")
    name = found.name if found else str(given.get("name", ""))
    before = _before(verb, given, found)
    way_back = {} if verb in kind.one_way else before
    return Plan(
        provider=driver.cloud.provider,
        account=account,
        region=found.region if found else region,
        kind=kind.name,
        verb=verb,
        title=f"{verb.capitalize()} {name}",
        name=name,
        steps=steps,
        subject=public_id or (resource_id_of(driver, account, kind, found) if found else ""),
        native_id=found.native_id if found else (name if kind.name_is_id else ""),
        parameters=given,
        changes=tuple(_changes(kind, verb, given, values, found)),
        effects=_effects(kind, verb, found),
        stays=tuple(kind.stays.get(verb, ())),
        warnings=(*_warnings(found), *_exposed(given)),
        undo=_how_to_undo(kind, verb, found),
        expects=_expects(kind, verb, found, before, unasked=standing is not None),
        before=way_back,
        needs=tuple(kind.permissions.get(verb, ())),
        simulated=simulated,
    )


def resource_id_of(driver: Driver, account: str, kind: Kind, found: Found) -> str:
    """The public id of something found in an account."""
    born = found.created_at.isoformat() if kind.creation_in_id and found.created_at else ""
    return resource_id(
        driver.cloud.provider, "", account.partition("/")[2], found.region, kind.name, found.native_id, born
    )


def undo_of(plan: Plan) -> tuple[Verb, Mapping[str, Any]] | None:
    """The verb and the parameters that take a finished plan back; None when the cloud offers no way back."""
    verb = Verb(plan.verb)
    if verb in OPPOSITE:
        return OPPOSITE[verb], {}
    if verb is Verb.CREATE:
        return Verb.DELETE, {}
    if verb in RESTORABLE and plan.before:
        return verb, plan.before
    return None


def _standing(driver: Driver, kind: Kind, region: str, native_id: str, account: str) -> Found:
    found = driver.get(kind, region, native_id)
    if found is None:
        raise NotFound(
            account,
            f"{kind.name} {native_id}",
            "it is not there",
            "It may have been deleted elsewhere; read the account again.",
        )
    return found


def _hidden(kind: Kind, verb: Verb, given: Mapping[str, Any], hide: Callable[[str, str], str] | None) -> dict[str, Any]:
    """The parameters with every secret replaced by its reference into the vault: plans are shown, stored and
    exported.
    """
    values = dict(given)
    for name in _secret_names(kind, verb) & set(values):
        if isinstance(values[name], Mapping):
            continue
        if hide is None:
            raise InvalidParameter(kind.vendor_name, verb, f"{name} is a secret, and there is no vault to keep it in")
        values[name] = {"$secret": hide(name, str(values[name]))}
    return values


def _secret_names(kind: Kind, verb: Verb) -> set[str]:
    return {param.name for param in kind.params.get(verb, ()) if param.secret}


def _values(
    driver: Driver, kind: Kind, verb: Verb, region: str, given: Mapping[str, Any], found: Found | None
) -> dict[str, Any]:
    values = known_of(driver, region, given, found)
    if found is None and kind.name_is_id:
        values["id"] = given.get("name")
    return values


def _derived(kind: Kind, verb: Verb, values: Mapping[str, Any], found: Found | None) -> dict[str, Any]:
    return {**values, **(kind.derive(verb, values, found) if kind.derive else {})}


def _steps(
    driver: Driver, kind: Kind, verb: Verb, calls: Iterable[Call], values: Mapping[str, Any], found: Found | None
) -> Iterable[Step]:
    for position, call in enumerate(calls):
        if call.when and not call.when(values, found):
            continue
        for item in values.get(call.each) or () if call.each else (None,):
            with_item = {**values, "item": item} if call.each else values
            step = _step(call, position, with_item)
            _check(driver, kind, verb, call, step.arguments)
            yield step


def _step(call: Call, position: int, values: Mapping[str, Any]) -> Step:
    back = call.back
    return Step(
        title=str(render(call.title, values)) if call.title else call.method,
        method=call.method,
        arguments=arguments_of(call.args, values),
        call=position,
        until=tuple(call.until),
        back=_step(back, -1, values) if back else None,
    )


def _check(driver: Driver, kind: Kind, verb: Verb, call: Call, arguments: Mapping[str, Any]) -> None:
    """Let the SDK's own model look at the arguments, with stand-ins for what is known only later."""
    driver.engine.check(call.method, _with_stand_ins(arguments))


def _with_stand_ins(value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) in ({"$ref"}, {"$secret"}):
            return "stand-in"
        return {key: _with_stand_ins(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_stand_ins(item) for item in value]
    return value


def _before(verb: Verb, given: Mapping[str, Any], found: Found | None) -> dict[str, Any]:
    """The values from before, in the shape in which the same verb would set them again."""
    if found is None or verb not in RESTORABLE:
        return {}
    if verb is Verb.TAG:
        return {"tags": {key: found.tags.get(key) for key in given.get("tags", {})}}
    # What has no name of its own goes by its id, which is no name to give it.
    facts = {**({"name": found.name} if found.name != found.native_id else {}), **found.attributes}
    return {name: facts[name] for name in given if facts.get(name) is not None}


def _expects(kind: Kind, verb: Verb, found: Found | None, before: Mapping[str, Any], unasked: bool) -> dict[str, Any]:
    """What must still be so when the plan runs. `unasked`: the look-ups are left to whoever runs it."""
    if found is None:
        return {"absent": kind.name_is_id}
    expected: dict[str, Any] = {"state": str(found.state), **before}
    if verb is Verb.TAG and kind.tags_replaced:
        expected["every_tag"] = dict(found.tags)
    if unasked and kind.look_ups.get(verb):
        expected["unasked"] = True
    return expected


def _effects(kind: Kind, verb: Verb, found: Found | None) -> tuple[str, ...]:
    said = (each if isinstance(each, str) else found and each(found) for each in kind.effects.get(verb, ()))
    return tuple(text for text in said if text)


def _changes(
    kind: Kind, verb: Verb, given: Mapping[str, Any], values: Mapping[str, Any], found: Found | None
) -> Iterable[Change]:
    titles = {param.name: param for param in kind.params.get(verb, ())}
    if found and kind.calls[verb][-1].until:
        yield Change("State", str(found.state), str(kind.calls[verb][-1].until[0]))
    for name, value in given.items():
        if name == "tags":
            for key, after in sorted(value.items()):
                yield Change(
                    f"Tag {key}",
                    (found.tags.get(key, "not set") if found else "not set"),
                    "removed" if after is None else str(after),
                )
            continue
        param: Param = titles[name]
        now = {"name": found.name, **found.attributes}.get(name) if found else None
        after = shown(param, value)
        if values[name] != value and not param.secret:
            after = f"{after} ({shown(param, values[name])})"
        yield Change(param.title, "not set" if now is None else shown(param, now), after)


def _warnings(found: Found | None) -> tuple[str, ...]:
    if found is None or not found.unknown:
        return ()
    return tuple(f"{fact} is unknown: {reason}" for fact, reason in sorted(found.unknown.items()))


def _exposed(given: Mapping[str, Any]) -> Iterable[str]:
    """A line for each value that everybody will see and that looks like a secret. The line does not repeat it."""
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    for key, value in (given.get("tags") or {}).items():
        name = "A tag's name" if looks_like_secret(key) else f"Tag {key}"
        texts[name] = f"{key}\n{value or ''}"
    for name, text in texts.items():
        if seems := not text.startswith("arn:") and looks_like_secret(text):
            yield f"{name} looks like {seems}. Whoever may look at the resource can read it: keep secrets out of it."


def _how_to_undo(kind: Kind, verb: Verb, found: Found | None) -> str:
    if verb in kind.one_way:
        return f"There is no way back. {kind.one_way[verb]}"
    if verb in OPPOSITE:
        return f"A plan to {OPPOSITE[verb]} it again."
    if verb is Verb.CREATE:
        return "A deletion plan that names it."
    if verb in RESTORABLE and found:
        return "A plan with the values from before."
    return ""
