"""Signing in by a profile, AWS SSO included: the machine's own files, with the token that `aws sso login` left."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import SSOProvider

from access.models import Team
from providers import credential_actions, credential_work
from sandbox.aws.sso import TOKEN
from sandbox.control import Control
from tests.providers.conftest import PRODUCTION, keys, stored

START_URL = "https://example.awsapps.com/start"


@pytest.fixture
def profiles(home: Path, sandbox: Control, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine's AWS files: a profile with keys, and one that signs in by SSO at the sandbox."""
    config = home / "aws-config"
    config.write_text(
        f"[profile plain]\naws_access_key_id = {PRODUCTION[1]}\naws_secret_access_key = {PRODUCTION[2]}\n"
        f"[profile sso]\nsso_start_url = {START_URL}\nsso_region = us-east-1\nsso_account_id = {PRODUCTION[0]}\n"
        "sso_role_name = multicloud\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", sandbox.address)
    monkeypatch.setattr(SSOProvider, "_SSO_TOKEN_CACHE_DIR", str(home))
    return home


def signed_in(folder: Path, token: str = TOKEN, hours: float = 1.0) -> None:
    """As `aws sso login` leaves it."""
    expires = (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    name = hashlib.sha1(START_URL.encode()).hexdigest()
    (folder / f"{name}.json").write_text(
        json.dumps({"accessToken": token, "expiresAt": expires, "startUrl": START_URL})
    )


def add(admin: Any, team: Team, profile: str) -> Any:
    return credential_actions.add_credential(
        admin,
        team,
        provider="aws",
        name=profile,
        method="profile",
        fields={"profile": profile},
        endpoint="sandbox",
        local=True,
    )


def test_a_profile_with_keys_signs_in(admin: Any, team: Team, profiles: Path) -> None:
    account = credential_work.check(add(admin, team, "plain").pk)
    assert account is not None
    assert account.native_id == PRODUCTION[0]


def test_a_token_of_aws_sso_signs_in(admin: Any, team: Team, profiles: Path) -> None:
    signed_in(profiles)
    row = add(admin, team, "sso")
    account = credential_work.check(row.pk)
    assert account is not None, stored(row).last_check
    assert account.native_id == PRODUCTION[0]
    assert "AWSReservedSSO_multicloud" in stored(row).last_check["principal"]


@pytest.mark.parametrize("hours", [-1.0, None])
@pytest.mark.promise("TR-2")
def test_without_a_fresh_token_the_command_that_brings_one_is_told(
    admin: Any, team: Team, profiles: Path, hours: float | None
) -> None:
    if hours is not None:
        signed_in(profiles, hours=hours)
    row = add(admin, team, "sso")
    assert credential_work.check(row.pk) is None
    error = stored(row).last_check["error"]
    assert error["type"] == "CredentialExpired"
    assert "aws sso login" in error["hint"]
    assert TOKEN not in json.dumps(error)


def test_a_profile_that_came_to_lead_elsewhere_is_refused(admin: Any, team: Team, profiles: Path) -> None:
    from providers import connect
    from vocabulary.errors import AuthenticationFailed

    account = credential_work.check(add(admin, team, "plain").pk)
    assert account is not None
    other = keys(("", "AKIASANDBOXSTAGING000", "sandbox-staging-secret"))
    (profiles / "aws-config").write_text(
        f"[profile plain]\naws_access_key_id = {other['access_key_id']}\n"
        f"aws_secret_access_key = {other['secret_access_key']}\n"
    )
    connect._engine.cache_clear()  # as a worker that starts anew would see it
    with pytest.raises(AuthenticationFailed, match="signs in to account 222222222222"):
        connect.driver_for(account).regions()
