"""Finding out: what became of a call, whether a resource has arrived, and whether a plan still fits. Looks, never
changes.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from providers.drivers.asking import asked, known_of
from providers.drivers.driver import Driver
from providers.drivers.kind import Call, FindAgain, Found, search
from providers.drivers.template import resolve
from providers.journal import Operation
from vocabulary.errors import CloudError, Conflict, NameTaken, NotFound, PlanChanged
from vocabulary.words import State, Verb

#: States on the way to the one that a step waits for.
TOWARDS = {
    State.STOPPED: (State.STOPPING,),
    State.RUNNING: (State.PENDING, State.STARTING),
    State.AVAILABLE: (State.PENDING, State.UPDATING),
    State.GONE: (State.DELETING,),
}

#: What a plan expects beside the values of facts.
NOT_FACTS = ("state", "tags", "absent", "every_tag", "unasked")

#: However fast a simulated cloud's time runs, its answers still need this long.
SHORTEST_WINDOW_SECONDS = 2.0
SHORTEST_PATIENCE_SECONDS = 60.0
SHORTEST_POLL_SECONDS = 0.1


class Lookup(Enum):
    """What a look-up found out."""

    DONE = auto()
    NOT_DONE = auto()
    UNDECIDED = auto()


@dataclass(frozen=True)
class Looked:
    """The result of a look-up. `answer` holds the id of what was found; `again_at` says when to look once more."""

    outcome: Lookup
    answer: Any = None
    again_at: datetime | None = None


@dataclass(frozen=True)
class Progress:
    """Whether the resource has arrived where the step says; if not, when to look again, or why it never will.

    `found` is what the cloud showed (None: nothing), if `looked`.
    """

    arrived: bool
    text: str = ""
    again_at: datetime | None = None
    failure: CloudError | None = None
    stuck: str = ""
    looked: bool = False
    found: Found | None = None


def call_of(operation: Operation, driver: Driver) -> Call:
    """The table's Call behind the present step."""
    step = operation.plan.steps[operation.step]
    call = driver.cloud.kind(operation.plan.kind).steps(operation.verb)[step.call]
    if operation.backwards:
        assert call.back is not None
        return call.back
    return call


def arrival(call: Call, answer: Any) -> str:
    """The id of what the call created, if its row says where the answer has it."""
    if isinstance(answer, str):
        return answer
    made = search(call.result, answer) if call.result and answer else None
    return made if isinstance(made, str) else ""


def look_up(operation: Operation, driver: Driver, now: datetime) -> Looked:
    """What became of the present step's call, which may or may not have been sent.

    By marker and trail, "not found" counts only after the time the cloud may take to show it; until then the answer is
    UNDECIDED. A call known by its effect may be repeated when the effect is not there.
    """
    call = call_of(operation, driver)
    find, region = call.find, operation.plan.region
    if find.by in ("marker", "trail"):
        assert find.call is not None
        assert operation.intended_at is not None
        since = operation.intended_at - timedelta(minutes=5)
        found = driver.find(find.call, {"token": operation.token, "since": since, "id": operation.native_id}, region)
        hits = [item for item in found if _is_ours(find, operation, item)]
        if hits:
            made: Any = hits[0]
            return Looked(Lookup.DONE, answer=made if find.by == "marker" and isinstance(made, str) else {})
        return _not_yet(operation, driver, find.within_seconds, now)
    if find.by == "name":
        kind = driver.cloud.kind(operation.plan.kind)
        return Looked(Lookup.DONE if driver.get(kind, region, operation.native_id) else Lookup.NOT_DONE, answer={})
    return Looked(Lookup.DONE if _effect_is_there(operation, driver, call) else Lookup.NOT_DONE, answer={})


def verified(operation: Operation, driver: Driver, now: datetime) -> Progress:
    """How far the resource is, after the present step's call was carried out."""
    call, kind = call_of(operation, driver), driver.cloud.kind(operation.plan.kind)
    step = operation.current
    assert step is not None
    if not step.until and call.holds is None:
        return Progress(True)
    found = driver.get(kind, operation.plan.region, operation.native_id)
    wanted = tuple(State(word) for word in step.until)
    if _arrived(operation, call, found, wanted):
        return Progress(True, looked=True, found=found)
    waited = now - (operation.phase_at or now)
    lost = _failure(operation, driver, found, wanted, waited)
    if lost:
        return Progress(False, failure=lost)
    if waited > timedelta(seconds=max(kind.patience_seconds * driver.tempo, SHORTEST_PATIENCE_SECONDS)):
        return Progress(False, stuck=f"{operation.plan.name} is still {found.state if found else 'not listed'}")
    poll = timedelta(seconds=max(kind.poll_seconds * driver.tempo, SHORTEST_POLL_SECONDS))
    return Progress(False, text=f"Now {found.state if found else 'not listed yet'}", again_at=now + poll)


