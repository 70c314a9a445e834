"""Changing the vault key while everything runs: data keys are wrapped anew one row at a time, each row whole or
untouched.

Both keys are known until the last row is done, so every row can be read at every moment; whoever is killed half-way
runs it again. The sealed values themselves are not touched: their data keys stay.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.db import models, transaction

from providers import vault, vault_key, vault_store
from providers.crash import reach
from vocabulary.errors import Conflict

SUBJECT = "vault.rotate"

#: The columns by which a table of wrapped keys is recognised, whichever room it is in.
COLUMNS = {"holder", "wrapped", "key_id"}


@dataclass(frozen=True)
class Rotation:
    """What a rotation did: the id of the key that everything is sealed with now, and how many rows it wrapped anew."""

    key_id: str
    rows: int


def rotate(new_key: vault.VaultKey | None = None) -> Rotation:
    """Wrap every data key with a new vault key: the given one, a fresh one, or the one a killed rotation left.

    With keys from the environment the new one is MULTICLOUD_VAULT_KEY_NEXT, for every process; afterwards it takes the
    place of MULTICLOUD_VAULT_KEY. Raises Conflict when there is nothing to change to, or another rotation was not
    ended."""
    home = vault_store.home()
    vault_store.ready()
    target = _target(home, new_key)
    reach(SUBJECT, "begun")
    rows = sum(_wrap_anew(model, target) for model in sealed_models())
    reach(SUBJECT, "wrapped")
    _swap(home, target)
    return Rotation(target.id, rows)


def sealed_models() -> list[type[models.Model]]:
    """Every table that holds wrapped keys, found by its columns."""
    return [model for model in apps.get_models() if {field.name for field in model._meta.get_fields()} >= COLUMNS]


def _target(home: Path, new_key: vault.VaultKey | None) -> vault.VaultKey:
    given = _from_environment()
    if not given and not (home / vault_key.NEXT_FILE).exists():
        vault_key.write_new(home / vault_key.NEXT_FILE, new_key or vault_key.fresh_key())
    target = vault_store.ready().sealing
    if new_key is not None and new_key.id != target.id:
        raise Conflict(
            "vault", "rotate", f"a rotation to key {target.id} was begun", "Run it to its end first, without a key."
        )
    if given and not os.environ.get(vault_key.NEXT_VARIABLE) and not _behind(target):
        raise Conflict(
            "vault",
            "rotate",
            f"everything is sealed with key {target.id} already",
            f"Give the new key to every process as {vault_key.NEXT_VARIABLE}, then rotate.",
        )
    return target


def _from_environment() -> bool:
    return any(os.environ.get(name) for name in (vault_key.VARIABLE, vault_key.NEXT_VARIABLE))


def _behind(target: vault.VaultKey) -> bool:
    return any(model._default_manager.exclude(key_id=target.id).exists() for model in sealed_models())


def _wrap_anew(model: type[models.Model], target: vault.VaultKey) -> int:
    done = 0
    while pks := list(
        model._default_manager.exclude(key_id=target.id).order_by("pk").values_list("pk", flat=True)[:500]
    ):
        for pk in pks:
            done += _wrap_row_anew(model, pk, target)
            reach(SUBJECT, "row")
    return done


def _wrap_row_anew(model: type[models.Model], pk: object, target: vault.VaultKey) -> int:
    """One row, in a transaction of its own. 0 when it was forgotten, or wrapped by another, in the meantime."""
    with transaction.atomic():
        row = (
            model._default_manager.select_for_update().filter(pk=pk).exclude(key_id=target.id).values(*COLUMNS).first()
        )
        if row is None:
            return 0
        data_key = vault.unwrap(bytes(row["wrapped"]), vault_store.keys().key(row["key_id"]), row["holder"])
        wrapped = vault.wrap(data_key, target, row["holder"])
        return model._default_manager.filter(pk=pk, key_id=row["key_id"]).update(wrapped=wrapped, key_id=target.id)


def _swap(home: Path, target: vault.VaultKey) -> None:
    """The next key becomes the key, once nothing needs the old one.

    Under the database's write lock: who seals something at this moment does it before, and is seen here, or after.
    """
    if _from_environment() or not (home / vault_key.NEXT_FILE).exists():
        return
    with transaction.atomic():
        for model in sealed_models():
            for pk in model._default_manager.exclude(key_id=target.id).values_list("pk", flat=True):
                _wrap_row_anew(model, pk, target)
        (home / vault_key.NEXT_FILE).rename(home / vault_key.FILE)
        vault_key.sync_folder(home)
    reach(SUBJECT, "swapped")
