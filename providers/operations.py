"""The operation engine: plan, approve, run, verify, undo. Nothing happens unseen, and nothing happens twice.

The engine walks one operation through its steps. Around every changing call it keeps one order: the intent and the
audit record are committed, the fence is checked, the call goes out, the answer is committed. Whoever finds an intent
without an answer looks the result up at the cloud before anything is repeated. Pure: journal, clock and clouds are
handed in.
"""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

from providers.crash import reach
from providers.drivers.driver import Driver
from providers.drivers.kind import Found
from providers.drivers.planning import make_plan, undo_of
from providers.drivers.template import resolve
from providers.journal import ANSWERED, INTENDED, UNBEGUN, AuditEntry, Journal, Operation, OperationState, entry_of
from providers.outcomes import Lookup, arrival, call_of, look_up, plan_still_holds, verified
from providers.plans import Plan
from providers.setbacks import Setback, looking_failed, needs_human, refused
from providers.surroundings import Surroundings
from vocabulary.errors import AuditUnavailable, BadAnswer, CloudError, Conflict, LeaseLost, NotFound, PlanChanged
from vocabulary.ids import fresh_id

log = logging.getLogger("src.multicloud.providers.operations")

LEASE_SECONDS = 60.0
PLAN_VALID = timedelta(hours=1)
MOST_MOVES = 200


