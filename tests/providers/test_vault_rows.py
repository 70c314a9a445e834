"""The vault's rows, and changing its key while everything runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models

from providers import vault, vault_key, vault_rotation, vault_store
from providers.models import SealedKey, SealedSecret
from vocabulary.errors import Conflict, VaultError

CHECKOUT = Path(__file__).resolve().parents[2]
ROWS = 5


@pytest.fixture
def sealed(db: None) -> dict[str, str]:
    """Some holders with a secret each."""
    values = {f"credential:{number}": f"secret number {number}" for number in range(ROWS)}
    for holder, value in values.items():
        vault_store.put(holder, {"secret_access_key": value})
    return values


def all_opened(values: dict[str, str]) -> bool:
    return all(vault_store.opened(holder)["secret_access_key"] == value for holder, value in values.items())


def test_a_secret_is_read_back_by_its_field(db: None) -> None:
    vault_store.put("credential:1", {"secret_access_key": "one", "session_token": "two"})
    assert dict(vault_store.opened("credential:1")) == {"secret_access_key": "one", "session_token": "two"}
    assert set(vault_store.set_at("credential:1")) == {"secret_access_key", "session_token"}


def test_an_empty_value_takes_a_field_away(db: None) -> None:
    vault_store.put("credential:1", {"secret_access_key": "one", "session_token": "two"})
    vault_store.put("credential:1", {"session_token": "", "secret_access_key": "three"})
    assert dict(vault_store.opened("credential:1")) == {"secret_access_key": "three"}


def test_a_row_copied_to_another_holder_opens_nothing(sealed: dict[str, str]) -> None:
    first, second = SealedSecret.objects.order_by("pk")[:2]
    SealedSecret.objects.filter(pk=second.pk).update(sealed=first.sealed)
    with pytest.raises(VaultError, match="damaged or moved"):
        vault_store.opened(second.key.holder)


def test_forgetting_takes_every_secret_and_twice_is_no_error(sealed: dict[str, str]) -> None:
    vault_store.forget("credential:0")
    vault_store.forget("credential:0")
    assert dict(vault_store.opened("credential:0")) == {}
    assert not SealedSecret.objects.filter(key__holder="credential:0").exists()


class TestWhatAPlanRefersTo:
    def test_it_is_opened_by_its_reference(self, db: None) -> None:
        reference = vault_store.hide(vault_store.new_holder())("user_data", "#!/bin/sh")
        assert reference.startswith("operation-secret:")
        assert reference.endswith("/user_data")
        assert vault_store.reveal(reference) == "#!/bin/sh"

    @pytest.mark.parametrize("reference", ["credential:1/secret_access_key", "", "/", "credential:1", "x/y/z"])
    def test_it_is_never_a_credential(self, sealed: dict[str, str], reference: str) -> None:
        with pytest.raises(VaultError, match="may only refer"):
            vault_store.reveal(reference)

    def test_once_forgotten_it_says_so(self, db: None) -> None:
        holder = vault_store.new_holder()
        reference = vault_store.hide(holder)("user_data", "x")
        vault_store.forget(holder)
        with pytest.raises(VaultError, match="not kept any more"):
            vault_store.reveal(reference)


class TestRotation:
    def test_every_row_opens_afterwards_and_the_old_key_opens_none(self, sealed: dict[str, str], home: Path) -> None:
        old = vault_store.keys().sealing
        done = vault_rotation.rotate()
        assert done.rows == ROWS
        assert done.key_id != old.id
        assert vault_store.ready().ids == {done.key_id}
        assert all_opened(sealed)
        for key in SealedKey.objects.all():
            with pytest.raises(VaultError):
                vault.unwrap(bytes(key.wrapped), old, key.holder)
        assert [path.name for path in home.glob("vault.key*")] == ["vault.key"]

    def test_a_given_key_is_the_one_that_is_used(self, sealed: dict[str, str]) -> None:
        wanted = vault_key.fresh_key()
        assert vault_rotation.rotate(wanted).key_id == wanted.id == vault_store.ready().sealing.id

    def test_it_finds_every_sealed_column_there_is(self) -> None:
        ours = {"access", "providers", "resources", "costs"}
        binary = {
            f"{model.__name__}.{field.name}"
            for model in apps.get_models()
            if model._meta.app_label in ours
            for field in model._meta.get_fields()
            if isinstance(field, models.BinaryField)
        }
        wrapped = {f"{model.__name__}.wrapped" for model in vault_rotation.sealed_models()}
        # What lies under a data key is opened by wrapping that key anew; a new kind of column must be named here.
        assert binary - wrapped == {"SealedSecret.sealed"}

    def test_keys_from_the_environment_ask_for_the_next_one_there(
        self, db: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = ("A" * 43 + "=", "B" * 42 + "A=")
        monkeypatch.setenv("MULTICLOUD_VAULT_KEY", first)
        vault_store.put("credential:1", {"secret_access_key": "one"})
        with pytest.raises(Conflict, match="already") as refused:
            vault_rotation.rotate()
        assert "MULTICLOUD_VAULT_KEY_NEXT" in refused.value.hint
        monkeypatch.setenv("MULTICLOUD_VAULT_KEY_NEXT", second)
        assert vault_rotation.rotate().rows == 1
        monkeypatch.delenv("MULTICLOUD_VAULT_KEY_NEXT")
        monkeypatch.setenv("MULTICLOUD_VAULT_KEY", second)
        assert vault_store.opened("credential:1")["secret_access_key"] == "one"


KILLED_AT = ("begun:1", "row:1", f"row:{ROWS}", "wrapped:1", "swapped:1")

#: Prepares a home once, then rotates in children that kill themselves. Prints what could be read after each.
REHEARSAL = f"""
import json, os, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connections
from providers import vault_rotation, vault_store
from providers.models import SealedKey

