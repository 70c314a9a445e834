"""What a home needs once, and the way back in."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate

from access.models import AuditRecord, Membership, Team
from multicloud_site import first_start
from providers import connect, vault_store
from providers.models import Account, Credential
from sandbox.control import Control
from vocabulary.errors import NotFound, VaultError


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The wake-ups that were sent."""
    sent: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "celery.app.base.Celery.send_task", lambda app, name, args=(), *more, **_: sent.append((name, args[0]))
    )
    monkeypatch.setattr(
        "celery.app.task.Task.apply_async", lambda task, args=(), *more, **_: sent.append((task.name, args[0]))
    )
    return sent


def test_the_password_is_told_once_and_signs_in(db: None) -> None:
    first, second = first_start.prepare(), first_start.prepare()
    assert first.password is not None
    assert second.password is None
    assert first.username == second.username == "admin"
    assert authenticate(username="admin", password=first.password) is not None
    assert first.password not in repr(first)
    assert Membership.objects.get().role == "admin"


def test_three_simulated_accounts_are_there_one_of_them_only_to_look_at(
    db: None, sandbox: Control, queued: list[tuple[str, int]]
) -> None:
    first_start.prepare()
    modes = dict(Account.objects.values_list("name", "mode"))
    assert modes == {"production": "manage", "staging": "manage", "data": "observe"}
    for account in Account.objects.all():
        assert account.simulated
        assert connect.driver_for(account).regions()
    ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    assert [("resources.read_account", pk) for pk in ids] == queued[:3]
    assert {name for name, _ in queued[3:]} == {"credentials.check"}


def test_a_second_start_does_nothing_but_look(db: None, queued: list[Any], django_assert_max_num_queries: Any) -> None:
    first_start.prepare()
    Credential.objects.all().delete()
    queued.clear()
    with django_assert_max_num_queries(4):
        first_start.prepare()
    assert not queued
    assert not Credential.objects.exists()  # what somebody removed does not come back


def test_without_the_demonstration_there_is_a_team_and_an_admin(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTICLOUD_DEMONSTRATION", "no")
    assert first_start.prepare().password
    assert Team.objects.count() == 1
    assert not Account.objects.exists()


def test_a_lost_vault_key_stops_the_start_with_a_sentence(db: None, home: Path) -> None:
    """Fault 45."""
    first_start.prepare()
    (home / "vault.key").unlink()
    with pytest.raises(VaultError, match="the vault key is missing"):
        first_start.prepare()
    assert not (home / "vault.key").exists()


def test_another_vault_key_stops_the_start_with_a_sentence(db: None, home: Path) -> None:
    """Fault 45."""
    first_start.prepare()
    (home / "vault.key").unlink()
    (home / "vault.key").write_text("A" * 43 + "=")
    (home / "vault.key").chmod(0o600)
    with pytest.raises(VaultError, match="secrets are sealed with vault key"):
        first_start.prepare()


def test_a_start_that_dies_half_way_begins_anew(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    put, left = vault_store.put, [2]

    def dies(holder: str, fields: Any) -> None:
        left[0] -= 1
        if not left[0]:
            raise OSError(28, "No space left on device")
        put(holder, fields)

    with monkeypatch.context() as patched:
        patched.setattr(vault_store, "put", dies)
        with pytest.raises(OSError, match="No space"):
            first_start.prepare()
    assert not Team.objects.exists()
    assert first_start.prepare().password


def test_a_lost_password_is_replaced_and_the_old_one_dies(db: None) -> None:
    old = first_start.prepare().password
    new = first_start.reset_password("admin")
    assert authenticate(username="admin", password=old) is None
    assert authenticate(username="admin", password=new) is not None
    record = AuditRecord.objects.get(action="reset password")
    assert record.subject == "admin"
    assert new not in str(record.detail)


def test_an_unknown_name_is_answered_with_those_there_are(db: None) -> None:
    first_start.prepare()
    with pytest.raises(NotFound, match="no user 'root'") as refused:
        first_start.reset_password("root")
    assert "admin" in refused.value.hint
