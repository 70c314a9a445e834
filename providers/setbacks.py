"""What to do when a call is refused, or when looking fails: wait, go back, ask a person, or end. Pure functions of an
operation.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from providers.drivers.retry import backoff_seconds
from providers.journal import INTENDED, UNBEGUN, Operation, OperationState
from vocabulary.errors import AuthenticationFailed, CloudError, PermissionMissing

MOST_ATTEMPTS = 50
PAUSE = timedelta(seconds=60)
LOOKING_ENDS = timedelta(hours=1)
PAUSE_ENDS = timedelta(hours=24)


@dataclass(frozen=True)
class Setback:
    """What follows: the operation as it is stored, a line of progress, and whether the next move may follow at once."""

    operation: Operation
    text: str
    again: bool = False


def refused(operation: Operation, error: CloudError, now: datetime, tempo: float = 1.0) -> Setback:
    """The present step's call was refused, or could not be made. Its effect is known, unless the error says `sent`."""
    told = replace(operation, error=error.as_dict())
    wait = now + timedelta(seconds=backoff_seconds(error, operation.attempts + 1, tempo))
    if error.sent and operation.phase == INTENDED:
        return Setback(
            replace(told, state=OperationState.UNCERTAIN, attempts=operation.attempts + 1, not_before=wait),
            f"{error.why}. It is not known whether the call was carried out",
        )
    undone = replace(told, phase=UNBEGUN)
    if error.retryable and operation.attempts < MOST_ATTEMPTS:
        return Setback(
            replace(undone, state=OperationState.QUEUED, attempts=operation.attempts + 1, not_before=wait),
            f"{error.why}. It is tried again",
        )
    if isinstance(error, AuthenticationFailed) and begun(operation) and not _since(operation, now, PAUSE_ENDS):
        return Setback(
            replace(undone, state=OperationState.QUEUED, not_before=now + PAUSE),
            f"Paused until the credential works: {error.why}",
        )
    return _give_up(undone, error, now)


def looking_failed(operation: Operation, error: CloudError, now: datetime, tempo: float = 1.0) -> Setback:
    """A look at the cloud failed while a call's effect, or its arrival, is still open. The call itself stays."""
    signed_out = isinstance(error, AuthenticationFailed | PermissionMissing)
    if _since(operation, now, PAUSE_ENDS if signed_out else LOOKING_ENDS):
        return needs_human(operation, error.why)
    wait = now + timedelta(seconds=backoff_seconds(error, operation.attempts + 1, tempo))
    state = OperationState.UNCERTAIN if operation.phase == INTENDED else operation.state
    return Setback(
        replace(
            operation,
            state=state,
            error=error.as_dict(),
            attempts=operation.attempts + 1,
            not_before=max(wait, now + PAUSE * tempo) if signed_out else wait,
        ),
        f"Looking failed: {error.why}. It is looked at again",
    )


def needs_human(operation: Operation, why: str) -> Setback:
    """Nobody but a person can decide what happened. The note says what to look at."""
    step = operation.current
    call = step.method if step else "the last call"
    note = (
        f"Look in account {operation.plan.account}, {operation.plan.region or 'everywhere'}: did {call} take effect "
        f"on {operation.native_id or operation.plan.name} (token {operation.token})? Then let it be looked up again."
    )
    return Setback(replace(operation, state=OperationState.NEEDS_HUMAN, note=note), f"A person must look: {why}")


def begun(operation: Operation) -> bool:
    """Whether any call of the operation has been carried out."""
    return operation.step > 0 or operation.backwards


def _give_up(operation: Operation, error: CloudError, now: datetime) -> Setback:
    if operation.backwards:
        return needs_human(operation, f"taking it back was refused: {error.why}")
    back = [number for number in range(operation.step) if operation.plan.steps[number].back is not None]
    if back:
        turned = replace(operation, backwards=True, step=back[-1], attempts=0, phase_at=now)
        return Setback(turned, f"{error.why}. What was done is taken back", again=True)
    note = f"Steps 1 to {operation.step} were carried out and stay." if operation.step else "Nothing was changed."
    return Setback(replace(operation, state=OperationState.FAILED, note=note), error.why)


def _since(operation: Operation, now: datetime, limit: timedelta) -> bool:
    began = operation.phase_at or operation.approved_at
    return began is not None and now - began > limit
