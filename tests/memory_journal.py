"""A journal in memory, whose clock a test moves: nothing sleeps, and every wait is over at once."""

from datetime import UTC, datetime, timedelta

from providers import memory_journal


class MemoryJournal(memory_journal.MemoryJournal):
    """The product's, with a clock that can skip."""

    def __init__(self) -> None:
        super().__init__(lambda: datetime.now(UTC) + self.skipped)
        self.skipped = timedelta()

    def skip_to(self, moment: datetime) -> None:
        """Let the time until this moment pass."""
        self.skipped += max(moment - self.now(), timedelta())
