"""Replacing, renaming and forgetting credentials; modes, regions and switches."""

from typing import Any

import pytest
from django.utils import timezone

from access.models import AuditRecord, Team
from providers import connect, credential_actions, credential_work, vault_store
from providers.models import Account, Credential, OperationRow, SealedKey
from sandbox.control import Control
from tests.providers.conftest import PRODUCTION, STAGING, keys, stored
from tests.providers.given import add, refused_check
from vocabulary.errors import (
    AuthenticationFailed,
    Conflict,
    InvalidParameter,
    NameTaken,
    NotAllowed,
    NotFound,
)


class TestChanging:
    def test_new_keys_of_another_account_never_speak_for_the_old_one(
        self, admin: Any, team: Team, sandbox: Control
    ) -> None:
        row = add(admin, team)
        production = credential_work.check(row.pk)
        assert production is not None
        credential_actions.replace_secret(admin, row.pk, keys(STAGING))
        with pytest.raises(AuthenticationFailed, match=f"signs in to account {STAGING[0]}"):
            connect.driver_for(production).regions()
        staging = credential_work.check(row.pk)
        assert staging is not None
        assert list(stored(row).accounts.all()) == [staging]
        with pytest.raises(AuthenticationFailed, match="no credential"):
            connect.driver_for(production)

    def test_replacing_forgets_every_old_field(self, admin: Any, team: Team) -> None:
        row = add(admin, team, fields={**keys(PRODUCTION), "session_token": "old"})
        credential_actions.replace_secret(admin, row.pk, keys(STAGING))
        assert dict(vault_store.fields_of(stored(row))) == keys(STAGING)

    def test_a_credential_that_fails_is_asked_after_one_that_works(
        self, admin: Any, team: Team, sandbox: Control
    ) -> None:
        first = add(admin, team, priority=1)
        documented = {"access_key_id": "your-access-key", "secret_access_key": "your-secret-key"}
        second = add(admin, team, name="documented", fields=documented, priority=2)
        account = credential_work.check(first.pk)
        credential_work.check(second.pk)
        assert account is not None
        sandbox.key(PRODUCTION[1], "Inactive")
        credential_work.check(first.pk)
        assert connect.driver_for(account).regions()

    def test_a_rename_to_a_taken_name_changes_nothing(self, admin: Any, team: Team) -> None:
        add(admin, team)
        row = add(admin, team, name="staging", account=STAGING)
        with pytest.raises(NameTaken):
            credential_actions.rename(admin, row.pk, "production")
        assert credential_actions.rename(admin, row.pk, " stage ").name == "stage"

    def test_regions_must_be_the_accounts_own(self, admin: Any, team: Team, sandbox: Control) -> None:
        account = credential_work.check(add(admin, team).pk)
        assert account is not None
        assert credential_actions.set_regions(admin, account.pk, ["eu-central-1", "us-east-1"]).regions == [
            "eu-central-1",
            "us-east-1",
        ]
        with pytest.raises(InvalidParameter, match="mars-1"):
            credential_actions.set_regions(admin, account.pk, ["mars-1"])

    def test_mode_and_switch_are_an_admins_and_are_audited(
        self, admin: Any, operator: Any, stranger: Any, team: Team, sandbox: Control
    ) -> None:
        account = credential_work.check(add(admin, team).pk)
        assert account is not None
        with pytest.raises(NotAllowed):
            credential_actions.set_mode(operator, account.pk, "manage")
        with pytest.raises(NotFound):
            credential_actions.set_mode(stranger, account.pk, "manage")
        with pytest.raises(InvalidParameter, match="is not a mode"):
            credential_actions.set_mode(admin, account.pk, "root")
        assert Account.objects.get().mode == "observe"
        credential_actions.set_mode(admin, account.pk, "manage")
        credential_actions.set_enabled(admin, account.pk, False)
        actions = AuditRecord.objects.filter(account=account.key).order_by("sequence").values_list("action", flat=True)
        assert list(actions) == ["discover account", "set mode", "switch off"]
        with pytest.raises(NotAllowed, match="switched off"):
            connect.driver_for(Account.objects.get())