def plan_still_holds(operation: Operation, driver: Driver) -> None:
    """Raise PlanChanged when what the plan rests on is no longer so. Nothing has been sent yet."""
    plan, kind = operation.plan, driver.cloud.kind(operation.plan.kind)
    if operation.verb is Verb.CREATE:
        if plan.expects.get("absent") and driver.get(kind, plan.region, plan.native_id):
            raise NameTaken(plan.account, "create", f"{plan.name} is there already", "Choose another name.")
        return
    found = driver.get(kind, plan.region, plan.native_id)
    if found is None and operation.verb is Verb.DELETE:
        return
    if found is None:
        raise NotFound(plan.account, plan.title, f"{plan.name} is not there any more", "Read the account again.")
    if plan.expects.get("unasked"):
        asked(driver, kind, operation.verb, known_of(driver, plan.region, plan.parameters, found))
    allowed = kind.allowed_from.get(operation.verb)
    moved = allowed and found.state not in allowed
    if moved or _facts_differ(plan.expects, found):
        raise PlanChanged(
            plan.account,
            plan.title,
            f"{plan.name} has changed since the plan was made (now {found.state})",
            "Make a new plan.",
        )


def _facts_differ(expects: Any, found: Found) -> bool:
    facts = {"name": found.name, **found.attributes}
    tags = expects.get("tags") or {}
    if any(found.tags.get(key) != value for key, value in tags.items()):
        return True
    if "every_tag" in expects and dict(found.tags) != expects["every_tag"]:
        return True
    return any(facts.get(name) != value for name, value in expects.items() if name not in NOT_FACTS)


def _is_ours(find: FindAgain, operation: Operation, item: Any) -> bool:
    step = operation.current
    assert step is not None
    if find.by == "trail":
        return _names_us(item, operation.token)
    return find.matches is None or find.matches(step.arguments, item)


def _names_us(event: Any, token: str) -> bool:
    if not isinstance(event, str):
        return False
    try:
        agent = json.loads(event).get("userAgent", "")
    except (ValueError, AttributeError):
        return False
    return f"op/{token}" in str(agent).strip("[]").split()


def _not_yet(operation: Operation, driver: Driver, within_seconds: float, now: datetime) -> Looked:
    assert operation.intended_at is not None
    window = timedelta(seconds=max(within_seconds * driver.tempo, SHORTEST_WINDOW_SECONDS))
    if now - operation.intended_at >= window:
        return Looked(Lookup.NOT_DONE)
    return Looked(Lookup.UNDECIDED, again_at=min(now + window / 5, operation.intended_at + window))


def _effect_is_there(operation: Operation, driver: Driver, call: Call) -> bool:
    found = driver.get(driver.cloud.kind(operation.plan.kind), operation.plan.region, operation.native_id)
    step = operation.current
    assert step is not None
    wanted = tuple(State(word) for word in step.until)
    if call.holds is None and not wanted:
        return False
    if found is not None and any(found.state in TOWARDS.get(state, ()) for state in wanted):
        return True
    return _arrived(operation, call, found, wanted)


def _arrived(operation: Operation, call: Call, found: Found | None, wanted: tuple[State, ...]) -> bool:
    if found is None:
        return State.GONE in wanted
    if call.holds is not None:
        step = operation.current
        assert step is not None
        known = {**operation.known, "id": operation.native_id, "token": operation.token}
        if not call.holds(resolve(step.arguments, known, lambda reference: reference), found):
            return False
    return not wanted or found.state in wanted


def _failure(
    operation: Operation, driver: Driver, found: Found | None, wanted: tuple[State, ...], waited: timedelta
) -> CloudError | None:
    """Why the resource will never arrive: the cloud gave up on it, or it vanished."""
    plan = operation.plan
    if found is not None and found.state is State.FAILED:
        reason = found.attributes.get("state_reason") or found.native_state
        return Conflict(plan.account, plan.title, f"the cloud gave up: {reason}", "Its remains can be deleted.")
    window = timedelta(seconds=max(60.0 * driver.tempo, SHORTEST_WINDOW_SECONDS))
    if found is None and State.GONE not in wanted and waited > window:
        return Conflict(plan.account, plan.title, f"{operation.native_id} was accepted and is not there any more")
    return None
