"""Wake-ups to read accounts. They carry an id; what is to be read stands in the database."""

from celery import shared_task

from resources import work


@shared_task(name="resources.read_account")
def read_account(account_id: int) -> None:
    """Reads what is due of one account."""
    work.read_account(account_id)


@shared_task(name="resources.read_due")
def read_due() -> None:
    """Wakes a reader for each account of which something is due."""
    for account_id in work.accounts_due():
        read_account.delay(account_id)
