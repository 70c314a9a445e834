"""Asking again: only while looking, as often as said, and never before the cloud's own Retry-After."""

import pytest
import tenacity.nap

from providers.drivers.retry import ATTEMPTS, LONGEST_WAIT_SECONDS, backoff_seconds, reading
from vocabulary.errors import AuthenticationFailed, BadAnswer, CircuitOpen, CloudError, ProviderDown, RateLimited


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every wait, which is over at once."""
    waited: list[float] = []
    monkeypatch.setattr(tenacity.nap.time, "sleep", waited.append)
    return waited


class Failing:
    """Fails with these errors, one at a time, and then answers."""

    def __init__(self, *errors: CloudError) -> None:
        self.errors, self.asked = list(errors), 0

    def __call__(self) -> str:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def throttled(seconds: float | None = None) -> RateLimited:
    return RateLimited("aws/test", "ec2.describe_instances", "slow down", retry_after_seconds=seconds)


def test_the_cloud_s_retry_after_is_waited_for_exactly(waits: list[float]) -> None:
    ask = Failing(throttled(7.0), throttled(0.0), throttled(3.5))
    assert reading(ask) == "answer"
    assert waits == [7.0, 0.0, 3.5]


def test_without_it_the_waits_are_jittered_and_grow_no_longer_than_the_longest(waits: list[float]) -> None:
    assert reading(Failing(*(throttled() for _ in range(ATTEMPTS - 1)))) == "answer"
    assert all(0 <= wait <= LONGEST_WAIT_SECONDS for wait in waits)
    assert len(waits) == ATTEMPTS - 1


def test_after_the_last_attempt_the_error_itself_comes_out(waits: list[float]) -> None:
    ask = Failing(*(throttled(1.0) for _ in range(50)))
    with pytest.raises(RateLimited, match="slow down"):
        reading(ask)
    assert ask.asked == ATTEMPTS


@pytest.mark.parametrize("kind", [AuthenticationFailed, CircuitOpen])
def test_what_asking_again_cannot_mend_is_asked_once(kind: type[CloudError], waits: list[float]) -> None:
    ask = Failing(kind("aws/test", "call", "no"))
    with pytest.raises(kind):
        reading(ask)
    assert ask.asked == 1
    assert waits == []


@pytest.mark.parametrize("kind", [ProviderDown, BadAnswer])
def test_what_may_pass_by_itself_is_asked_again(kind: type[CloudError], waits: list[float]) -> None:
    assert reading(Failing(kind("aws/test", "call", "broken"))) == "answer"
    assert len(waits) == 1


def test_a_wait_in_a_journal_honours_retry_after_and_grows_to_five_minutes() -> None:
    assert backoff_seconds(throttled(40.0), attempt=1) == 40.0
    assert [backoff_seconds(throttled(), attempt) for attempt in (1, 2, 3, 20)] == [2.0, 4.0, 8.0, 300.0]
    assert backoff_seconds(throttled(), attempt=3, tempo=0.5) == 4.0
