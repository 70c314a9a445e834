"""The machine's own identity is the operator's: teams use it only when that is allowed, and nobody sends it away."""

from typing import Any

import pytest
from django.test import Client

from access.models import Team
from providers import credential_actions
from providers.models import Credential
from tests.providers.conftest import PRODUCTION, keys, stored
from tests.providers.given import add
from vocabulary.errors import ForbiddenEndpoint, NotAllowed

ROLE = {"role_arn": "arn:aws:iam::111111111111:role/multicloud"}
HALF = {**ROLE, "access_key_id": PRODUCTION[1]}
OTHERS = "https://sts.example.com"
MACHINES = [
    ("ambient", {}),
    ("profile", {"profile": "default"}),
    ("assume_role", ROLE),
    ("assume_role", {**ROLE, "profile": "default"}),
    ("assume_role", HALF),
]


@pytest.mark.parametrize(("method", "fields"), MACHINES)
def test_a_team_may_not_use_it_and_is_told_the_setting(
    admin: Any, team: Team, settings: Any, method: str, fields: dict[str, str]
) -> None:
    for endpoint in ("", "sandbox", OTHERS):
        with pytest.raises(NotAllowed) as refused:
            add(admin, team, method=method, fields=fields, endpoint=endpoint)
        assert "MULTICLOUD_AMBIENT_SIGN_IN=true" in refused.value.hint
    assert not Credential.objects.exists()
    settings.MULTICLOUD_AMBIENT_SIGN_IN = True
    add(admin, team, method=method, fields=fields)


@pytest.mark.parametrize(("method", "fields"), MACHINES)
def test_it_is_sent_to_no_address_that_a_person_gave(
    admin: Any, team: Team, settings: Any, method: str, fields: dict[str, str]
) -> None:
    settings.MULTICLOUD_AMBIENT_SIGN_IN = True
    with pytest.raises(ForbiddenEndpoint, match="signs in with is never sent"):
        add(admin, team, method=method, fields=fields, endpoint=OTHERS, local=True)
    assert not Credential.objects.exists()


def test_a_role_with_keys_of_its_own_needs_no_leave(admin: Any, team: Team) -> None:
    row = add(admin, team, method="assume_role", fields={**ROLE, **keys(PRODUCTION)}, endpoint=OTHERS)
    with pytest.raises(NotAllowed, match="switched off for teams"):
        credential_actions.replace_secret(admin, row.pk, ROLE)
    assert stored(row).fields["access_key_id"] == PRODUCTION[1]


def test_what_the_operator_added_is_not_led_to_another_profile_from_a_page(admin: Any, team: Team) -> None:
    row = add(admin, team, method="profile", fields={"profile": "reader"}, local=True)
    with pytest.raises(NotAllowed):
        credential_actions.replace_secret(admin, row.pk, {"profile": "root"})
    assert stored(row).fields == {"profile": "reader"}


@pytest.mark.parametrize("is_open", [False, True])
def test_the_form_shows_it_only_when_it_is_allowed(admin: Any, client: Client, settings: Any, is_open: bool) -> None:
    settings.MULTICLOUD_AMBIENT_SIGN_IN = is_open
    client.force_login(admin)
    page = client.get("/accounts/add/", {"method": "assume_role"}).content.decode()
    assert "method=assume_role" in page
    for shown in ("method=ambient", "method=profile", 'name="field-profile"', "the machine&#x27;s own role"):
        assert (shown in page) is is_open, shown


def test_a_form_sent_by_hand_is_refused(admin: Any, client: Client) -> None:
    client.force_login(admin)
    answer = client.post("/accounts/add/", {"method": "ambient", "name": "mine"})
    assert answer.status_code == 403
    assert "MULTICLOUD_AMBIENT_SIGN_IN" in answer.content.decode()
    assert not Credential.objects.exists()
