"""The engine's promises, over the journals whose clock a test can move, with a scripted network below."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from providers.audit_file import check_chain
from providers.drivers.planning import make_plan
from providers.file_journal import FileJournal
from providers.journal import Journal, Operation, OperationState
from providers.memory_journal import MemoryJournal
from providers.operations import Operations
from providers.surroundings import Surroundings
from tests.journals.scripted import (
    ACCOUNT,
    MACHINE,
    REGION,
    WINDOW_SECONDS,
    Clock,
    Fault,
    ScriptedEngine,
    driver_of,
    unsent,
)
from tests.journals.stores import File, full_disk
from vocabulary.errors import (
    Conflict,
    CredentialExpired,
    NotAllowed,
    PermissionMissing,
    PlanChanged,
    ProviderDown,
    QuotaReached,
    RateLimited,
    VaultError,
)
from vocabulary.words import Verb


class Desk:
    """A journal, a clock, a cloud, and the engine over them."""

    def __init__(self, journal: Journal, clock: Clock, audit: Callable[[], list[dict[str, Any]]]) -> None:
        self.journal, self.clock, self.audit = journal, clock, audit
        self.cloud = ScriptedEngine()
        self.driver = driver_of(self.cloud)
        self.around = Surroundings(connect=lambda operation: self.driver, reveal=lambda reference: "secret")
        self.engine = Operations(journal, self.around, "first")

    def planned(self, verb: Verb, native_id: str = "", **parameters: Any) -> Operation:
        plan = make_plan(
            self.driver,
            MACHINE,
            verb,
            REGION,
            account=f"aws/{ACCOUNT}",
            native_id=native_id,
            parameters=parameters,
            hide=lambda name, value: f"vault/{name}",
        )
        return self.engine.propose(plan, "anna")

    def approved(self, verb: Verb, native_id: str = "", **parameters: Any) -> Operation:
        operation = self.planned(verb, native_id, **parameters)
        return self.engine.approve(operation.id, operation.plan_hash, "ben")

    def state(self, operation: Operation) -> OperationState:
        return self.journal.load(operation.id).state

    def to_the_end(self, operation: Operation, most: int = 60) -> Operation:
        """Advance, letting the time pass that each wait asks for."""
        for _ in range(most):
            now = self.journal.load(operation.id)
            if now.state.closed or now.state is OperationState.NEEDS_HUMAN:
                return now
            if now.not_before and now.not_before > self.clock():
                self.clock.moment = now.not_before
            self.engine.advance(operation.id)
        raise AssertionError(f"still {self.state(operation)}: {self.journal.events(operation.id)[-3:]}")


@pytest.fixture(params=["memory", "file"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    clock = Clock()
    if request.param == "memory":
        memory = MemoryJournal(clock)
        yield Desk(memory, clock, lambda: [entry.as_dict() for entry in memory.audit])
        return
    file = File(tmp_path)
    yield Desk(FileJournal(file.folder, clock), clock, lambda: [dict(record) for record in file.audit()])
    assert check_chain(file.folder / "audit.jsonl") == []


class TestRefusals:
    @pytest.mark.parametrize("error", [QuotaReached, PermissionMissing, Conflict])
    def test_a_refused_first_call_fails_and_changes_nothing(self, desk: Desk, error: type[Conflict]) -> None:
        native_id = desk.cloud.add()
        desk.cloud.faults["x.stop"].append(unsent(error))
        ended = desk.to_the_end(desk.approved(Verb.STOP, native_id))
        assert (ended.state, ended.note) == ("failed", "Nothing was changed.")
        assert ended.error is not None
        assert (ended.error["type"], ended.error["hint"]) == (error.__name__, "A hint.")
        assert desk.cloud.things[native_id]["State"] == "running"
        assert desk.cloud.sent == []

    def test_asked_too_often_it_waits_as_long_as_the_cloud_says_and_goes_on(self, desk: Desk) -> None:
        operation = desk.approved(Verb.STOP, desk.cloud.add())
        desk.cloud.faults["x.stop"].append(unsent(RateLimited, retry_after_seconds=37))
        waiting = desk.engine.advance(operation.id)
        assert waiting is not None
        assert waiting.state is OperationState.QUEUED
        assert waiting.not_before is not None
        assert (waiting.not_before - desk.clock()).total_seconds() == 37
        desk.clock.pass_(36)
        assert desk.engine.advance(operation.id) is None
        assert desk.to_the_end(operation).state is OperationState.SUCCEEDED
        assert len(desk.cloud.sent) == 1

    def test_a_later_step_that_is_refused_takes_the_earlier_ones_back(self, desk: Desk) -> None:
        native_id = desk.cloud.add()
        desk.cloud.faults["x.resize"].append(unsent(QuotaReached))
        ended = desk.to_the_end(desk.approved(Verb.RESIZE, native_id, size="large"))
        assert ended.state is OperationState.FAILED
        assert ended.error is not None
        assert ended.error["type"] == "QuotaReached"
        assert [method for method, _ in desk.cloud.sent] == ["x.stop", "x.start"]
        assert desk.cloud.things[native_id] | {"State": "running", "Size": "small"} == desk.cloud.things[native_id]

    def test_taking_back_that_is_refused_needs_a_person_and_says_what_to_look_at(self, desk: Desk) -> None:
        native_id = desk.cloud.add()
        desk.cloud.faults["x.resize"].append(unsent(QuotaReached))
        desk.cloud.faults["x.start"].append(unsent(Conflict))
        ended = desk.to_the_end(desk.approved(Verb.RESIZE, native_id, size="large"))
        assert ended.state is OperationState.NEEDS_HUMAN
        for part in (ACCOUNT, REGION, native_id, "x.start"):
            assert part in ended.note

    def test_a_credential_that_expires_half_way_pauses_and_the_rest_follows(self, desk: Desk) -> None:
        native_id = desk.cloud.add()
        desk.cloud.faults["x.resize"].extend(unsent(CredentialExpired) for _ in range(3))
        operation = desk.approved(Verb.RESIZE, native_id, size="large")
        desk.engine.advance(operation.id)
        assert desk.state(operation) is OperationState.QUEUED
        assert "Paused until the credential works" in desk.journal.events(operation.id)[-1][1]
        assert desk.to_the_end(operation).state is OperationState.SUCCEEDED
        assert [method for method, _ in desk.cloud.sent] == ["x.stop", "x.resize", "x.start"]

    def test_a_secret_that_cannot_be_read_ends_it_before_anything_is_sent(self, desk: Desk) -> None:
        def unreadable(reference: str) -> str:
            raise VaultError("vault", "reveal", "the key is another one", "Give the right key.")

        around = Surroundings(connect=lambda operation: desk.driver, reveal=unreadable)
        desk.engine = Operations(desk.journal, around)
        ended = desk.to_the_end(desk.approved(Verb.CREATE, name="web-1", password="hunter2"))
        assert ended.state is OperationState.FAILED
        assert ended.error is not None
        assert ended.error["type"] == "VaultError"
        assert desk.cloud.sent == []

    def test_a_right_that_is_taken_away_half_way_takes_back_what_was_done(self, desk: Desk) -> None:
        native_id = desk.cloud.add()

        def only_the_first(operation: Operation) -> None:
            if operation.step == 1 and not operation.backwards:
                raise NotAllowed("aws", "resize", "the account is in observe mode now")

        desk.engine = Operations(desk.journal, Surroundings(lambda operation: desk.driver, only_the_first))
        assert desk.to_the_end(desk.approved(Verb.RESIZE, native_id, size="large")).state is OperationState.FAILED
        assert desk.cloud.things[native_id]["State"] == "running"


class TestUncertainty:
    def test_what_may_have_been_done_is_found_and_not_done_again(self, desk: Desk) -> None:
        desk.cloud.faults["x.create"].append(Fault(ProviderDown("aws", "x.create", "the line broke"), after=True))
        operation = desk.approved(Verb.CREATE, name="web-1")
        desk.engine.advance(operation.id)
        assert desk.state(operation) is OperationState.UNCERTAIN
        ended = desk.to_the_end(operation)
        assert (ended.state, ended.native_id) == ("succeeded", "m-1")
        assert len(desk.cloud.things) == len(desk.cloud.sent) == 1

    def test_what_is_not_shown_is_sent_again_only_after_the_window_and_under_the_same_token(self, desk: Desk) -> None:
        desk.cloud.faults["x.create"].append(Fault(ProviderDown("aws", "x.create", "the line broke")))
        operation = desk.approved(Verb.CREATE, name="web-1")
        sent_at = desk.clock()
        desk.engine.advance(operation.id)
        while (desk.clock() - sent_at).total_seconds() < WINDOW_SECONDS - 1:
            desk.clock.pass_(1)
            desk.engine.advance(operation.id)
            assert desk.state(operation) is OperationState.UNCERTAIN
            assert desk.cloud.tokens == []
        ended = desk.to_the_end(operation)
        assert ended.state is OperationState.SUCCEEDED
        assert desk.cloud.tokens == [f"{operation.id}-0"]
        assert len(desk.cloud.things) == 1

    def test_what_shows_up_late_is_still_found(self, desk: Desk) -> None:
        desk.cloud.faults["x.create"].append(Fault(ProviderDown("aws", "x.create", "the line broke"), after=True))
        operation = desk.approved(Verb.CREATE, name="web-1")
        desk.engine.advance(operation.id)
        hidden = desk.cloud.things.pop("m-1")
        desk.clock.pass_(WINDOW_SECONDS / 2)
        desk.engine.advance(operation.id)
        assert desk.state(operation) is OperationState.UNCERTAIN
        desk.cloud.things["m-1"] = hidden
        assert desk.to_the_end(operation).state is OperationState.SUCCEEDED
        assert len(desk.cloud.sent) == 1

    @pytest.mark.parametrize("after", [True, False])
    def test_a_worker_that_dies_in_the_call_is_followed_by_one_that_looks_first(self, desk: Desk, after: bool) -> None:
        desk.cloud.faults["x.create"].append(Fault(KeyboardInterrupt(), after=after))
        operation = desk.approved(Verb.CREATE, name="web-1")
        with pytest.raises(KeyboardInterrupt):
            desk.engine.advance(operation.id)
        desk.engine = Operations(desk.journal, desk.around, "second")
        assert desk.engine.advance(operation.id) is None
        desk.clock.pass_(61)
        assert desk.journal.due(10) == [operation.id]
        assert desk.to_the_end(operation).state is OperationState.SUCCEEDED
        assert len(desk.cloud.things) == len(desk.cloud.sent) == 1

    def test_when_nobody_can_look_for_an_hour_a_person_is_asked_and_can_send_it_back(self, desk: Desk) -> None:
        desk.cloud.faults["x.create"].append(Fault(ProviderDown("aws", "x.create", "the line broke"), after=True))
        desk.cloud.faults["x.find"].extend(Fault(unsent(PermissionMissing).error) for _ in range(2000))
        operation = desk.approved(Verb.CREATE, name="web-1")
        asked = desk.to_the_end(operation, most=3000)
        assert asked.state is OperationState.NEEDS_HUMAN
        assert f"{operation.id}-0" in asked.note
        assert desk.engine.advance(operation.id) is None
        desk.cloud.faults.clear()
        desk.engine.look_again(operation.id, "anna")
        assert desk.to_the_end(operation).state is OperationState.SUCCEEDED
        assert len(desk.cloud.sent) == 1


class TestPlans:
    def test_what_has_changed_since_the_plan_is_refused(self, desk: Desk) -> None:
        native_id = desk.cloud.add()
        operation = desk.approved(Verb.STOP, native_id)
        desk.cloud.things[native_id]["State"] = "stopped"
        ended = desk.to_the_end(operation)
        assert ended.state is OperationState.FAILED
        assert ended.error is not None
        assert ended.error["type"] == "PlanChanged"
        assert desk.cloud.sent == []

    def test_only_the_plan_that_was_shown_can_be_approved(self, desk: Desk) -> None:
        operation = desk.planned(Verb.STOP, desk.cloud.add())
        with pytest.raises(PlanChanged):
            desk.engine.approve(operation.id, "0" * 64, "ben")
        assert desk.state(operation) is OperationState.PLANNED

    def test_a_plan_older_than_an_hour_expires(self, desk: Desk) -> None:
        operation = desk.planned(Verb.STOP, desk.cloud.add())
        desk.clock.pass_(3601)
        with pytest.raises(Conflict, match="older than an hour"):
            desk.engine.approve(operation.id, operation.plan_hash, "ben")
        assert desk.state(operation) is OperationState.EXPIRED

    def test_what_is_called_off_while_a_worker_looks_is_not_sent(self, desk: Desk) -> None:
        operation = desk.approved(Verb.STOP, desk.cloud.add())

        def call_off(method: str) -> None:
            desk.cloud.watch = lambda method: None
            desk.engine.cancel(operation.id, "anna")

        desk.cloud.watch = call_off
        assert desk.engine.advance(operation.id) is None
        assert desk.state(operation) is OperationState.CANCELLED
        assert desk.cloud.sent == []
        assert not [record for record in desk.audit() if record["moment"] == "before"]

    def test_what_has_begun_cannot_be_called_off(self, desk: Desk) -> None:
        operation = desk.approved(Verb.STOP, desk.cloud.add())
        refused: list[Conflict] = []

        def call_off(method: str) -> None:
            if method == "x.stop":
                with pytest.raises(Conflict) as error:
                    desk.engine.cancel(operation.id, "anna")
                refused.append(error.value)

        desk.cloud.watch = call_off
        assert desk.to_the_end(operation).state is OperationState.SUCCEEDED
        assert len(refused) == 1

    def test_the_way_back_is_a_plan_of_its_own(self, desk: Desk) -> None:
        native_id = desk.cloud.add()
        stopped = desk.to_the_end(desk.approved(Verb.STOP, native_id))
        back = desk.engine.undo(stopped.id, "anna")
        assert (back.state, back.undo_of, back.plan.verb) == ("planned", stopped.id, "start")
        desk.engine.approve(back.id, back.plan_hash, "anna")
        desk.to_the_end(back)
        assert desk.cloud.things[native_id]["State"] == "running"

    def test_what_has_no_way_back_is_not_undone(self, desk: Desk) -> None:
        deleted = desk.to_the_end(desk.approved(Verb.DELETE, desk.cloud.add()))
        with pytest.raises(Conflict, match="cannot be undone"):
            desk.engine.undo(deleted.id, "anna")


@pytest.mark.promise("BP-20")
class TestAudit:
    def test_the_record_before_is_written_before_the_call_leaves(self, desk: Desk) -> None:
        operation = desk.approved(Verb.RESIZE, desk.cloud.add(), size="large")
        seen: list[tuple[str, str, str]] = []

        def look(method: str) -> None:
            if method in ("x.stop", "x.resize", "x.start"):
                last = desk.audit()[-1]
                seen.append((method, last["call"], last["moment"]))

        desk.cloud.watch = look
        desk.to_the_end(operation)
        assert seen == [(method, method, "before") for method in ("x.stop", "x.resize", "x.start")]

    @pytest.mark.parametrize(
        "fault", [None, unsent(QuotaReached), Fault(ProviderDown("aws", "x", "broke"), after=True)]
    )
    def test_every_call_has_one_record_before_and_one_after(self, desk: Desk, fault: Fault | None) -> None:
        desk.cloud.faults["x.resize"].extend([fault] if fault else [])
        desk.to_the_end(desk.approved(Verb.RESIZE, desk.cloud.add(), size="large"))
        records = [record for record in desk.audit() if record["moment"] != "event"]
        pairs = list(zip(records[::2], records[1::2], strict=True))
        assert [(one["moment"], other["moment"]) for one, other in pairs] == [("before", "after")] * len(pairs)
        assert all(one["token"] == other["token"] and one["call"] for one, other in pairs)
        assert all(other["outcome"] for _, other in pairs)

    def test_when_the_record_cannot_be_written_the_call_does_not_go_out(self, tmp_path: Path) -> None:
        clock = Clock()
        desk = Desk(FileJournal(tmp_path / "operations", clock), clock, list)
        operation = desk.approved(Verb.STOP, desk.cloud.add())

        @contextmanager
        def filling_up() -> Iterator[None]:
            with full_disk():
                yield

        disk = filling_up()
        desk.cloud.watch = lambda method: disk.__enter__()
        assert desk.engine.advance(operation.id) is None
        disk.__exit__(None, None, None)
        assert type(desk.engine.stopped_by).__name__ == "AuditUnavailable"
        assert desk.cloud.sent == []
        desk.cloud.watch = lambda method: None
        assert desk.to_the_end(operation).state is OperationState.SUCCEEDED
