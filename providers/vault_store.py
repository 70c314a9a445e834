"""The vault's rows: sealed values by holder and field. (Cryptography: `providers.vault`; keys: `providers.vault_key`.)

A holder is whatever has secrets: "credential:12", "operation-secret:k5…". Only workers and the command line open
anything; a web process seals what people type and reads nothing back.
"""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from providers import vault, vault_key
from providers.models import Credential, SealedKey, SealedSecret
from vocabulary.errors import VaultError
from vocabulary.ids import fresh_id
from vocabulary.types import Secrets

#: What a plan may refer to. A reference to anything else (a credential, say) is refused: plans come from people.
OPERATION_SECRET = "operation-secret:"  # noqa: S105 - a name's beginning, no secret


def ready() -> vault.KeyRing:
    """The vault's keys; a new one when nothing is sealed yet. Raises VaultError for a missing or wrong key."""
    try:
        return vault_key.ready(home(), os.environ, _keys_in_use())
    except VaultError:
        # A rotation that ends between the two looks is not a wrong key: what is in use is asked once more.
        return vault_key.ready(home(), os.environ, _keys_in_use())


def keys() -> vault.KeyRing:
    """The vault's keys as they are now. Raises VaultError without any."""
    ring = vault_key.ring_of(home(), os.environ)
    return ring or ready()


def home() -> Path:
    """The folder with the key file."""
    return Path(settings.MULTICLOUD_HOME)


def _keys_in_use() -> set[str]:
    return set(SealedKey.objects.values_list("key_id", flat=True).distinct())


@sensitive_variables("fields", "data_key", "value")
def put(holder: str, fields: Mapping[str, str]) -> None:
    """Seal a holder's fields, in place of what these fields held before; an empty value removes the field."""
    with transaction.atomic():
        key = SealedKey.objects.select_for_update().filter(holder=holder).first()
        if key is None:
            ring, data_key = ready(), vault.new_data_key()
            wrapped = vault.wrap(data_key, ring.sealing, holder)
            key = SealedKey.objects.create(holder=holder, wrapped=wrapped, key_id=ring.sealing.id)
        else:
            data_key = _data_key(key)
        for name, value in fields.items():
            if value:
                sealed = vault.seal(value, data_key, holder, name)
                SealedSecret.objects.update_or_create(key=key, field=name, defaults={"sealed": sealed})
            else:
                SealedSecret.objects.filter(key=key, field=name).delete()


def fields_of(credential: Credential) -> Mapping[str, str]:
    """A credential's fields, secret ones included. Only an engine may ask."""
    return Secrets({**credential.fields, **opened(credential.holder)})


def opened(holder: str) -> Secrets:
    """Every secret of a holder, in a mapping that does not print."""
    key = SealedKey.objects.filter(holder=holder).first()
    if key is None:
        return Secrets({})
    data_key = _data_key(key)
    rows = SealedSecret.objects.filter(key=key)
    return Secrets({row.field: vault.unseal(bytes(row.sealed), data_key, holder, row.field) for row in rows})


def reveal(reference: str) -> str:
    """The value behind a plan's reference, "operation-secret:…/user_data". Raises VaultError when there is none."""
    holder, _, name = reference.rpartition("/")
    if not holder.startswith(OPERATION_SECRET):
        raise VaultError(
            "vault", "reveal", "a plan may only refer to secrets that were given for it", "Make a new plan."
        )
    values = opened(holder)
    if name not in values:
        raise VaultError("vault", "reveal", f"{name} of this plan is not kept any more", "Make a new plan.")
    return values[name]


def new_holder() -> str:
    """A holder for the secrets of one plan."""
    return fresh_id("operation-secret").replace("operation-secret-", OPERATION_SECRET, 1)


def hide(holder: str) -> Callable[[str, str], str]:
    """What planning needs: puts one secret parameter into the vault and returns the reference that the plan holds."""

    def hidden(name: str, value: str) -> str:
        put(holder, {name: value})
        return f"{holder}/{name}"

    return hidden


def forget(holder: str) -> None:
    """Remove a holder with all its secrets. Forgetting twice is not an error."""
    SealedKey.objects.filter(holder=holder).delete()


def set_at(holder: str) -> dict[str, datetime]:
    """When each secret of a holder was set. This is all that a page may know of it."""
    return dict(SealedSecret.objects.filter(key__holder=holder).values_list("field", "set_at"))


def forget_plans_before(moment: datetime | None = None) -> int:
    """Forget the secrets of plans that ended, or were never stored, before a moment. Returns how many holders went.

    The engine keeps them while an operation may still need them; afterwards a secret that nobody needs is only a risk.
    """
    from providers.journal import CLOSED
    from providers.models import OperationRow

    before = moment or timezone.now()
    needed = OperationRow.objects.exclude(state__in=[state.value for state in CLOSED]).values_list("plan", flat=True)
    kept = {holder for plan in needed for holder in _holders_in(plan)}
    old = SealedKey.objects.filter(holder__startswith=OPERATION_SECRET, secrets__set_at__lt=before).distinct()
    gone = [key.pk for key in old if key.holder not in kept]
    SealedKey.objects.filter(pk__in=gone).delete()
    return len(gone)


def _holders_in(value: object) -> set[str]:
    if isinstance(value, Mapping):
        if set(value) == {"$secret"}:
            return {str(value["$secret"]).rpartition("/")[0]}
        return {holder for item in value.values() for holder in _holders_in(item)}
    if isinstance(value, list):
        return {holder for item in value for holder in _holders_in(item)}
    return set()


def _data_key(key: SealedKey) -> bytes:
    ring = keys()
    if key.key_id not in ring.ids:  # rotated since the row was read
        key.refresh_from_db()
    return vault.unwrap(bytes(key.wrapped), ring.key(key.key_id), key.holder)
