"""Adding credentials of the sandbox, and what a check that failed must tell."""

from typing import Any

from access.models import Team
from providers import credential_actions, credential_work
from providers.models import Credential
from tests.providers.conftest import PRODUCTION, keys, stored


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
