"""Secrets that are planted and then looked for everywhere: they are in the vault, sealed, and nowhere else.

Input 37, faults 22 and 46. The places: the database as text, the whole home, the queue's files, log lines, every page
and export that links lead to, the JSON of every row, what prints, and what errors say."""

import base64
import logging
import os
import re
import traceback
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.core import serializers
from django.db import connection
from django.test import Client
from django.utils import timezone

from access.models import Team
from providers import actions, connect, credential_actions, credential_work, doctor_work, vault_store, work
from providers.journal import CLOSED
from providers.models import Account, Credential, OperationRow
from resources import actions as resource_actions
from sandbox.control import Control
from tests.providers.conftest import PRODUCTION, keys

USER_DATA = "#!/bin/sh\nexport DATABASE_PASSWORD=canary-in-user-data-7f3a91\n"
CANARIES = (
    PRODUCTION[2],
    "canary-in-a-secret-key-51c0de",
    "canary-in-a-session-token-99ab12",
    "canary-in-an-external-id-0d15ea",
    "canary-in-user-data-7f3a91",
)
MOST_PAGES = 150
MOST_TURNS = 200


def disguises(canary: str) -> Iterator[bytes]:
    """A canary as it is, in hexadecimal, and in base64 wherever in a longer text it stands."""
    plain = canary.encode()
    yield plain
    yield plain.hex().encode()
    for shift in range(3):
        # Bytes of a group that the neighbours decide are left out.
        yield base64.b64encode(b"\0" * shift + plain)[4 if shift else 0 : -4]


def hits(text: bytes | str) -> list[str]:
    content = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return [canary for canary in CANARIES if any(disguise in content for disguise in disguises(canary))]


@pytest.fixture
def planted(
    admin: Any, team: Team, sandbox: Control, settings: Any, django_capture_on_commit_callbacks: Any
) -> Account:
    """Credentials, two of them refused, and a machine that was created with user data; every wake-up was sent."""
    settings.MULTICLOUD_SANDBOX_SPEED = 1000.0
    with django_capture_on_commit_callbacks(execute=True):
        return plant(admin, team)


def plant(admin: Any, team: Team) -> Account:
    add = credential_actions.add_credential
    works = add(admin, team, provider="aws", name="works", fields=keys(PRODUCTION), endpoint="sandbox")
    wrong = {"access_key_id": "AKIAX", "secret_access_key": CANARIES[1], "session_token": CANARIES[2]}
    refused = add(admin, team, provider="aws", name="refused", fields=wrong, endpoint="sandbox")
    role = {**keys(PRODUCTION), "role_arn": "arn:aws:iam::222222222222:role/nobody", "external_id": CANARIES[3]}
    no_role = add(admin, team, provider="aws", name="no-role", method="assume_role", fields=role, endpoint="sandbox")
    account = credential_work.check(works.pk)
    assert account is not None
    for row in (refused, no_role):
        assert credential_work.check(row.pk) is None
    credential_actions.set_mode(admin, account.pk, "manage")
    given = {"name": "web-1", "instance_type": "t3.micro", "image": "ubuntu-24.04", "user_data": USER_DATA}
    driver = connect.driver_for(account)
    planned = resource_actions.plan_creation(admin, account.pk, "instance", "us-east-1", given, driver)
    actions.approve(admin, planned.pk, planned.plan_hash)
    carry_out(planned.pk)
    doctor_work.examine(account.pk)
    return account


def carry_out(operation_id: str) -> None:
    for _ in range(MOST_TURNS):
        work.advance_all_due(operation_id)
        OperationRow.objects.filter(pk=operation_id).update(not_before=timezone.now())
        row = OperationRow.objects.get(pk=operation_id)
        if row.state in [state.value for state in CLOSED]:
            break
    assert row.state == "succeeded", (row.state, row.error, row.note)


@pytest.mark.promise("BP-19")
def test_a_planted_secret_is_found_nowhere_but_sealed(
    planted: Account, admin: Any, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Input 37: database, home, queue, logs, pages, exports, rows as JSON, and what prints."""
    caplog.set_level(logging.DEBUG)
    assert vault_store.fields_of(Credential.objects.get(name="refused"))["secret_access_key"] == CANARIES[1]
    places = {
        "database": "\n".join(connection.connection.iterdump()),
        "rows as JSON": "".join(serializers.serialize("json", model.objects.all()) for model in apps.get_models()),
        "what prints": "".join(
            repr([row, vars(row)]) for row in [*Credential.objects.all(), *OperationRow.objects.all()]
        ),
        "engine": repr(vars(connect.engine_for(Credential.objects.get(name="works"), "aws/works"))),
        "logs": caplog.text,
        **{f"file {path}": path.read_bytes() for path in files_of(home, Path(os.environ["MULTICLOUD_HOME"]))},
        **{f"page {address}": content for address, content in pages(admin)},
    }
    assert sum(name.startswith("page") for name in places) > 5
    assert any("/queue/waiting/" in name for name in places)
    assert {name: found for name, content in places.items() if (found := hits(content))} == {}


def test_an_error_with_secrets_in_reach_tells_none(planted: Account) -> None:
    """Fault 46: neither the text of an error nor its traceback holds a value."""
    row = Credential.objects.get(name="refused")
    engine = connect.engine_for(row, "aws/refused")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is, it must tell nothing
        engine.identity()
    error = caught.value
    told = [*traceback.format_exception(error), repr(error), str(vars(error)), repr(vault_store.fields_of(row))]
    assert hits("".join(told)) == []


def test_the_search_itself_would_find_them() -> None:
    for canary in CANARIES:
        for text in (canary, f"xx{canary}yy", canary.encode().hex()):
            assert hits(text) == [canary]
        for before in ("", "a", "ab", "abc"):
            assert hits(base64.b64encode(f"{before}{canary} and more".encode())) == [canary]


def files_of(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


def pages(person: Any) -> Iterator[tuple[str, bytes]]:
    """Every page, fragment and export that links lead to from the overview, for this person."""
    client = Client()
    client.force_login(person)
    waiting, seen = ["/"], {"/"}
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        answer = client.get(address)
        assert answer.status_code < 500, address
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        yield address, content
        for link in re.findall(r'(?:href|hx-get)="([^"#]+)', content.decode("utf-8", "replace")):
            target = urljoin(address, unescape(link))
            if (
                not urlsplit(target).netloc
                and "logout" not in target
                and "/static/" not in target
                and target not in seen
            ):
                seen.add(target)
                waiting.append(target)
