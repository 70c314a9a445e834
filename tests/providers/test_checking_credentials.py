"""What a worker finds out about a credential, against the sandbox."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from access.models import Team
from providers import connect, credential_actions, credential_work, queries, vault_store
from providers.drivers.engines.boto import BotoEngine
from providers.models import Account, Credential, OperationRow
from sandbox.control import Control
from tests.providers.conftest import PRODUCTION, STAGING, keys, stored
from tests.providers.given import add, refused_check
from vocabulary.errors import (
    Unreachable,
)


def in_partition(monkeypatch: pytest.MonkeyPatch, partition: str) -> None:
    """Let every identity be in this partition, as an endpoint may claim."""
    identity = BotoEngine.identity
    monkeypatch.setattr(BotoEngine, "identity", lambda engine: replace(identity(engine), partition=partition))


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

    def test_another_partition_does_not_make_an_account_of_another_team_a_new_one(
        self, admin: Any, stranger: Any, team: Team, sandbox: Control, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Plans and the audit name accounts by their number: who linked the same number twice had both."""
        credential_work.check(add(stranger, Team.objects.get(slug="other")).pk)
        in_partition(monkeypatch, "aws-cn")
        error = refused_check(add(admin, team))
        assert error["type"] == "Conflict"
        assert error["why"] == "the account behind this credential cannot be added to your team"
        assert not queries.accounts_for(admin).exists()

    def test_an_account_that_changes_its_partition_is_refused(
        self, admin: Any, team: Team, sandbox: Control, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        credential_work.check(add(admin, team).pk)
        in_partition(monkeypatch, "aws-us-gov")
        row = add(admin, team, name="second")
        assert "known as one of aws, and this credential opens one of aws-us-gov" in refused_check(row)["why"]
        assert not row.accounts.exists()

    @pytest.mark.parametrize("partition", ["", "AWS", "aws-x", "aws\u202e"])
    def test_a_partition_that_the_cloud_does_not_have_is_refused(
        self, admin: Any, team: Team, sandbox: Control, monkeypatch: pytest.MonkeyPatch, partition: str
    ) -> None:
        in_partition(monkeypatch, partition)
        error = refused_check(add(admin, team))
        assert (error["type"], "is not a partition of aws" in error["why"]) == ("BadAnswer", True)
        assert not Account.objects.exists()

    def test_the_database_holds_one_account_of_a_number(self, team: Team) -> None:
        Account.objects.create(team=team, provider="aws", partition="aws", native_id="1", name="one")
        with pytest.raises(IntegrityError):
            Account.objects.create(team=team, provider="aws", partition="aws-cn", native_id="1", name="two")

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
        error = refused_check(add(admin, team, method="profile", fields={"profile": "nobody"}, local=True))
        assert error["type"] == "AuthenticationFailed"
        assert "nobody" in error["why"]

    def test_a_role_with_nothing_to_assume_it_with_says_what_to_give(
        self, admin: Any, team: Team, sandbox: Control
    ) -> None:
        fields = {"role_arn": f"arn:aws:iam::{PRODUCTION[0]}:role/multicloud"}
        error = refused_check(add(admin, team, method="assume_role", fields=fields, local=True))
        assert (error["type"], error["why"]) == (
            "AuthenticationFailed",
            "there is no credential to assume the role with",
        )
        assert "access key" in error["hint"]

    def test_without_a_role_the_machine_has_nothing_to_sign_in_with(
        self, admin: Any, team: Team, sandbox: Control
    ) -> None:
        error = refused_check(add(admin, team, method="ambient", fields={}, local=True))
        assert error["type"] == "AuthenticationFailed"


def test_a_sandbox_endpoint_without_a_sandbox_is_said_in_one_sentence(db: None) -> None:
    with pytest.raises(Unreachable, match="the sandbox is not running"):
        connect.address_of("sandbox")


def test_an_operation_that_waits_for_a_credential_goes_on_when_there_is_one(
    admin: Any, team: Team, sandbox: Control
) -> None:
    """Fault 22."""
    row = add(admin, team)
    account = credential_work.check(row.pk)
    later = timezone.now() + timedelta(hours=1)
    for number, kind in enumerate(("CredentialExpired", "RateLimited")):
        OperationRow.objects.create(
            id=f"op-{number}", account=account, actor="ada", state="queued", verb="stop", kind="instance", title="Stop",
            plan={}, plan_hash="", created_at=later, not_before=later, error={"type": kind},
        )  # fmt: skip
    credential_actions.replace_secret(admin, row.pk, keys(PRODUCTION))
    credential_work.check(row.pk)
    due = OperationRow.objects.filter(not_before__lte=timezone.now())
    assert list(due.values_list("pk", flat=True)) == ["op-0"]
