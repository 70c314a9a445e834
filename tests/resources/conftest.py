"""A team with one account, somebody of it, somebody who is not, and a cloud that says what a test wants."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from access.models import Membership, Role, Team
from providers.models import Account
from resources import listing, work
from resources.models import Reading
from resources.sync import Outcome
from tests.resources.scripted import ACCOUNT, REGION, ScriptedEngine, driver_over, instance


def person(name: str, team: Team | None, role: Role = Role.OPERATOR) -> Any:
    user = get_user_model().objects.create_user(name)
    if team:
        Membership.objects.create(user=user, team=team, role=role)
    return user


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    """A rolled back test gives its row ids back, and with them the stamp under which counts are kept."""
    listing._kept.clear()


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(slug="ours", name="Ours")


@pytest.fixture
def viewer(team: Team) -> Any:
    return person("operator", team)


@pytest.fixture
def outsider(db: None) -> Any:
    return person("outsider", Team.objects.create(slug="theirs", name="Theirs"))


@pytest.fixture
def account(team: Team) -> Account:
    return Account.objects.create(
        team=team, provider="aws", native_id=ACCOUNT, name="production", mode="manage", regions=[REGION]
    )


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine({REGION: [instance(number) for number in range(3)]})


class Reader:
    """Reads the account, at once and as often as a test wants."""

    def __init__(self, account: Account, engine: ScriptedEngine) -> None:
        self.account, self.engine = account, engine
        self.kinds = ("instance",)

    def __call__(self) -> Outcome:
        Reading.objects.update(due_at=None)
        return self.on_time()

    def on_time(self) -> Outcome:
        """Reads only what is due."""
        return work.read_account(self.account.pk, driver_over(self.engine, *self.kinds))


@pytest.fixture
def read(account: Account, engine: ScriptedEngine) -> Reader:
    return Reader(account, engine)
