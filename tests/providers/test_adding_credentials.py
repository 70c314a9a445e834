"""What is stored of a credential, and what is refused."""

import json
from typing import Any

import pytest
from django.core import serializers
from django.db import OperationalError, connection, transaction

from access.audit import broken_links
from access.models import AuditRecord, Team
from providers import vault_store
from providers.models import Credential, SealedKey
from tests.providers.conftest import PRODUCTION, STAGING, keys, stored
from tests.providers.given import add
from vocabulary.errors import (
    AuditUnavailable,
    ForbiddenEndpoint,
    InvalidParameter,
    NameTaken,
    NotAllowed,
    NotYetSupported,
)


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


class NthWriteFails:
    """Lets the n-th write to the database fail."""

    def __init__(self, number: int) -> None:
        self.left, self.failed = number, False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            self.left -= 1
            if self.left == 0:
                self.failed = True
                raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)


def test_whichever_write_fails_a_credential_is_there_whole_or_not_at_all(admin: Any, team: Team) -> None:
    """Faults 37 and 38: what cannot be audited does not happen."""
    for number in range(1, 20):
        failing = NthWriteFails(number)
        try:
            with connection.execute_wrapper(failing), transaction.atomic():
                add(admin, team)
        except (OperationalError, AuditUnavailable):
            assert not Credential.objects.exists(), number
            assert not SealedKey.objects.exists(), number
            assert not AuditRecord.objects.exists(), number
        if not failing.failed:
            break
    assert number > 3
    assert vault_store.fields_of(Credential.objects.get())["secret_access_key"] == PRODUCTION[2]
    assert AuditRecord.objects.count() == 1
