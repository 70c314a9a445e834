"""What a worker does with a credential: sign in, learn which account it opens, and write down what it found."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from access import audit
from providers import connect
from providers.drivers.clouds import cloud
from providers.drivers.engine import Engine, Identity
from providers.journal import WAITING, AuditEntry
from providers.models import Account, Credential, OperationRow
from providers.switches import require_allowed
from vocabulary.errors import BadAnswer, CloudError, Conflict
from vocabulary.text import visible

#: A credential that nobody touched is looked at once a day: keys are switched off and expire unseen.
CHECK_EVERY = timedelta(hours=24)
CHECK_AGAIN_WHEN_LOST = timedelta(minutes=2)
WORKER = "worker"


def check(credential_id: int) -> Account | None:
    """Sign in with a credential and link the account behind it. What was found, or why not, is in its `last_check`.

    None when the credential is gone, or did not open an account.
    """
    row = Credential.objects.select_related("team").filter(pk=credential_id).first()
    if row is None:
        return None
    try:
        engine = _engine(row)
        identity = engine.identity()
        regions, unknown = _regions(engine)
        with transaction.atomic():
            account = _link(row, identity)
            _write_down(row, _found(identity, regions, unknown))
            _resume(account)
        return account
    except CloudError as error:
        _write_down(row, {**row.last_check, "error": error.as_dict()})
        return None


def due() -> list[int]:
    """The credentials that are to be checked: never checked because a wake-up was lost, or last checked a day ago."""
    now = timezone.now()
    never = Q(checked_at=None, secret_set_at__lt=now - CHECK_AGAIN_WHEN_LOST)
    rows = Credential.objects.filter(never | Q(checked_at__lt=now - CHECK_EVERY))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _engine(row: Credential) -> Engine:
    require_allowed(row.provider, "", str(row))
    return connect.engine_for(row, str(row))


def _regions(engine: Engine) -> tuple[list[str], dict[str, str]]:
    """The regions, or why they are unknown: signing in works without the right to list them."""
    try:
        return engine.regions(), {}
    except CloudError as error:
        return [], {"regions": error.why}


def _found(identity: Identity, regions: list[str], unknown: dict[str, str]) -> dict[str, Any]:
    return {
        "error": None,
        "account": identity.account,
        "principal": identity.principal,
        "partition": identity.partition,
        "simulated": identity.simulated,
        "regions": regions,
        "unknown": unknown,
    }


def _link(row: Credential, identity: Identity) -> Account:
    """The account of this identity, known before or new and in observe mode; the credential's only account from now
    on.
    """
    _require_known_partition(row, identity)
    account, is_new = Account.objects.get_or_create(
        provider=row.provider,
        native_id=identity.account,
        defaults={
            "team": row.team,
            "partition": identity.partition,
            "name": identity.title or row.name,
            "simulated": identity.simulated,
        },
    )
    if account.team_id != row.team_id:
        raise Conflict(
            str(row),
            "identity",
            "the account behind this credential cannot be added to your team",
            "Ask whoever runs this installation.",
        )
    _require_same_account(row, account, identity)
    if not row.accounts.filter(pk=account.pk).exists():
        row.accounts.set([account])
        action = "discover account" if is_new else "link credential"
        entry = AuditEntry(
            WORKER, account.key, action, str(row), outcome="done", detail={"principal": identity.principal}
        )
        audit.append(row.team, entry.as_dict())
    return account


def _require_known_partition(row: Credential, identity: Identity) -> None:
    """An endpoint answers what it likes: a partition that the cloud does not have is not written down."""
    known = cloud(row.provider).partitions
    if identity.partition not in known:
        why = f"{visible(identity.partition, 60)!r} is not a partition of {row.provider}"
        raise BadAnswer(str(row), "identity", why, "Look at the credential's endpoint.")


def _require_same_account(row: Credential, account: Account, identity: Identity) -> None:
    """The number alone does not make it the account that is known: its partition and its reality must be the same."""
    reality = {True: "a simulated one", False: "a real one"}
    pairs = [
        (f"one of {account.partition}", f"one of {identity.partition}"),
        (reality[account.simulated], reality[identity.simulated]),
    ]
    for known, opened in pairs:
        if known != opened:
            why = f"account {identity.account} is known as {known}, and this credential opens {opened}"
            raise Conflict(str(row), "identity", why, "Look at the credential's endpoint.")


def _resume(account: Account) -> None:
    """Operations that pause because nobody could sign in are tried at once."""
    states = [state.value for state in WAITING]
    paused = OperationRow.objects.filter(
        account=account, state__in=states, error__type__in=["AuthenticationFailed", "CredentialExpired"]
    )
    paused.update(not_before=timezone.now())


def _write_down(row: Credential, found: dict[str, Any]) -> None:
    """Unless the credential was replaced while it was checked: then the next check says how things are."""
    Credential.objects.filter(pk=row.pk, secret_set_at=row.secret_set_at).update(
        last_check=found, checked_at=timezone.now()
    )
