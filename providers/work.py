"""What a worker does with operations: connect, check the rights again, carry out, and tell the rooms above."""

import os
from functools import cache
from socket import gethostname
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.module_loading import import_string

from access import rights
from providers import vault_store
from providers.connect import driver_for
from providers.db_journal import DatabaseJournal
from providers.drivers.driver import Driver
from providers.drivers.kind import Found
from providers.journal import Operation
from providers.models import Account, OperationRow
from providers.operations import Operations, Surroundings
from vocabulary.errors import NotAllowed


def engine(requested_by: Any = None) -> Operations:
    """The operation engine over the database."""
    around = Surroundings(connect=_connect, authorize=_authorize, reveal=vault_store.reveal, observe=_observe)
    return Operations(DatabaseJournal(requested_by), around, worker=f"{gethostname()}:{os.getpid()}")


def advance_all_due(first: str = "") -> int:
    """Carry out the named operation and whatever else is due."""
    return engine().advance_all_due(first)


def account_of(operation: Operation) -> Account:
    """The account an operation is about."""
    provider, _, native_id = operation.plan.account.partition("/")
    return Account.objects.select_related("team").get(provider=provider, native_id=native_id)


def _connect(operation: Operation) -> Driver:
    return driver_for(account_of(operation), operation.plan.region)


def _authorize(operation: Operation) -> None:
    """The rights of this moment, not of the moment of approval: a queue message is not an authority."""
    account = account_of(operation)
    if account.mode != Account.Mode.MANAGE:
        raise NotAllowed(
            str(account),
            operation.plan.title,
            "the account is in observe mode",
            "An admin can switch it to manage under Accounts.",
        )
    user = get_user_model().objects.filter(username=operation.approved_by or operation.actor).first()
    rights.require(user, "approve", account.team)
    for guard in _hooks(tuple(settings.OPERATION_GUARDS)):
        guard(operation)


def _observe(operation: Operation, found: Found | None) -> None:
    for observer in _hooks(tuple(settings.OPERATION_OBSERVERS)):
        observer(operation, found)


@cache
def _hooks(paths: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(import_string(path) for path in paths)