class Operations:
    """Carries operations out. `worker` names the process in leases and logs."""

    def __init__(self, journal: Journal, around: Surroundings, worker: str = "local") -> None:
        self.journal, self.around, self.worker = journal, around, worker
        #: Why the last `advance` stopped without lease or audit; None when it did not.
        self.stopped_by: CloudError | None = None

    def propose(self, plan: Plan, actor: str, undo_of: str = "") -> Operation:
        """Write a plan down. Nothing runs until the plan with this hash is approved."""
        operation = Operation(
            id=fresh_id("op"),
            plan=plan,
            plan_hash=plan.hash,
            actor=actor,
            created_at=self.journal.now(),
            undo_of=undo_of,
        )
        return self.journal.add(operation, entry_of(operation, actor, "plan"))

    def approve(self, operation_id: str, plan_hash: str, actor: str) -> Operation:
        """Let the plan with this hash run. Raises PlanChanged for another hash, Conflict when it is decided already or
        too old.
        """
        operation = self.journal.load(operation_id)
        if plan_hash != operation.plan_hash or operation.plan.hash != operation.plan_hash:
            raise PlanChanged(
                operation.plan.account, "approve", "this is not the plan that was shown", "Read the plan again."
            )
        now = self.journal.now()
        if operation.created_at and now - operation.created_at > PLAN_VALID:
            self._decide(replace(operation, state=OperationState.EXPIRED, finished_at=now), actor, "expire")
            raise Conflict(operation.plan.account, "approve", "the plan is older than an hour", "Make a new plan.")
        self.around.authorize(replace(operation, approved_by=actor))
        approved = replace(operation, state=OperationState.APPROVED, approved_by=actor, approved_at=now, not_before=now)
        return self._decide(approved, actor, "approve")

    def cancel(self, operation_id: str, actor: str) -> Operation:
        """Call off an operation that has not begun. Raises Conflict once a worker has it."""
        operation = self.journal.load(operation_id)
        ended = replace(operation, state=OperationState.CANCELLED, finished_at=self.journal.now())
        audit = entry_of(ended, actor, "cancel")
        return self.journal.decide(ended, (OperationState.PLANNED, OperationState.APPROVED), audit)

    def look_again(self, operation_id: str, actor: str) -> Operation:
        """Send an operation that needed a person back to the look-up, after the person has mended what was wrong."""
        operation = self.journal.load(operation_id)
        again = replace(operation, state=OperationState.UNCERTAIN, attempts=0, not_before=self.journal.now())
        return self.journal.decide(again, (OperationState.NEEDS_HUMAN,), entry_of(again, actor, "look again"))

    def undo(self, operation_id: str, actor: str) -> Operation:
        """Plan the way back of an operation that succeeded. It is a plan like any other, and waits for its own
        approval.
        """
        done = self.journal.load(operation_id)
        back = undo_of(done.plan)
        if done.state is not OperationState.SUCCEEDED or back is None:
            raise Conflict(
                done.plan.account, "undo", f"{done.plan.title} cannot be undone", "There is no way back for it."
            )
        driver = self.around.connect(done)
        plan = make_plan(
            driver,
            driver.cloud.kind(done.plan.kind),
            back[0],
            done.plan.region,
            account=done.plan.account,
            native_id=done.native_id,
            parameters=back[1],
            simulated=done.plan.simulated,
            public_id=done.plan.subject,
        )
        return self.propose(plan, actor, undo_of=done.id)

    def advance(self, operation_id: str) -> Operation | None:
        """Claim an operation and carry it as far as it goes without waiting. None when there was nothing to claim."""
        self.stopped_by = None
        operation = self.journal.claim(operation_id, self.worker, LEASE_SECONDS)
        if operation is None:
            return None
        reach(_subject(operation), "claimed")
        try:
            for _ in range(MOST_MOVES):
                operation, again = self._move(operation)
                if not again:
                    break
            return operation
        except (LeaseLost, AuditUnavailable) as error:
            # Without the lease it is another worker's; without the audit nothing may go out. The sweep tries again.
            self.stopped_by = error
            log.warning("operation=%s stopped: %s", operation_id, error)
            return None

    def advance_all_due(self, first: str = "", limit: int = 100) -> int:
        """Advance the named operation and then whatever else is due. Returns how many were claimed."""
        claimed = 1 if first and self.advance(first) else 0
        for operation_id in self.journal.due(limit):
            claimed += 1 if self.advance(operation_id) else 0
        return claimed

    def _move(self, operation: Operation) -> tuple[Operation, bool]:
        """One move, and whether another may follow at once."""
        tempo = 1.0
        try:
            driver = self.around.connect(operation)
            tempo = driver.tempo
            if operation.phase == INTENDED:
                return self._resolve(operation, driver)
            if operation.phase == ANSWERED:
                return self._await(operation, driver)
            if operation.current is None:
                return self._finish(operation, driver)
            self.around.authorize(operation)
            if operation.step == 0 and not operation.backwards:
                plan_still_holds(operation, driver)
        except (LeaseLost, AuditUnavailable):
            raise
        except CloudError as error:
            judge = refused if operation.phase == UNBEGUN and operation.current else looking_failed
            return self._put_off(operation, judge(operation, error, self.journal.now(), tempo))
        return self._send(operation, driver)

    def _send(self, operation: Operation, driver: Driver) -> tuple[Operation, bool]:
        step = operation.current
        assert step is not None
        known = {**operation.known, "id": operation.native_id or None, "token": operation.token}
        now = self.journal.now()
        try:
            call = call_of(operation, driver)
            arguments = resolve(step.arguments, known, self.around.reveal)
        except CloudError as error:
            # A secret that cannot be read, or a call that this version's tables do not have: nothing was sent.
            return self._put_off(operation, refused(operation, error, now, driver.tempo))
        intended = replace(operation, state=OperationState.RUNNING, phase=INTENDED, intended_at=now, phase_at=now)
        audit = entry_of(
            intended, intended.actor, f"{step.method}", "before", detail={"arguments": dict(step.arguments)}
        )
        intended = self.journal.save(intended, audit, event=step.title)
        reach(_subject(operation), "intended")
        self.journal.hold(intended, LEASE_SECONDS)
        try:
            answer = driver.send(call, arguments, operation.plan.region, operation.token)
        except NotFound as error:
            if call.gone_is_done:
                return self._answered(intended, driver, {}, f"done: {error.why}")
            return self._refuse(intended, error, driver.tempo)
        except CloudError as error:
            return self._refuse(intended, error, driver.tempo)
        reach(_subject(operation), "answered")
        if call.result and not arrival(call, answer):
            why = BadAnswer(driver.engine.who, step.method, "the answer does not say what was made")
            return self._refuse(intended, why, driver.tempo)
        return self._answered(intended, driver, answer)

    def _answered(
        self, operation: Operation, driver: Driver, answer: Any, outcome: str = "done"
    ) -> tuple[Operation, bool]:
        """The call was carried out: write it down, with the id of what it made."""
        call = call_of(operation, driver)
        known = dict(operation.known)
        made = arrival(call, answer)
        if made:
            known["id"] = made
        request_id = str(answer.get("ResponseMetadata", {}).get("RequestId", "")) if isinstance(answer, dict) else ""
        last = operation.step == len(operation.plan.steps) - 1 and not operation.backwards
        state = OperationState.VERIFYING if last else OperationState.RUNNING
        now = self.journal.now()
        recorded = replace(operation, state=state, phase=ANSWERED, phase_at=now, known=known, attempts=0)
        audit = entry_of(recorded, recorded.actor, call.method, "after", outcome, request_id=request_id)
        recorded = self.journal.save(recorded, audit)
        reach(_subject(operation), "recorded")
        return recorded, True

    def _resolve(self, operation: Operation, driver: Driver) -> tuple[Operation, bool]:
        """An intent without an answer: find out what became of it."""
        looked = look_up(operation, driver, self.journal.now())
        call = call_of(operation, driver)
        if looked.outcome is Lookup.DONE:
            # An effect that is there may also have been there before: the audit does not claim that our call brought it
            # about.
            outcome = "found in effect" if call.find.by == "effect" else "found carried out"
            return self._answered(operation, driver, looked.answer, outcome)
        if looked.outcome is Lookup.NOT_DONE:
            audit = entry_of(operation, operation.actor, call.method, "after", "found not carried out")
            again = replace(operation, phase=UNBEGUN, state=OperationState.RUNNING, attempts=operation.attempts + 1)
            return self.journal.save(again, audit, event="The call was not carried out; it is sent again"), True
        waiting = replace(operation, state=OperationState.UNCERTAIN, not_before=looked.again_at)
        return self._release(waiting, "Looking up whether the call was carried out"), False

    def _await(self, operation: Operation, driver: Driver) -> tuple[Operation, bool]:
        """The call was carried out: wait, without holding a worker, until the resource is where the step says."""
        progress = verified(operation, driver, self.journal.now())
        if progress.failure:
            setback = refused(replace(operation, phase=UNBEGUN), progress.failure, self.journal.now(), driver.tempo)
            remains = (
                f"The call was carried out; look at {operation.native_id or operation.plan.name} for what remains."
            )
            return self._put_off(operation, replace(setback, operation=replace(setback.operation, note=remains)))
        if progress.stuck:
            return self._put_off(operation, needs_human(operation, progress.stuck))
        if not progress.arrived:
            return self._release(replace(operation, not_before=progress.again_at), progress.text), False
        following = operation.step - 1 if operation.backwards else operation.step + 1
        # Steps before a taken-back one may have nothing to take back.
        while operation.backwards and following >= 0 and operation.plan.steps[following].back is None:
            following -= 1
        moved = replace(operation, step=following, phase=UNBEGUN, phase_at=self.journal.now(), attempts=0)
        if progress.looked and moved.current is None:
            # What was just seen is what remains: the operation closes on it, without another look or commit.
            return self._close_on(moved, progress.found), False
        return self.journal.save(moved), True

    def _finish(self, operation: Operation, driver: Driver) -> tuple[Operation, bool]:
        """Every step is done, or taken back, and nobody has looked yet: look at the resource, and close."""
        operation = self.journal.save(replace(operation, state=OperationState.VERIFYING))
        found = driver.get(driver.cloud.kind(operation.plan.kind), operation.plan.region, operation.native_id)
        return self._close_on(operation, found), False

    def _close_on(self, operation: Operation, found: Found | None) -> Operation:
        """Tell the inventory what the cloud showed in the end, and close."""
        state = OperationState.FAILED if operation.backwards else OperationState.SUCCEEDED
        with self.around.together():
            self.around.observe(operation, found)
            reach(_subject(operation), "verified")
            return self._close(replace(operation, error=operation.error if operation.backwards else None), state)

    def _refuse(self, operation: Operation, error: CloudError, tempo: float) -> tuple[Operation, bool]:
        """The call came back with an error: its "after" record, unless nobody knows yet what it did."""
        setback = refused(operation, error, self.journal.now(), tempo)
        if setback.operation.phase == INTENDED:
            return self._put_off(operation, setback)
        outcome, why = f"refused: {type(error).__name__}", {"why": error.why}
        audit = entry_of(
            operation, operation.actor, error.call, "after", outcome, request_id=error.request_id, detail=why
        )
        return self._put_off(operation, setback, audit)

    def _put_off(
        self, operation: Operation, setback: Setback, audit: AuditEntry | None = None
    ) -> tuple[Operation, bool]:
        """Store what a setback leads to: wait, go back, ask a person, or end."""
        after = setback.operation
        if after.state.closed:
            return self._close(after, after.state, audit, setback.text), False
        if setback.again:
            return self.journal.save(after, audit, event=setback.text), True
        return self._release(after, setback.text, audit), False

    def _release(self, operation: Operation, event: str = "", audit: AuditEntry | None = None) -> Operation:
        released = replace(operation, lease_until=None, worker="")
        return self.journal.save(released, audit, event)

    def _close(
        self, operation: Operation, state: OperationState, audit: AuditEntry | None = None, event: str = ""
    ) -> Operation:
        closed = replace(operation, state=state, finished_at=self.journal.now(), lease_until=None, worker="")
        audit_or_end = audit or entry_of(closed, closed.actor, "end", outcome=state)
        ended = self.journal.save(closed, audit_or_end, event or f"Ended: {state}")
        reach(_subject(operation), "closed")
        return ended

    def _decide(self, operation: Operation, actor: str, action: str) -> Operation:
        return self.journal.decide(operation, (OperationState.PLANNED,), entry_of(operation, actor, action))


def _subject(operation: Operation) -> str:
    return f"{operation.plan.kind}.{operation.plan.verb}"
