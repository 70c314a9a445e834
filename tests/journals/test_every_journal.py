"""What every journal promises, asked of each: memory, files, database."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from providers.journal import INTENDED, AuditEntry, Journal, Operation, OperationState
from tests.journals.made import PLAN, approved, audit_entry, planned
from tests.journals.stores import ON_DISK, Store
from vocabulary.errors import AuditUnavailable, Conflict, LeaseLost, NotFound


class TestClaims:
    def test_of_two_workers_one_gets_it(self, store: Store) -> None:
        operation = approved(store.open())
        assert store.open().claim(operation.id, "first", 60) is not None
        assert store.open().claim(operation.id, "second", 60) is None

    def test_every_claim_raises_the_fence(self, store: Store) -> None:
        journal = store.open()
        operation = approved(journal)
        first = journal.claim(operation.id, "first", 0)
        second = store.open().claim(operation.id, "second", 60)
        assert first is not None
        assert second is not None
        assert second.fence == first.fence + 1
        assert second.worker == "second"

    @pytest.mark.parametrize("state", [OperationState.PLANNED, OperationState.NEEDS_HUMAN, OperationState.CANCELLED])
    def test_what_waits_for_no_worker_is_not_claimed(self, journal: Journal, state: OperationState) -> None:
        operation = planned(journal)
        if state is not OperationState.PLANNED:
            journal.decide(replace(operation, state=state), (OperationState.PLANNED,), audit_entry())
        assert journal.claim(operation.id, "worker", 60) is None

    def test_what_is_not_due_is_not_claimed(self, journal: Journal) -> None:
        operation = approved(journal, not_before=journal.now() + timedelta(minutes=5))
        assert journal.claim(operation.id, "worker", 60) is None

    def test_a_released_operation_can_be_claimed_at_once(self, store: Store) -> None:
        operation = approved(store.open())
        claimed = store.open().claim(operation.id, "first", 60)
        assert claimed is not None
        with pytest.raises(LeaseLost):
            store.open().save(replace(claimed, fence=claimed.fence - 1))
        again = store.open()
        again.save(replace(claimed, worker="", lease_until=None))
        assert again.claim(operation.id, "second", 60) is not None


class TestLeases:
    def test_a_save_under_an_old_fence_is_refused_and_changes_nothing(self, journal: Journal) -> None:
        operation = approved(journal)
        slow = journal.claim(operation.id, "slow", 0)
        quick = journal.claim(operation.id, "quick", 60)
        assert slow is not None
        assert quick is not None
        with pytest.raises(LeaseLost):
            journal.save(replace(slow, note="from the past"), audit_entry("late"), "late")
        assert journal.load(operation.id).note == ""
        assert "late" not in [text for _, text in journal.events(operation.id)]

    def test_a_lease_that_has_run_out_is_not_held_and_not_saved_under(self, journal: Journal) -> None:
        operation = approved(journal)
        asleep = journal.claim(operation.id, "asleep", 0)
        assert asleep is not None
        with pytest.raises(LeaseLost):
            journal.hold(asleep, 60)
        with pytest.raises(LeaseLost):
            journal.save(asleep)

    def test_holding_keeps_others_out(self, store: Store) -> None:
        journal = store.open()
        operation = approved(journal)
        claimed = journal.claim(operation.id, "worker", 60)
        assert claimed is not None
        journal.hold(claimed, 120)
        assert store.open().claim(operation.id, "other", 60) is None
        left = journal.load(operation.id).lease_until
        assert left is not None
        assert left - journal.now() > timedelta(seconds=100)

    def test_a_save_keeps_the_lease_that_hold_lengthened(self, journal: Journal) -> None:
        operation = approved(journal)
        claimed = journal.claim(operation.id, "worker", 10)
        assert claimed is not None
        journal.hold(claimed, 600)
        journal.save(replace(claimed, note="on the way"))
        left = journal.load(operation.id).lease_until
        assert left is not None
        assert left - journal.now() > timedelta(seconds=300)


class TestDecisions:
    def test_of_two_people_one_decides_and_the_other_is_told(self, store: Store) -> None:
        seen = planned(store.open())
        approval = replace(seen, state=OperationState.APPROVED, approved_by="ben")
        cancellation = replace(seen, state=OperationState.CANCELLED)
        store.open().decide(approval, (OperationState.PLANNED,), audit_entry("approve"))
        with pytest.raises(Conflict, match="approved already"):
            store.open().decide(cancellation, (OperationState.PLANNED,), audit_entry("cancel"))
        assert store.open().load(seen.id).state is OperationState.APPROVED
        assert [record["action"] for record in store.audit()] == ["plan", "approve"]

    def test_a_worker_that_had_claimed_what_is_called_off_has_lost_it(self, journal: Journal) -> None:
        operation = approved(journal)
        claimed = journal.claim(operation.id, "worker", 60)
        assert claimed is not None
        called_off = replace(operation, state=OperationState.CANCELLED)
        journal.decide(called_off, (OperationState.PLANNED, OperationState.APPROVED), audit_entry("cancel"))
        with pytest.raises(LeaseLost):
            journal.save(replace(claimed, state=OperationState.RUNNING, phase=INTENDED), audit_entry("call"))
        with pytest.raises(LeaseLost):
            journal.hold(claimed, 60)
        assert journal.load(operation.id).state is OperationState.CANCELLED


class TestTheQueue:
    def test_the_longest_waiting_comes_first_and_what_is_not_due_not_at_all(self, journal: Journal) -> None:
        now = journal.now()
        late = approved(journal, not_before=now - timedelta(seconds=5))
        early = approved(journal, not_before=now - timedelta(seconds=50))
        approved(journal, not_before=now + timedelta(minutes=5))
        planned(journal)
        assert journal.due(10) == [early.id, late.id]
        assert journal.due(1) == [early.id]

    def test_what_a_living_worker_has_is_not_due(self, store: Store) -> None:
        journal = store.open()
        operation = approved(journal)
        assert journal.claim(operation.id, "worker", 60) is not None
        assert store.open().due(10) == []

    def test_what_has_ended_is_not_due_and_can_still_be_read(self, journal: Journal) -> None:
        operation = approved(journal)
        claimed = journal.claim(operation.id, "worker", 60)
        assert claimed is not None
        journal.save(replace(claimed, state=OperationState.SUCCEEDED, worker="", lease_until=None), None, "Ended")
        assert journal.due(10) == []
        assert journal.load(operation.id).state is OperationState.SUCCEEDED
        assert journal.events(operation.id)[-1][1] == "Ended"

    def test_a_moment_that_a_clock_wrote_before_it_was_set_back_holds_nothing_up(self, store: Store) -> None:
        journal = store.open()
        operation = approved(journal, not_before=journal.now() + timedelta(days=1))
        assert journal.due(10) == [operation.id]
        assert journal.claim(operation.id, "before", 24 * 3600) is not None
        assert store.open().claim(operation.id, "after", 60) is not None


class TestMemory:
    def test_an_operation_comes_back_as_it_went_in(self, store: Store) -> None:
        operation = approved(store.open())
        claimed = store.open().claim(operation.id, "worker", 60)
        assert claimed is not None
        writer = store.open()
        moment = writer.now()
        full = replace(
            claimed,
            state=OperationState.UNCERTAIN,
            step=0,
            phase=INTENDED,
            intended_at=moment,
            phase_at=moment,
            known={"id": "i-2", "name": "ü\u202e\U0001f600"},
            attempts=3,
            error={"type": "RateLimited", "why": "too often"},
            note="look at it",
            not_before=moment,
        )
        writer.save(full)
        back = store.open().load(operation.id)
        assert replace(back, lease_until=None) == replace(full, lease_until=None)
        assert back.plan.hash == operation.plan_hash == PLAN.hash

    def test_an_operation_is_plain_json(self, journal: Journal) -> None:
        operation = approved(journal)
        text = json.dumps(operation.as_dict())
        assert Operation.from_dict(json.loads(text)) == operation
        assert Operation.from_dict({**json.loads(text), "from a later version": 1}) == operation

    def test_the_lines_of_progress_come_in_order(self, journal: Journal) -> None:
        operation = approved(journal)
        claimed = journal.claim(operation.id, "worker", 60)
        assert claimed is not None
        for text in ("one", "two", "", "three"):
            journal.save(claimed, None, text)
        lines = journal.events(operation.id)
        assert [text for _, text in lines][-3:] == ["one", "two", "three"]
        assert [moment for moment, _ in lines] == sorted(moment for moment, _ in lines)

    @pytest.mark.parametrize("id", ["op-aaaaaaaaaaaaaaaa", "../../etc/passwd", "", "op-a/../b"])
    def test_an_unknown_id_is_not_found(self, journal: Journal, id: str) -> None:
        with pytest.raises(NotFound):
            journal.load(id)


@pytest.mark.promise("BP-20")
class TestAudit:
    def test_a_record_is_written_with_the_state_it_belongs_to(self, store: Store) -> None:
        journal = store.open()
        operation = approved(journal)
        claimed = journal.claim(operation.id, "worker", 60)
        assert claimed is not None
        entry = audit_entry(
            "ec2.stop_instances", moment="before", operation=operation.id, token="t", detail={"a": ["ü"]}
        )
        journal.save(replace(claimed, phase=INTENDED), entry)
        (record,) = [record for record in store.audit() if record["moment"] == "before"]
        assert AuditEntry(**{name: record[name] for name in AuditEntry.__dataclass_fields__}) == entry
        assert journal.load(operation.id).phase == INTENDED

    @pytest.mark.parametrize("store", ON_DISK, indirect=True)
    def test_without_the_record_nothing_is_saved(self, store: Store) -> None:
        journal = store.open()
        operation = approved(journal)
        claimed = journal.claim(operation.id, "worker", 60)
        assert claimed is not None
        before = store.audit()
        with store.broken(), pytest.raises(AuditUnavailable):
            journal.save(replace(claimed, phase=INTENDED), audit_entry("ec2.stop_instances", moment="before"), "sent")
        assert store.audit() == before
        assert journal.load(operation.id).phase == ""
        assert "sent" not in [text for _, text in journal.events(operation.id)]

    @pytest.mark.parametrize("store", ON_DISK, indirect=True)
    def test_without_the_record_nothing_is_planned_and_nothing_decided(self, store: Store) -> None:
        journal = store.open()
        operation = planned(journal)
        approval = replace(operation, state=OperationState.APPROVED)
        with store.broken():
            with pytest.raises(AuditUnavailable):
                planned(journal)
            with pytest.raises(AuditUnavailable):
                journal.decide(approval, (OperationState.PLANNED,), audit_entry("approve"))
        assert journal.load(operation.id).state is OperationState.PLANNED
        assert len(store.audit()) == 1
