"""What is asked of every verb that changes something, of every kind."""

from typing import Any

from providers.drivers.clouds import cloud
from providers.drivers.kind import Call, Found, Kind
from providers.drivers.planning import undo_of
from providers.journal import Operation, OperationState
from tests.conformance.bench import REGION_ASKED, Bench, action_of, api_name, as_text, succeeded
from tests.conformance.looking import refusal
from tests.simulated_aws import Desk, driver_with
from vocabulary.errors import AuthenticationFailed, Conflict, InvalidParameter, NotFound, UnknownRegion
from vocabulary.words import State, Verb

CANARY = "canary-5f1c-never-shown"


def carried_out(bench: Bench, kind: Kind, verb: Verb) -> Operation:
    """The verb, with the row's example, on something it can be asked of, to its end."""
    subject = bench.subject(kind, verb)
    bench.control.forget_calls()
    return succeeded(bench.desk.do(kind, verb, subject, **bench.parameters(kind, verb)))


def it_brings_about_what_it_says(bench: Bench, kind: Kind, verb: Verb) -> None:
    before: Found | None = None
    subject = bench.subject(kind, verb)
    if subject:
        before = bench.standing(kind, subject)
    operation = succeeded(bench.desk.do(kind, verb, subject, **bench.parameters(kind, verb)))
    if verb is Verb.DELETE:
        assert bench.desk.found(kind, subject) is None
        listed = bench.desk.listed(kind).get(subject)
        assert listed is None or listed.state is State.GONE
        return
    found = bench.standing(kind, operation.native_id)
    assert found == bench.desk.listed(kind)[operation.native_id]
    until = kind.calls[verb][-1].until or kind.calls[verb][0].until
    assert not until or found.state in until or verb is Verb.RESIZE
    has_what_was_given(kind, bench.parameters(kind, verb), found, before)
    _, told = bench.desk.seen[-1]
    assert told == found


def has_what_was_given(kind: Kind, given: dict[str, Any], found: Found, before: Found | None) -> None:
    facts = {"name": found.name, "zone": found.zone, **found.attributes}
    for name, value in given.items():
        if name == "tags":
            for key, tag in value.items():
                assert found.tags.get(key) == tag, key
            kept = {key: tag for key, tag in (before.tags if before else {}).items() if key not in value}
            assert kept.items() <= found.tags.items(), "other tags stay as they are"
        elif isinstance(value, list):
            assert sorted(facts[name]) == sorted(value)
        elif name != "image":
            assert facts[name] == value, name


def each_step_is_accepted_once_under_its_token(bench: Bench, kind: Kind, verb: Verb) -> None:
    subject = bench.subject(kind, verb)
    last = bench.entries()
    operation = succeeded(bench.desk.do(kind, verb, subject, **bench.parameters(kind, verb)))
    accepted = bench.accepted(last)
    tokens = [entry["user_agent"].rpartition(" op/")[2] for entry in accepted]
    assert tokens == [f"{operation.id}-{number}" for number in range(len(operation.plan.steps))]
    calls = [(f"{entry['service']}.{entry['action']}").lower() for entry in accepted]
    assert calls == [step.method.replace("_", "") for step in operation.plan.steps]


def each_step_is_recorded_before_and_after(bench: Bench, kind: Kind, verb: Verb) -> None:
    operation = carried_out(bench, kind, verb)
    records = [entry for entry in bench.desk.journal.audit if entry.operation == operation.id]
    for number, step in enumerate(operation.plan.steps):
        moments = [one.moment for one in records if one.token == f"{operation.id}-{number}" and one.call == step.method]
        assert moments == ["before", "after"], step.method


def no_secret_is_in_its_plan_or_records(bench: Bench, kind: Kind, verb: Verb) -> None:
    secret = {param.name: CANARY for param in kind.params.get(verb, ()) if param.secret}
    subject, last = bench.subject(kind, verb), bench.entries()
    operation = succeeded(bench.desk.do(kind, verb, subject, **bench.parameters(kind, verb), **secret))
    plan = operation.plan
    shown = as_text(plan.as_dict(), plan, operation.as_dict(), [one.as_dict() for one in bench.desk.journal.audit])
    assert CANARY not in shown
    assert CANARY not in as_text(bench.desk.found(kind, operation.native_id), bench.desk.journal.lines)
    assert list(bench.desk.vault.values()) == list(secret.values())
    assert bench.accepted(last)


def each_permission_is_one_that_the_cloud_demands(bench: Bench, kind: Kind, verb: Verb) -> None:
    needed = set(kind.permissions[verb]) - only_in_trouble(kind, verb)
    for action in sorted(needed):
        bench.fresh()
        parameters = both_ways(bench, kind, verb)
        subject = bench.subject(kind, verb)
        with bench.denied(action):
            error = denied_error(bench, kind, verb, subject, parameters)
        assert error == "PermissionMissing", f"{action} is not needed to {verb}: {error}"


