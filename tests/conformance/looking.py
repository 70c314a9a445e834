"""What is asked of every kind that can be listed and looked at."""

from typing import Any

from providers.drivers.clouds import cloud
from providers.drivers.kind import Found, Kind, Unreadable
from tests.conformance.bench import REGION_ASKED, Bench, api_name
from tests.simulated_aws import KEYS, PRODUCTION, driver_with
from vocabulary.errors import AuthenticationFailed, BadAnswer, CloudError, PermissionMissing, Unsupported
from vocabulary.words import State, Verb

#: How the simulator's judges call our kinds.
JUDGED_AS = {"firewall": "group", "network": "vpc"}


def a_listing_has_every_resource_and_no_other(bench: Bench, kind: Kind, verb: Verb) -> None:
    judged = bench.control.resources(kind=JUDGED_AS.get(kind.name, kind.name), account=PRODUCTION)
    there = {one["id"] for one in judged if kind.scope == "account" or one["region"] == REGION_ASKED}
    assert set(bench.desk.listed(kind)) == there
    assert there, "nothing to list: the check says nothing"


def every_listed_state_is_known(bench: Bench, kind: Kind, verb: Verb) -> None:
    for found in bench.desk.listed(kind).values():
        assert found.state is not State.UNKNOWN, found.native_state
        assert not found.unknown, found.unknown


def get_tells_what_list_tells(bench: Bench, kind: Kind, verb: Verb) -> None:
    for native_id, listed in list(bench.desk.listed(kind).items())[:5]:
        assert bench.desk.found(kind, native_id, listed.region) == listed


def what_is_not_there_is_none_and_no_error(bench: Bench, kind: Kind, verb: Verb) -> None:
    some = next(iter(bench.desk.listed(kind)))
    for native_id in (some[:-4] + "0000", some[:-4]):
        assert bench.desk.found(kind, native_id) is None


def a_refused_credential_names_the_field_to_look_at(bench: Bench, kind: Kind, verb: Verb) -> None:
    key, secret = KEYS[PRODUCTION]
    for fields in ((key, "not-the-secret"), ("AKIANOSUCHKEY0000000", secret)):
        signed = driver_with(bench.sandbox, dict(zip(("access_key_id", "secret_access_key"), fields, strict=True)))
        error = refusal(lambda signed=signed: look(signed, kind, verb, bench))
        assert isinstance(error, AuthenticationFailed), error
        assert "access key ID" in error.hint
        assert "secret access key" in error.hint
        assert fields[1] not in f"{error} {error.why} {error.hint}"


def a_missing_verb_says_what_there_is(bench: Bench, kind: Kind, verb: Verb) -> None:
    for missing in set(Verb) - set(kind.calls):
        error = refusal(lambda missing=missing: bench.desk.plan(kind, missing, "x"))
        assert isinstance(error, Unsupported), error
        assert all(word in error.hint for word in kind.calls)


def each_permission_is_one_that_the_cloud_demands(bench: Bench, kind: Kind, verb: Verb) -> None:
    for action in kind.permissions[verb]:
        with bench.denied(action):
            try:
                found = look(bench.desk.driver, kind, verb, bench)
            except PermissionMissing:
                continue
        assert all(one.unknown for one in found), f"{action} is not needed to {verb}"


def no_call_needs_a_permission_that_is_not_declared(bench: Bench, kind: Kind, verb: Verb) -> None:
    native_id = next(iter(bench.desk.listed(kind)))
    bench.control.forget_calls()
    look(bench.desk.driver, kind, verb, bench, native_id)
    assert bench.called() <= set(kind.permissions[verb])


def every_page_is_read(bench: Bench, kind: Kind, verb: Verb) -> None:
    """A page of the simulator has fifty items."""
    if kind.can(Verb.CREATE):
        for number in range(55):
            make_quickly(bench, kind, number)
        assert len(bench.desk.listed(kind)) > 55
    else:
        bench.desk.listed(kind)
    (call,) = kind.steps(Verb.LIST)
    service, method = call.method.split(".")
    pages = bench.control.calls()[f"{service}:{api_name(service, method)}"]
    assert pages > 1 if kind.can(Verb.CREATE) else pages == 1


