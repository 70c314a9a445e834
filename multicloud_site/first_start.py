"""What a home needs once: a vault key, a team, an admin with a password that is shown one time, and the demonstration
estate.

Every later start finds that it is there and changes nothing. Also the way back in for who has lost a password.
"""

import base64
import os
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from access import audit, generated
from access.models import Membership, Role, Team
from providers import vault_store
from providers.connect import SANDBOX
from providers.drivers.clouds import cloud
from providers.journal import AuditEntry
from providers.models import Account, Credential
from vocabulary.errors import NotFound

ADMIN, TEAM = "admin", "default"
PROVIDER = "aws"
SETUP = "first start"

#: The simulated accounts: id, name, access key, secret, mode. "data" stays as every added account begins: to be looked
#: at only.
DEMONSTRATION = (
    ("111111111111", "production", "AKIASANDBOXPRODUCTION", "sandbox-production-secret", Account.Mode.MANAGE),
    ("222222222222", "staging", "AKIASANDBOXSTAGING000", "sandbox-staging-secret", Account.Mode.MANAGE),
    ("333333333333", "data", "AKIASANDBOXDATA000000", "sandbox-data-secret", Account.Mode.OBSERVE),
)


@dataclass(frozen=True)
class FirstStart:
    """Who signs in, and with which password: at the first start only, later it is None."""

    username: str
    password: str | None = field(default=None, repr=False)


def prepare() -> FirstStart:
    """Make what a home needs, if it is not there. Raises VaultError for a wrong or missing vault key.

    All of it is one transaction: a start that is killed half-way begins anew.
    """
    vault_store.ready()
    password, accounts = None, []
    if not Team.objects.filter(slug=TEAM).exists():
        with transaction.atomic():
            team = Team.objects.create(slug=TEAM, name="Default")
            password = _make_admin(team)
            if _demonstration_wanted():
                accounts = [_demonstrate(team, *row) for row in DEMONSTRATION]
        _read(accounts)
    return FirstStart(_an_admin(), password)


def reset_password(username: str) -> str:
    """A new generated password for a person, who is signed out everywhere by it, and chooses their own with the next
    sign-in. Raises NotFound for an unknown name.
    """
    users = get_user_model().objects
    user = users.filter(username=username).first()
    if user is None:
        known = ", ".join(users.order_by("username").values_list("username", flat=True)[:20]) or "none"
        raise NotFound("Multicloud", "users reset", f"there is no user {username[:150]!r}", f"The users are: {known}.")
    password = one_time_password()
    user.set_password(password)
    user.is_active = True
    with transaction.atomic():
        user.save(update_fields=["password", "is_active"])
        generated.require_a_choice(user)
        _record("reset password", username)
    return password


def one_time_password() -> str:
    """80 random bits, in groups that can be read aloud."""
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _make_admin(team: Team) -> str:
    password = one_time_password()
    user = get_user_model().objects.create_superuser(username=ADMIN, password=password)
    generated.require_a_choice(user)
    Membership.objects.create(user=user, team=team, role=Role.ADMIN)
    _record("create admin", ADMIN, team)
    return password


def _an_admin() -> str:
    """The name of an admin: ours, or another when that one was renamed or removed."""
    admins = Membership.objects.filter(role=Role.ADMIN, user__is_active=True).order_by("pk")
    names = list(admins.values_list("user__username", flat=True)[:50])
    return ADMIN if ADMIN in names or not names else str(names[0])


def _demonstration_wanted() -> bool:
    return os.environ.get("MULTICLOUD_DEMONSTRATION", "yes").lower() not in ("0", "no", "false", "off")


def _demonstrate(team: Team, native_id: str, name: str, key: str, secret: str, mode: str) -> Account:
    """One simulated account. Written down rather than discovered: at a first start the sandbox is still starting,
    too.
    """
    account = Account.objects.create(
        team=team, provider=PROVIDER, partition="aws", native_id=native_id, name=name, mode=mode, simulated=True
    )
    credential = Credential.objects.create(
        team=team,
        provider=PROVIDER,
        name=name,
        method="keys",
        fields={"access_key_id": key},
        default_region=cloud(PROVIDER).home_region,
        endpoint=SANDBOX,
        secret_set_at=timezone.now(),
    )
    credential.accounts.add(account)
    vault_store.put(credential.holder, {"secret_access_key": secret})
    detail = {"mode": str(mode), "simulated": True}
    entry = AuditEntry(SETUP, account.key, "add demonstration account", str(account), outcome="done", detail=detail)
    audit.append(team, entry.as_dict())
    return account


def _read(accounts: list[Account]) -> None:
    """Have the accounts read, and their credentials checked, as soon as a worker is up."""
    if not accounts:
        return
    from multicloud_site.celery import app
    from providers.tasks import READ_ACCOUNT, check_credential

    for account in accounts:
        app.send_task(READ_ACCOUNT, [account.pk])
    for credential_id in Credential.objects.filter(accounts__in=accounts).values_list("pk", flat=True):
        check_credential.delay(credential_id)


def _record(action: str, subject: str, team: Any = None) -> None:
    chain = f"team/{TEAM}"
    owner = team or Team.objects.filter(slug=TEAM).first()
    audit.append(owner, AuditEntry(SETUP if team else "command line", chain, action, subject, outcome="done").as_dict())
