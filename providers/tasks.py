"""The names a queue ever holds. Messages carry an id and are wake-ups: losing one loses nothing, doubling one does nothing twice."""

from celery import shared_task

from providers import work


@shared_task(name="operations.wake")
def wake(operation_id: str) -> None:
    """One wake-up drains what it can."""
    work.advance_all_due(first=operation_id)


@shared_task(name="operations.sweep")
def sweep() -> None:
    """Wakes what waits: operations whose worker died, whose message was lost, or whose time has come."""
    work.advance_all_due()