def a_page_that_fails_is_no_shorter_listing(bench: Bench, kind: Kind, verb: Verb) -> None:
    (call,) = kind.steps(Verb.LIST)
    service, method = call.method.split(".")
    for fault in ("error", "html", "null_list", "schema"):
        rule = bench.control.fault(fault, service=service, action=api_name(service, method))
        error = refusal(lambda: list(bench.desk.driver.list(kind, REGION_ASKED)))
        bench.control.clear(rule)
        assert isinstance(error, CloudError), f"{fault}: {error}"


def another_account_s_answer_is_refused(bench: Bench, kind: Kind, verb: Verb) -> None:
    """For calls whose answer says whose it is; the row names where."""
    if not any(call.owner for call in kind.steps(verb)):
        return
    native_id = next(iter(bench.desk.listed(kind)))
    bench.control.fault("wrong_account", answer_account="222222222222")
    error = refusal(lambda: look(bench.desk.driver, kind, verb, bench, native_id))
    assert isinstance(error, BadAnswer) or (error is None and verb is Verb.GET)


def another_region_s_answer_is_refused(bench: Bench, kind: Kind, verb: Verb) -> None:
    """For kinds whose answer says where it lies."""
    if "zone" not in kind.fields or verb is not Verb.LIST:
        return
    bench.control.fault("wrong_region", answer_region="eu-west-1")
    listed = list(bench.desk.driver.list(kind, REGION_ASKED))
    assert listed
    assert all(isinstance(one, Unreadable) for one in listed)


def make_quickly(bench: Bench, kind: Kind, number: int) -> None:
    """One more of this kind by the bare creating call: what is looked at here is the listing."""
    name = f"many-{number:03d}"
    given: dict[str, Any] = {**kind.example, "name": name}
    plan = bench.desk.plan(kind, Verb.CREATE, **{**given, "rules": []} if "rules" in given else given)
    step = plan.steps[0]
    arguments = {key: value for key, value in step.arguments.items() if key not in ("ClientToken", "TagSpecifications")}
    bench.desk.driver.engine.send(step.method, arguments, plan.region)


def look(driver: Any, kind: Kind, verb: Verb, bench: Bench, native_id: str = "") -> list[Found]:
    """List, or get one."""
    if verb is Verb.LIST:
        found = list(driver.list(kind, REGION_ASKED))
        assert all(isinstance(one, Found) for one in found)
        return found
    native_id = (
        native_id or bench.control.resources(kind=JUDGED_AS.get(kind.name, kind.name), account=PRODUCTION)[0]["id"]
    )
    one = driver.get(kind, REGION_ASKED, native_id)
    return [one] if one else []


def refusal(ask: Any) -> CloudError | None:
    """The error that this ends with; None when it works."""
    try:
        ask()
    except CloudError as error:
        return error
    return None


CHECKS = (
    a_listing_has_every_resource_and_no_other,
    every_listed_state_is_known,
    get_tells_what_list_tells,
    what_is_not_there_is_none_and_no_error,
    a_missing_verb_says_what_there_is,
    every_page_is_read,
    a_page_that_fails_is_no_shorter_listing,
)
CHECKS_PER_VERB = (
    a_refused_credential_names_the_field_to_look_at,
    each_permission_is_one_that_the_cloud_demands,
    no_call_needs_a_permission_that_is_not_declared,
    another_account_s_answer_is_refused,
    another_region_s_answer_is_refused,
)


def cases() -> list[tuple[Any, Kind, Verb]]:
    """Every check of every kind that looks, in a stable order."""
    kinds = cloud("aws").kinds
    return [(check, kind, Verb.LIST) for check in CHECKS for kind in kinds] + [
        (check, kind, verb) for check in CHECKS_PER_VERB for kind in kinds for verb in (Verb.LIST, Verb.GET)
    ]
