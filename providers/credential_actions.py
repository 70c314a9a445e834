"""What people do with credentials and accounts. Every face calls these; none of them asks a cloud: a worker does."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from access import audit, rights
from access.models import Team
from providers import connect, forgetting, machine_sign_in, queries, tasks, vault_store
from providers.credential_forms import checked_fields, checked_region, checked_title, checked_weights, method_of
from providers.drivers.clouds import cloud
from providers.journal import AuditEntry
from providers.models import Account, Credential
from vocabulary.endpoints import check_endpoint
from vocabulary.errors import InvalidParameter, NameTaken, NotFound


@sensitive_variables("fields", "given")
def add_credential(
    actor: Any,
    team: Team,
    *,
    provider: str,
    name: str,
    fields: Mapping[str, str],
    method: str = "keys",
    region: str = "",
    endpoint: str = "",
    priority: int = 1,
    cost_factor: float = 1.0,
    performance_factor: float = 1.0,
    local: bool = False,
) -> Credential:
    """Store a way to sign in, its secrets in the vault, and let a worker find out which account it opens (in observe
    mode).

    `endpoint` is empty for the vendor's own, the word "sandbox", or a URL. `local`: the operator asks on the machine
    itself, and may use its identity. Raises InvalidParameter, naming the field; NameTaken; ForbiddenEndpoint;
    NotAllowed for the machine's identity; NotYetSupported for a cloud without a driver.
    """
    rights.require(actor, "add credential", team)
    tables = cloud(provider)
    checked_weights(priority, cost_factor, performance_factor)
    way = method_of(tables, method)
    given = checked_fields(tables, way, fields)
    machine_sign_in.require_allowed(way, given.names, endpoint, local=local)
    row = Credential(
        team=team,
        provider=provider,
        name=checked_title(name),
        method=method,
        fields=dict(given.shown),
        default_region=checked_region(region) if region else tables.home_region,
        endpoint=checked_endpoint(endpoint),
        priority=priority,
        cost_factor=cost_factor,
        performance_factor=performance_factor,
        secret_set_at=timezone.now(),
    )
    with transaction.atomic():
        _save_named(row)
        vault_store.put(row.holder, given.secret)
        _record(actor, team, "add credential", row)
        request_check(row)
    return row


@sensitive_variables("fields", "given")
def replace_secret(actor: Any, credential_id: int, fields: Mapping[str, str]) -> Credential:
    """Put new fields in place of all that the credential had. What waits for a working credential goes on by itself."""
    row = _changeable(actor, credential_id)
    tables = cloud(row.provider)
    way = method_of(tables, row.method)
    given = checked_fields(tables, way, fields)
    machine_sign_in.require_allowed(way, given.names, row.endpoint)
    row.fields, row.secret_set_at = dict(given.shown), timezone.now()
    row.last_check, row.checked_at = {}, None
    with transaction.atomic():
        vault_store.forget(row.holder)
        vault_store.put(row.holder, given.secret)
        row.save(update_fields=["fields", "secret_set_at", "last_check", "checked_at"])
        _record(actor, row.team, "replace secret", row)
        request_check(row)
    return row


def rename(actor: Any, credential_id: int, name: str) -> Credential:
    """Give a credential another name. Raises NameTaken."""
    row = _changeable(actor, credential_id)
    before, row.name = row.name, checked_title(name)
    with transaction.atomic():
        _save_named(row)
        _record(actor, row.team, "rename credential", row, before=before)
    return row


def check(actor: Any, credential_id: int) -> Credential:
    """Ask a worker to sign in and say what it finds. The answer is in `last_check`."""
    row = queries.credential_for(actor, credential_id)
    rights.require(actor, "read account", row.team)
    request_check(row)
    return row


def what_would_be_forgotten(viewer: Any, credential_id: int) -> forgetting.Forgotten:
    """What removing a credential would forget here, with or without its accounts. Nothing is ever deleted at a
    cloud.
    """
    return forgetting.forgotten_with(queries.credential_for(viewer, credential_id))


def remove_credential(actor: Any, credential_id: int, *, forget_account: bool = False) -> forgetting.Forgotten:
    """Forget a credential and its secrets. Accounts and their history stay, unless `forget_account` is given.

    Nothing is deleted at the cloud. An account with another credential is never forgotten. Raises Conflict while an
    operation of an account that would be forgotten is open.
    """
    row = queries.credential_for(actor, credential_id)
    rights.require(actor, "remove credential", row.team)
    with transaction.atomic():
        would = forgetting.forgotten_with(row)
        _record(actor, row.team, "remove credential", row, forget_account=forget_account)
        if forget_account:
            for account in forgetting.only_through(row):
                _record_account(actor, account, "forget account")
                forgetting.forget_account(account)
        vault_store.forget(row.holder)
        row.delete()
    return would


def set_mode(actor: Any, account_id: int, mode: str) -> Account:
    """Switch an account between observe (look only) and manage. For admins; the deliberate act that lets changes
    out.
    """
    account = _changeable_account(actor, account_id)
    if mode not in Account.Mode.values:
        raise InvalidParameter(str(account), "mode", f"{mode[:60]!r} is not a mode", "Choose: observe, manage.")
    before, account.mode = account.mode, Account.Mode(mode)
    return _changed(actor, account, "set mode", "mode", before)


def set_enabled(actor: Any, account_id: int, enabled: bool) -> Account:
    """Let calls out for an account, or stop them all; what is known of it stays."""
    account = _changeable_account(actor, account_id)
    before, account.enabled = account.enabled, bool(enabled)
    return _changed(actor, account, "switch on" if enabled else "switch off", "enabled", before)


def set_regions(actor: Any, account_id: int, regions: Iterable[str]) -> Account:
    """Limit an account to these regions; none means every region it can use. Raises InvalidParameter for an unknown
    one.
    """
    account = _changeable_account(actor, account_id)
    wanted = sorted({checked_region(region) for region in regions})
    known = {region for row in account.credentials.all() for region in row.last_check.get("regions", ())}
    strange = [region for region in wanted if known and region not in known]
    if strange:
        raise InvalidParameter(
            str(account),
            "regions",
            f"{', '.join(strange)}: not a region of this account",
            f"Choose: {', '.join(sorted(known))}.",
        )
    before, account.regions = account.regions, wanted
    return _changed(actor, account, "set regions", "regions", before)


def examine(actor: Any, account_id: int) -> Account:
    """Ask a worker what this account's sign-in may do, and what is missing. The answer is the account's newest
    DoctorReport."""
    account = queries.account_for(actor, account_id)
    rights.require(actor, "read account", account.team)
    transaction.on_commit(partial(tasks.examine_account.delay, account.pk))
    return account


def checked_endpoint(endpoint: str) -> str:
    """An endpoint that may be stored. Judged by its name: the worker judges the address when it connects."""
    if endpoint in ("", connect.SANDBOX):
        return endpoint
    check_endpoint(endpoint, connect.allowed_endpoints(), proxied=True)
    return endpoint


def request_check(row: Credential) -> None:
    """Have a worker check the credential as soon as it is stored."""
    transaction.on_commit(partial(tasks.check_credential.delay, row.pk))


def _save_named(row: Credential) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise NameTaken(
            "Multicloud",
            "credential",
            f"there is a credential {row.provider}/{row.name} already",
            "Choose another name, or replace the secret of that one on its page.",
        ) from None


def _changeable(actor: Any, credential_id: int) -> Credential:
    row = queries.credential_for(actor, credential_id)
    rights.require(actor, "add credential", row.team)
    return row


def _changeable_account(actor: Any, account_id: int) -> Account:
    account = queries.account_for(actor, account_id)
    rights.require(actor, "change account", account.team)
    return account


def _changed(actor: Any, account: Account, action: str, column: str, before: Any) -> Account:
    with transaction.atomic():
        if not Account.objects.filter(pk=account.pk).update(**{column: getattr(account, column)}):
            raise NotFound(str(account), action, "the account was forgotten in the meantime")
        _record_account(actor, account, action, before=before, after=getattr(account, column))
    return account


def _record(actor: Any, team: Team, action: str, row: Credential, **detail: Any) -> None:
    """One record in the team's own chain: a credential belongs to no account yet."""
    told = {"provider": row.provider, "method": row.method, **detail}
    entry = AuditEntry(actor.get_username(), f"team/{team.slug}", action, str(row), outcome="done", detail=told)
    audit.append(team, entry.as_dict())


def _record_account(actor: Any, account: Account, action: str, **detail: Any) -> None:
    entry = AuditEntry(actor.get_username(), account.key, action, str(account), outcome="done", detail=detail)
    audit.append(account.team, entry.as_dict())
