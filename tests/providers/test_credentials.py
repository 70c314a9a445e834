"""Adding, checking, changing and forgetting credentials, against the sandbox."""

import json
from typing import Any

import pytest
from django.core import serializers

from access.audit import broken_links
from access.models import AuditRecord, Team
from providers import connect, credential_actions, credential_work, queries, vault_store
from providers.models import Account, Credential, SealedKey
from sandbox.control import Control
from tests.providers.conftest import PRODUCTION, STAGING, keys, stored
from vocabulary.errors import (
    AuthenticationFailed,
    Conflict,
    ForbiddenEndpoint,
    InvalidParameter,
    NameTaken,
    NotAllowed,
    NotFound,
    NotYetSupported,
    Unreachable,
)


def add(
    actor: Any, team: Team, name: str = "production", account: tuple[str, str, str] = PRODUCTION, **more: Any
) -> Credential:
    given = {"provider": "aws", "name": name, "fields": keys(account), "endpoint": "sandbox", **more}
    return credential_actions.add_credential(actor, team, **given)


def refused_check(row: Credential) -> dict[str, Any]:
    assert credential_work.check(row.pk) is None
    error = stored(row).last_check["error"]
    assert all(error[name] for name in ("who", "call", "why", "hint")), error
    return dict(error)


class TestAdding:
    @pytest.mark.promise("BP-19")
    def test_the_secret_goes_to_the_vault_and_the_row_has_only_what_may_be_shown(self, admin: Any, team: Team) -> None:
        row = stored(add(admin, team))
        assert row.fields == {"access_key_id": PRODUCTION[1]}
        assert PRODUCTION[2] not in serializers.serialize("json", Credential.objects.all())
        assert vault_store.fields_of(row)["secret_access_key"] == PRODUCTION[2]
        assert PRODUCTION[2] not in repr(vault_store.fields_of(row))

    @pytest.mark.promise("BP-20")
    def test_it_is_audited_without_a_secret(self, admin: Any, team: Team) -> None:
        add(admin, team)
        record = AuditRecord.objects.get(action="add credential")
        assert (record.actor, record.subject, record.team) == ("ada", "aws/production", team)
        assert PRODUCTION[2] not in json.dumps(record.detail)
        assert broken_links("team/default") == []

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"fields": {"access_key_id": "AKIAX"}}, "secret_access_key is missing"),
            ({"fields": {**keys(PRODUCTION), "password": "x"}}, "'password' is not a field"),
            ({"fields": {"access_key_id": " ", "secret_access_key": "x"}}, "access_key_id is missing"),
            ({"fields": {**keys(PRODUCTION), "access_key_id": 7}}, "access_key_id is not a text"),
            ({"fields": {**keys(PRODUCTION), "access_key_id": "AK\u202eIA"}}, "hidden character"),
            ({"fields": {**keys(PRODUCTION), "secret_access_key": "x" * 20000}}, "more than 16384"),
            ({"method": "password"}, "'password' is not a way to sign in"),
            ({"method": "assume_role", "fields": {}}, "role_arn is missing"),
            ({"name": "  "}, "empty"),
            ({"name": "prod\u200b"}, "U\\+200B"),
            ({"region": "../etc"}, "is not a region"),
            ({"priority": 0}, "whole number"),
            ({"cost_factor": float("nan")}, "above 0"),
            ({"performance_factor": -1.0}, "above 0"),
        ],
    )
    def test_what_makes_no_sense_is_named_and_nothing_is_stored(
        self, admin: Any, team: Team, change: dict[str, Any], named: str
    ) -> None:
        with pytest.raises(InvalidParameter, match=named):
            add(admin, team, **change)
        assert not Credential.objects.exists()
        assert not SealedKey.objects.exists()

    @pytest.mark.parametrize("name", ["AKIAIOSFODNN7EXAMPLE", "password=hunter2hunter2", "ghp_" + "a" * 36])
    def test_a_name_that_looks_like_a_secret_is_refused_without_repeating_it(
        self, admin: Any, team: Team, name: str
    ) -> None:
        """Input 38."""
        with pytest.raises(InvalidParameter, match="looks like") as refused:
            add(admin, team, name=name)
        assert name not in f"{refused.value}{refused.value.hint}"

    def test_a_secret_pasted_into_the_wrong_box_is_refused_without_repeating_it(self, admin: Any, team: Team) -> None:
        secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
        with pytest.raises(InvalidParameter, match="access_key_id looks like a secret") as refused:
            add(admin, team, fields={"access_key_id": secret, "secret_access_key": "AKIAIOSFODNN7EXAMPLE"})
        assert secret not in f"{refused.value}{refused.value.hint}"

    @pytest.mark.parametrize(
        "endpoint",
        [
            "http://169.254.169.254/",
            "https://[fd00:ec2::254]",
            "http://127.0.0.1:1",
            "ftp://example.com",
            "https://10.0.0.1",
        ],
    )
    def test_a_forbidden_endpoint_is_refused(self, admin: Any, team: Team, endpoint: str) -> None:
        with pytest.raises(ForbiddenEndpoint):
            add(admin, team, endpoint=endpoint)
        assert not Credential.objects.exists()

    def test_a_cloud_without_a_driver_says_which_have_one(self, admin: Any, team: Team) -> None:
        with pytest.raises(NotYetSupported, match="azure") as refused:
            add(admin, team, provider="azure")
        assert "aws" in refused.value.hint

    def test_a_taken_name_is_refused_and_leaves_the_first_alone(self, admin: Any, team: Team) -> None:
        first = add(admin, team)
        with pytest.raises(NameTaken):
            add(admin, team, account=STAGING)
        assert vault_store.fields_of(first)["secret_access_key"] == PRODUCTION[2]
        assert SealedKey.objects.count() == 1

    def test_only_an_admin_may(self, admin: Any, operator: Any, stranger: Any, team: Team) -> None:
        for person in (operator, stranger, None):
            with pytest.raises(NotAllowed):
                add(person, team)
        add(admin, team)

    def test_a_worker_is_woken_with_an_id_and_nothing_else(
        self, admin: Any, team: Team, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent = []
        monkeypatch.setattr(
            "celery.app.task.Task.apply_async", lambda task, args=None, *more, **_: sent.append((task.name, args))
        )
        with django_capture_on_commit_callbacks(execute=True):
            row = add(admin, team)
        assert sent == [("credentials.check", (row.pk,))]


class TestTheCheck:
    @pytest.mark.promise("TR-1")
    def test_it_finds_the_account_in_observe_mode(self, admin: Any, team: Team, sandbox: Control) -> None:
        account = credential_work.check(add(admin, team).pk)
        assert account is not None
        assert (account.native_id, account.partition, account.mode) == (PRODUCTION[0], "aws", "observe")
        assert account.simulated
        found = Credential.objects.get().last_check
        assert found["error"] is None
        assert found["principal"] == f"arn:aws:iam::{PRODUCTION[0]}:user/multicloud"
        assert "us-east-1" in found["regions"]

    def test_two_credentials_on_one_account_are_one_account(self, admin: Any, team: Team, sandbox: Control) -> None:
        documented = {"access_key_id": "your-access-key", "secret_access_key": "your-secret-key"}
        first = credential_work.check(add(admin, team).pk)
        second = credential_work.check(add(admin, team, name="documented", fields=documented).pk)
        assert first == second
        assert first is not None
        assert first.credentials.count() == 2

    def test_checking_again_changes_no_mode(self, admin: Any, team: Team, sandbox: Control) -> None:
        row = add(admin, team)
        account = credential_work.check(row.pk)
        assert account is not None
        credential_actions.set_mode(admin, account.pk, "manage")
        credential_work.check(row.pk)
        assert Account.objects.get().mode == "manage"

    def test_a_wrong_secret_is_explained_and_opens_nothing(self, admin: Any, team: Team, sandbox: Control) -> None:
        row = add(admin, team, fields={"access_key_id": PRODUCTION[1], "secret_access_key": "canary-of-a-secret"})
        error = refused_check(row)
        assert error["type"] == "AuthenticationFailed"
        assert error["call"] == "sts.get_caller_identity"
        assert "secret access key" in error["hint"]
        assert "canary-of-a-secret" not in json.dumps(error)
        assert not Account.objects.exists()

    def test_an_account_of_another_team_is_refused_without_telling_whose(
        self, admin: Any, stranger: Any, team: Team, sandbox: Control
    ) -> None:
        other = Team.objects.get(slug="other")
        credential_work.check(add(stranger, other).pk)
        row = add(admin, team)
        error = refused_check(row)
        assert error["type"] == "Conflict"
        words = set(json.dumps(error).lower().replace('"', " ").split())
        assert not words & {"other", "eve", "aws/production", PRODUCTION[0]} - {error["who"]}
        assert not queries.accounts_for(admin).exists()
        assert not row.accounts.exists()

    def test_without_the_right_to_list_regions_the_account_is_found_and_they_are_unknown(
        self, admin: Any, team: Team, sandbox: Control
    ) -> None:
        sandbox.policy(PRODUCTION[1], ["ec2:DescribeRegions"])
        account = credential_work.check(add(admin, team).pk)
        assert account is not None
        found = Credential.objects.get().last_check
        assert found["error"] is None
        assert "DescribeRegions" in found["unknown"]["regions"]

    def test_a_sandbox_that_is_not_there_is_said_so(self, admin: Any, team: Team) -> None:
        assert refused_check(add(admin, team))["type"] == "Unreachable"

    def test_a_credential_removed_meanwhile_is_no_accident(self, db: None) -> None:
        assert credential_work.check(4711) is None

    def test_a_check_that_was_overtaken_by_new_keys_says_nothing(
        self, admin: Any, team: Team, sandbox: Control, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = add(admin, team, fields={"access_key_id": PRODUCTION[1], "secret_access_key": "wrong"})
        ask = connect.engine_for

        def replaced_meanwhile(credential: Credential, who: str) -> Any:
            engine = ask(credential, who)
            credential_actions.replace_secret(admin, row.pk, keys(PRODUCTION))
            return engine

        monkeypatch.setattr(connect, "engine_for", replaced_meanwhile)
        credential_work.check(row.pk)
        assert stored(row).last_check == {}

    def test_what_was_never_checked_is_due_and_what_was_is_not(self, admin: Any, team: Team, sandbox: Control) -> None:
        row = add(admin, team)
        assert credential_work.due() == []  # its wake-up may still be on its way
        Credential.objects.update(secret_set_at="2026-01-01T00:00Z")
        assert credential_work.due() == [row.pk]
        credential_work.check(row.pk)
        assert credential_work.due() == []


class TestSigningIn:
    def test_a_role_is_assumed_with_its_external_id(self, admin: Any, team: Team, sandbox: Control) -> None:
        fields = {
            **keys(STAGING),
            "role_arn": f"arn:aws:iam::{PRODUCTION[0]}:role/multicloud",
            "external_id": "sandbox-external-id",
        }
        account = credential_work.check(add(admin, team, method="assume_role", fields=fields).pk)
        assert account is not None
        assert account.native_id == PRODUCTION[0]
        assert vault_store.set_at(Credential.objects.get().holder).keys() == {"external_id", "secret_access_key"}

    def test_a_wrong_external_id_is_explained(self, admin: Any, team: Team, sandbox: Control) -> None:
        fields = {
            **keys(STAGING),
            "role_arn": f"arn:aws:iam::{PRODUCTION[0]}:role/multicloud",
            "external_id": "canary-id",
        }
        error = refused_check(add(admin, team, method="assume_role", fields=fields))
        assert error["type"] in ("PermissionMissing", "AuthenticationFailed")
        assert "canary-id" not in json.dumps(error)

    def test_an_unknown_profile_says_where_to_look(self, admin: Any, team: Team, sandbox: Control) -> None:
        error = refused_check(add(admin, team, method="profile", fields={"profile": "nobody"}))
        assert error["type"] == "AuthenticationFailed"
        assert "nobody" in error["why"]

    def test_without_a_role_the_machine_has_nothing_to_sign_in_with(
        self, admin: Any, team: Team, sandbox: Control
    ) -> None:
        error = refused_check(add(admin, team, method="ambient", fields={}))
        assert error["type"] == "AuthenticationFailed"


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


def test_a_sandbox_endpoint_without_a_sandbox_is_said_in_one_sentence(db: None) -> None:
    with pytest.raises(Unreachable, match="the sandbox is not running"):
        connect.address_of("sandbox")


def test_an_account_with_an_open_operation_is_not_forgotten(
    admin: Any, team: Team, sandbox: Control, django_assert_num_queries: Any
) -> None:
    from django.utils import timezone

    from providers.models import OperationRow

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
