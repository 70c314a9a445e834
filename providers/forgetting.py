"""Forgetting accounts: what would go, and letting it go. Only our memory of them; no cloud is asked for anything."""

from dataclasses import dataclass

from providers.journal import CLOSED
from providers.models import Account, Credential, OperationRow
from vocabulary.errors import Conflict


@dataclass(frozen=True)
class Forgotten:
    """What removing a credential would forget. `counts` is per account: of resources, operations and whatever else
    hangs on it.

    `accounts` would go with the credential when asked for; `kept_accounts` have another credential and stay in any
    case."""

    credential: str
    accounts: tuple[str, ...]
    kept_accounts: tuple[str, ...]
    counts: dict[str, dict[str, int]]


def forgotten_with(credential: Credential) -> Forgotten:
    """What would go with a credential."""
    going = only_through(credential)
    keys = {account.key for account in going}
    return Forgotten(
        credential=str(credential),
        accounts=tuple(account.key for account in going),
        kept_accounts=tuple(account.key for account in credential.accounts.all() if account.key not in keys),
        counts={account.key: _counts(account) for account in going},
    )


def only_through(credential: Credential) -> list[Account]:
    """The accounts that no other credential opens."""
    return [one for one in credential.accounts.all() if not one.credentials.exclude(pk=credential.pk).exists()]


def forget_account(account: Account) -> None:
    """Forget an account with its inventory and its closed operations; the audit stays. Raises Conflict while one is
    open.
    """
    closed = [state.value for state in CLOSED]
    open_operation = OperationRow.objects.filter(account=account).exclude(state__in=closed).first()
    if open_operation is not None:
        raise Conflict(
            str(account),
            "forget",
            f"{open_operation.title} is {open_operation.state}",
            "Cancel it or let it end first.",
        )
    OperationRow.objects.filter(account=account).delete()
    account.delete()


def _counts(account: Account) -> dict[str, int]:
    counts = {}
    for relation in Account._meta.related_objects:
        if relation.one_to_many and relation.related_model is not None:
            rows = relation.related_model._default_manager.filter(**{relation.field.name: account})
            counts[str(relation.related_model._meta.verbose_name_plural)] = rows.count()
    return {name: count for name, count in counts.items() if count}
