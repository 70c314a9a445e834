"""The one policy of asking again: exponential waits with full jitter, honouring what the cloud asked for.

It is used only for calls that look. A changing call is never repeated here: the operation engine looks its result up
first.
"""

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from vocabulary.errors import CircuitOpen, CloudError

Answer = TypeVar("Answer")

ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 20.0
#: A cloud that asks for a longer wait is asked again after an hour.
LONGEST_BACKOFF_SECONDS = 3600.0


def backoff_seconds(error: CloudError, attempt: int, tempo: float = 1.0) -> float:
    """How long to wait before attempt number `attempt` + 1, for a wait that is a row in a journal and not a sleep."""
    if error.retry_after_seconds is not None:
        return min(error.retry_after_seconds, LONGEST_BACKOFF_SECONDS)
    return float(min(300.0, 2.0**attempt) * tempo)


def reading(ask: Callable[[], Answer], tempo: float = 1.0) -> Answer:
    """The answer of a call that only looks, asked up to five times while its error may pass by itself."""
    jitter = wait_random_exponential(multiplier=0.5 * tempo, max=LONGEST_WAIT_SECONDS)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_seconds if isinstance(error, CloudError) else None
        return min(asked, LONGEST_WAIT_SECONDS) if asked is not None else jitter(state)

    retrying = Retrying(retry=retry_if_exception(_may_pass), stop=stop_after_attempt(ATTEMPTS), wait=wait, reraise=True)
    return retrying(ask)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, CloudError) and error.retryable and not isinstance(error, CircuitOpen)
