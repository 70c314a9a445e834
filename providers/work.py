"""What a worker does with operations: connect, check the rights again, carry out, and tell the rooms above."""

import os
from functools import cache
from socket import gethostname
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.module_loading import import_string

from access import rights
from providers import vault_store
from providers.connect import driver_for
from providers.db_journal import DatabaseJournal
from providers.drivers.driver import Driver
from providers.drivers.kind import Found
from providers.journal import UNBEGUN, Operation
from providers.models import Account
from providers.operations import Operations
from providers.surroundings import Surroundings
from vocabulary.errors import NotAllowed


def engine(requested_by: Any = None) -> Operations:
    """The operation engine over the database."""
    desk = _Desk()
    around = Surroundings(
        connect=desk.connect,
        authorize=desk.authorize,
        reveal=vault_store.reveal,
        observe=_observe,
        together=transaction.atomic,
    )
    return Operations(DatabaseJournal(requested_by), around, worker=f"{gethostname()}:{os.getpid()}")


def advance_all_due(first: str = "") -> int:
    """Carry out the named operation and whatever else is due."""
    return engine().advance_all_due(first)


def account_of(operation: Operation) -> Account:
    """The account an operation is about."""
    provider, _, native_id = operation.plan.account.partition("/")
    return Account.objects.select_related("team").get(provider=provider, native_id=native_id)


class _Desk:
    """The account and driver of the operation that is being advanced.

    Both are looked up anew before each changing call, and kept while the cloud is only looked at.
    """

    def __init__(self) -> None:
        self._at: tuple[str, int] | None = None
        self._account: Account
        self._driver: Driver

    def connect(self, operation: Operation) -> Driver:
        at = (operation.id, operation.fence)
        changes_next = operation.phase == UNBEGUN and operation.current is not None
        if changes_next or self._at != at:
            self._at = None
            self._account = account_of(operation)
            self._driver = driver_for(self._account, operation.plan.region)
            self._at = at
        return self._driver

    def authorize(self, operation: Operation) -> None:
        """The rights of this moment, not of the moment of approval: a queue message is not an authority."""
        connected = self._at == (operation.id, operation.fence)
        account = self._account if connected else account_of(operation)
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