def denied_error(bench: Bench, kind: Kind, verb: Verb, subject: str, parameters: dict[str, Any]) -> str:
    error = refusal(lambda: bench.desk.plan(kind, verb, subject, **parameters))
    if error:
        return type(error).__name__
    operation = bench.desk.do(kind, verb, subject, **parameters)
    assert operation.state in (OperationState.FAILED, OperationState.NEEDS_HUMAN), operation.state
    return str((operation.error or {}).get("type"))


def both_ways(bench: Bench, kind: Kind, verb: Verb) -> dict[str, Any]:
    """The example, extended so that every call is made: a tag set and one removed, rules of both directions."""
    given = bench.parameters(kind, verb)
    if verb is Verb.TAG:
        return {"tags": {"team": "platform", "env": None}}
    if verb is Verb.UPDATE and "rules" in given:
        return {"rules": ["in udp 53 10.0.0.0/8", "out udp 53 10.0.0.0/8"]}
    switches = {param.name: True for param in kind.params.get(verb, ()) if param.type == "boolean"}
    return {**switches, **given}


def only_in_trouble(kind: Kind, verb: Verb) -> set[str]:
    """Permissions that are used to look a call up, or to take it back; not when all goes well."""
    calls = kind.calls[verb]
    going: set[str] = {action_of(call) for call in calls}
    rarely: list[Call] = [call.find.call for call in calls if call.find.call] + [
        call.back for call in calls if call.back
    ]
    return {action_of(call) for call in rarely} - going


def no_call_needs_a_permission_that_is_not_declared(bench: Bench, kind: Kind, verb: Verb) -> None:
    carried_out(bench, kind, verb)
    declared = {*kind.permissions[verb], *kind.permissions[Verb.GET], *cloud("aws").required_permissions}
    assert bench.called() <= declared


def its_undo_brings_back_what_was(bench: Bench, kind: Kind, verb: Verb) -> None:
    subject = bench.subject(kind, verb)
    before = bench.standing(kind, subject) if subject else None
    done = succeeded(bench.desk.do(kind, verb, subject, **bench.parameters(kind, verb)))
    if undo_of(done.plan) is None:
        assert isinstance(refusal(lambda: bench.desk.operations.undo(done.id, "tester")), Conflict)
        assert "no way back" in done.plan.undo or done.plan.undo == ""
        return
    assert done.plan.undo
    succeeded(bench.desk.finish(bench.desk.operations.undo(done.id, "tester")))
    after = bench.desk.found(kind, done.native_id)
    if before is None:
        assert after is None
        return
    assert after is not None
    assert (after.name, after.state, after.tags) == (before.name, before.state, before.tags)
    ignored = ("state_reason", "public_ip")
    assert {k: v for k, v in after.attributes.items() if k not in ignored} == {
        k: v for k, v in before.attributes.items() if k not in ignored
    }


def a_lost_answer_is_looked_up_and_nothing_is_done_twice(bench: Bench, kind: Kind, verb: Verb) -> None:
    for fault in ("error_after", "reset_after", "cut", "html"):
        bench.fresh()
        subject = bench.subject(kind, verb)
        last = bench.entries()
        plan = bench.desk.plan(kind, verb, subject, **bench.parameters(kind, verb))
        for method in {step.method for step in plan.steps}:
            service, name = method.split(".")
            bench.control.fault(fault, service=service, action=api_name(service, name), count=1)
        operation = succeeded(bench.desk.run(plan))
        tokens = [entry["user_agent"].rpartition(" op/")[2] for entry in bench.accepted(last)]
        for number, step in enumerate(plan.steps):
            times = tokens.count(f"{operation.id}-{number}")
            # A call that only brings about a state may be repeated, or be needless; whatever makes something may not.
            by_effect = kind.calls[verb][step.call].find.by == "effect"
            assert times <= 2 if by_effect else times == 1, f"{fault}: {step.title} was done {times} times"


def it_waits_while_it_is_asked_too_often(bench: Bench, kind: Kind, verb: Verb) -> None:
    subject = bench.subject(kind, verb)
    plan = bench.desk.plan(kind, verb, subject, **bench.parameters(kind, verb))
    service, name = plan.steps[0].method.split(".")
    bench.control.fault("throttle", service=service, action=api_name(service, name), count=3, retry_after=40)
    last, began = bench.entries(), bench.desk.journal.now()
    succeeded(bench.desk.run(plan))
    assert len(bench.accepted(last)) == len(plan.steps)
    assert (bench.desk.journal.now() - began).total_seconds() >= 120


