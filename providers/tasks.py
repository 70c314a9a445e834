"""The names a queue ever holds. Messages carry an id and are wake-ups: losing one loses nothing, doubling one does
nothing twice."""

from datetime import timedelta

from celery import current_app, shared_task
from django.utils import timezone

from providers import credential_work, doctor_work, vault_store, work

#: The room above reads an account under this name. What is lost here is read a little later: it is due anyway.
READ_ACCOUNT = "resources.read_account"
KEEP_SECRETS_OF_PLANS = timedelta(days=1)


@shared_task(name="operations.wake")
def wake(operation_id: str) -> None:
    """One wake-up drains what it can."""
    work.advance_all_due(first=operation_id)


@shared_task(name="operations.sweep")
def sweep() -> None:
    """Wakes what waits: operations whose worker died, whose message was lost, or whose time has come."""
    work.advance_all_due()


@shared_task(name="credentials.check")
def check_credential(credential_id: int) -> None:
    """Sign in with a credential, find its account, and have what is in it read."""
    account = credential_work.check(credential_id)
    if account is not None:
        current_app.send_task(READ_ACCOUNT, [account.pk])
        work.advance_all_due()


@shared_task(name="credentials.check_due")
def check_due() -> None:
    """Checks credentials whose wake-up was lost, and each of them once a day."""
    for credential_id in credential_work.due():
        check_credential.delay(credential_id)


@shared_task(name="accounts.examine")
def examine_account(account_id: int) -> None:
    """Find out what an account's sign-in may do, and what is missing."""
    doctor_work.examine(account_id)


@shared_task(name="vault.tidy")
def tidy() -> None:
    """Forgets secrets that were given for plans, once nothing can need them."""
    vault_store.forget_plans_before(timezone.now() - KEEP_SECRETS_OF_PLANS)
