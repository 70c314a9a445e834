"""Simulated time: real time plus an offset, and durations that a speed shortens."""

import time
from datetime import UTC, datetime


class Clock:
    """`speed` divides every simulated duration (a stop of 30 s takes 1.5 s at speed 20). Moments stay real, so that
    what a cloud says about when something happened agrees with the caller's clock.
    """

    def __init__(self, speed: float = 20.0, offset: float = 0.0) -> None:
        self.speed, self.offset = speed, offset

    def now(self) -> float:
        """Seconds since the epoch, by which states fall due."""
        return time.time() + self.offset

    def after(self, seconds: float) -> float:
        """The moment at which something begun now, that takes `seconds` at a real cloud, is over."""
        return self.now() + seconds / self.speed

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self.offset += seconds


def moment(seconds: float | None = None) -> str:
    """A moment as the vendor writes it: 2026-11-24T10:00:00.000Z. Without an argument: now."""
    seconds = time.time() if seconds is None else seconds
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(seconds % 1 * 1000):03d}Z"


def epoch(text: str) -> float:
    """The seconds since the epoch of a moment written by `moment`."""
    return datetime.fromisoformat(text).timestamp()