def a_refused_credential_names_the_field_to_look_at(bench: Bench, kind: Kind, verb: Verb) -> None:
    subject = bench.subject(kind, verb)
    last = bench.entries()
    desk = Desk(driver_with(bench.sandbox, {"access_key_id": "AKIANOSUCHKEY0000000", "secret_access_key": CANARY}))
    error = refusal(lambda: desk.plan(kind, verb, subject, **bench.parameters(kind, verb)))
    assert isinstance(error, AuthenticationFailed), error
    assert "access key ID" in error.hint
    assert CANARY not in as_text(error.as_dict())
    assert not bench.accepted(last)


def what_makes_no_sense_is_refused_before_any_call(bench: Bench, kind: Kind, verb: Verb) -> None:
    good = bench.parameters(kind, verb)
    wrong: list[dict[str, Any]] = [{**good, "no_such_parameter": 1}]
    for param in kind.params.get(verb, ()):
        if param.required:
            wrong.append({key: value for key, value in good.items() if key != param.name})
        if param.type == "integer":
            wrong += [{**good, param.name: value} for value in (-1, 0, "NaN", 1e308, True, "9" * 5000)]
        if param.type == "tags":
            wrong += [
                {**good, param.name: value} for value in ("a=b", {"a": {"b": "c"}}, {"a\u202eb": "x"}, {"$ref": "id"})
            ]
        if param.choices:
            wrong.append({**good, param.name: "no-such-choice"})
    bench.control.forget_calls()
    for parameters in wrong:
        error = refusal(lambda parameters=parameters: bench.desk.plan(kind, verb, "x-1", **parameters))
        assert isinstance(error, InvalidParameter), f"{parameters}: {error}"
        assert error.why
    assert not bench.control.calls()


def what_has_vanished_is_said_to_be_gone(bench: Bench, kind: Kind, verb: Verb) -> None:
    if verb is Verb.CREATE:
        error = refusal(lambda: bench.desk.plan(kind, verb, region="mars-north-1", **bench.parameters(kind, verb)))
        assert isinstance(error, UnknownRegion), error
        assert REGION_ASKED in error.hint
        return
    subject = bench.subject(kind, verb)
    plan = bench.desk.plan(kind, verb, subject, **bench.parameters(kind, verb))
    bench.control.delete(subject)
    last = bench.entries()
    operation = bench.desk.run(plan)
    assert not [entry for entry in bench.accepted(last) if entry["action"] != "DeleteTags"]
    if verb is Verb.DELETE:
        succeeded(operation)
        return
    assert operation.state is OperationState.FAILED
    assert (operation.error or {})["type"] == "NotFound"
    assert isinstance(refusal(lambda: bench.desk.plan(kind, verb, subject, **bench.parameters(kind, verb))), NotFound)


def deleting_twice_is_no_error(bench: Bench, kind: Kind, verb: Verb) -> None:
    subject = bench.subject(kind, verb)
    first, second = (bench.desk.plan(kind, verb, subject) for _ in range(2))
    succeeded(bench.desk.run(first))
    succeeded(bench.desk.run(second))


def what_changed_since_the_plan_stops_it(bench: Bench, kind: Kind, verb: Verb) -> None:
    subject = bench.subject(kind, verb)
    given = bench.parameters(kind, verb)
    plan = bench.desk.plan(kind, verb, subject, **given)
    succeeded(bench.desk.do(kind, verb, subject, **given))
    last = bench.entries()
    operation = bench.desk.run(plan)
    assert operation.state is OperationState.FAILED
    assert (operation.error or {})["type"] == "PlanChanged"
    assert not bench.accepted(last)


CHECKS = (
    it_brings_about_what_it_says,
    each_step_is_accepted_once_under_its_token,
    each_step_is_recorded_before_and_after,
    no_secret_is_in_its_plan_or_records,
    each_permission_is_one_that_the_cloud_demands,
    no_call_needs_a_permission_that_is_not_declared,
    its_undo_brings_back_what_was,
    a_lost_answer_is_looked_up_and_nothing_is_done_twice,
    it_waits_while_it_is_asked_too_often,
    a_refused_credential_names_the_field_to_look_at,
    what_makes_no_sense_is_refused_before_any_call,
    what_has_vanished_is_said_to_be_gone,
)


def cases() -> list[tuple[Any, Kind, Verb]]:
    """Every check of every changing verb of every kind, in a stable order."""
    pairs = [(kind, verb) for kind in cloud("aws").kinds for verb in kind.calls if verb.changes]
    found: list[tuple[Any, Kind, Verb]] = [(check, kind, verb) for check in CHECKS for kind, verb in pairs]
    found += [(deleting_twice_is_no_error, kind, verb) for kind, verb in pairs if verb is Verb.DELETE]
    changes = (Verb.UPDATE, Verb.TAG, Verb.RESIZE, Verb.STOP, Verb.START)
    return found + [(what_changed_since_the_plan_stops_it, kind, verb) for kind, verb in pairs if verb in changes]