class TestForgetting:
    def test_a_credential_goes_with_its_secrets_and_the_account_stays(
        self, admin: Any, team: Team, sandbox: Control
    ) -> None:
        row = add(admin, team)
        credential_work.check(row.pk)
        before = sandbox.calls()
        would = credential_actions.what_would_be_forgotten(admin, row.pk)
        assert would.accounts == (f"aws/{PRODUCTION[0]}",)
        credential_actions.remove_credential(admin, row.pk)
        assert not SealedKey.objects.exists()
        assert Account.objects.count() == 1
        assert sandbox.calls() == before  # nothing was said to the cloud

    def test_an_account_goes_only_when_asked_and_only_without_another_credential(
        self, admin: Any, team: Team, sandbox: Control
    ) -> None:
        documented = {"access_key_id": "your-access-key", "secret_access_key": "your-secret-key"}
        first, second = add(admin, team), add(admin, team, name="documented", fields=documented)
        credential_work.check(first.pk)
        credential_work.check(second.pk)
        assert credential_actions.remove_credential(admin, first.pk, forget_account=True).accounts == ()
        assert Account.objects.count() == 1
        credential_actions.remove_credential(admin, second.pk, forget_account=True)
        assert not Account.objects.exists()
        assert AuditRecord.objects.filter(action="forget account").count() == 1

    def test_another_teams_credential_is_as_unknown_as_one_that_is_not_there(
        self, admin: Any, stranger: Any, team: Team
    ) -> None:
        row = add(admin, team)
        told = []
        for number in (row.pk, 4711):
            with pytest.raises(NotFound) as refused:
                credential_actions.remove_credential(stranger, number)
            told.append(str(refused.value).replace(str(number), "N"))
        assert told[0] == told[1]


class TestTheConfiguration:
    def test_switched_off_no_call_leaves_and_the_setting_is_named(
        self, admin: Any, team: Team, sandbox: Control, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = add(admin, team)
        account = credential_work.check(row.pk)
        assert account is not None
        before = sandbox.calls()
        monkeypatch.setenv("MULTICLOUD_ENABLED", "false")
        with pytest.raises(NotAllowed) as refused:
            connect.driver_for(account)
        assert "multicloud.enabled" in refused.value.hint
        assert "environment MULTICLOUD_ENABLED" in refused.value.hint
        assert refused_check(row)["type"] == "NotAllowed"
        assert sandbox.calls() == before

    def test_a_provider_switched_off_in_the_file_is_named_with_its_line(
        self, admin: Any, team: Team, sandbox: Control, home: Any, settings: Any
    ) -> None:
        account = credential_work.check(add(admin, team).pk)
        assert account is not None
        settings.MULTICLOUD_CONFIG = str(home / "multicloud.yaml")
        (home / "multicloud.yaml").write_text("providers:\n  aws:\n    enabled: false\n")
        with pytest.raises(NotAllowed, match="AWS are switched off") as refused:
            connect.driver_for(account)
        assert "multicloud.yaml:3" in refused.value.hint

    def test_only_the_regions_in_use_are_offered_and_called(
        self, admin: Any, team: Team, sandbox: Control, home: Any, settings: Any
    ) -> None:
        account = credential_work.check(add(admin, team).pk)
        assert account is not None
        settings.MULTICLOUD_CONFIG = str(home / "multicloud.yaml")
        (home / "multicloud.yaml").write_text('providers:\n  aws:\n    regions: ["us-east-1"]\n')
        assert list(connect.driver_for(account, "us-east-1").regions()) == ["us-east-1"]
        with pytest.raises(NotAllowed, match="eu-central-1"):
            connect.driver_for(account, "eu-central-1")


def test_an_account_with_an_open_operation_is_not_forgotten(
    admin: Any, team: Team, sandbox: Control, django_assert_num_queries: Any
) -> None:
    row = add(admin, team)
    account = credential_work.check(row.pk)
    assert account is not None
    OperationRow.objects.create(
        id="op-1", account=account, actor="ada", state="queued", verb="stop", kind="instance", title="Stop web-1",
        plan={}, plan_hash="", created_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(Conflict, match="Stop web-1 is queued"):
        credential_actions.remove_credential(admin, row.pk, forget_account=True)
    assert Credential.objects.exists()
    assert SealedKey.objects.exists()