def rotate(**environment):
    connections.close_all()
    child = os.fork()
    if child == 0:
        os.environ.update(environment)
        vault_rotation.rotate()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def read():
    vault_store.ready()
    values = [vault_store.opened(f"credential:{{number}}")["secret_access_key"] for number in range({ROWS})]
    return values, SealedKey.objects.values("key_id").distinct().count()

call_command("migrate", verbosity=0)
for number in range({ROWS}):
    vault_store.put(f"credential:{{number}}", {{"secret_access_key": f"secret number {{number}}"}})
for point in {KILLED_AT!r}:
    counts = os.path.join(os.environ["MULTICLOUD_HOME"], f"counts-{{point}}")
    crash = {{"CRASH_AT": f"vault.rotate:{{point}},vault.rotate:begun:2", "CRASH_COUNTS": counts}}
    ends = [rotate(**crash)]
    between = read()
    if not point.startswith(("begun", "swapped")):
        ends.append(rotate(**crash))  # killed again, while it recovers
    ends.append(rotate())
    print(json.dumps({{"point": point, "ends": ends, "between": between[0], "after": read()}}))
"""


def test_a_rotation_killed_at_any_point_leaves_every_row_readable_and_is_resumed(tmp_path: Path) -> None:
    """Fault 45: killed at its beginning, at a row, before and after the keys change places, and again in recovery."""
    home = tmp_path / "real"
    environment = {**os.environ, "MULTICLOUD_HOME": str(home), "DJANGO_SETTINGS_MODULE": "multicloud_site.settings"}
    ran = subprocess.run(
        [sys.executable, "-c", REHEARSAL],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    expected = [f"secret number {number}" for number in range(ROWS)]
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["point"] for line in told] == list(KILLED_AT)
    for line in told:
        assert line["ends"][0] == -9, line
        assert line["ends"][-1] == 0, line
        assert line["between"] == expected, line
        assert line["after"] == [expected, 1], line
    assert [path.name for path in home.glob("vault.key*")] == ["vault.key"]


def test_a_write_that_fails_leaves_the_row_as_it_was(sealed: dict[str, str]) -> None:
    """Fault 37: whichever write of a rotation fails, nothing becomes unreadable, and the next run ends it."""

    class NthFails:
        def __init__(self, number: int) -> None:
            self.left = number

        def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]  # Django's own shape
            if sql.startswith("UPDATE"):
                self.left -= 1
                if self.left == 0:
                    raise OSError(28, "No space left on device")
            return execute(sql, params, many, context)

    for number in range(1, ROWS + 1):
        with connection.execute_wrapper(NthFails(number)), pytest.raises(OSError, match="No space"):
            vault_rotation.rotate()
        assert all_opened(sealed)
        vault_rotation.rotate()
        assert all_opened(sealed)
