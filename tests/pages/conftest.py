"""A small estate in the database, made by the store that readings use, with its people; and another team beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from access.models import Membership, Role, Team
from providers import vault_store
from providers.drivers.clouds import cloud
from providers.drivers.kind import Found, Relation
from providers.models import Account, Credential
from resources import listing, store
from resources.facts import facts_of
from resources.models import Reading, Resource
from vocabulary.words import State

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202egnp\u200b'
CANARY = "canary-secret-Zx81Qp"
BORN = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class World:
    """One team's estate. `clients` are signed-in browsers by role."""

    team: Team
    people: dict[str, Any]
    accounts: dict[str, Account] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)

    def client(self, who: str = "admin", **more: Any) -> Client:
        client = Client(**more)
        client.force_login(self.people[who])
        return client

    def account(self, native_id: str, name: str, mode: str = "manage", **more: Any) -> Account:
        values = {"partition": "aws", "native_id": native_id, "name": name, "mode": mode, "simulated": True}
        row = Account.objects.create(team=self.team, provider="aws", **values | more)
        key = Credential.objects.create(
            team=self.team,
            provider="aws",
            name=name,
            fields={"access_key_id": "AKIATESTTESTTESTTEST"},
            default_region="us-east-1",
            secret_set_at=timezone.now(),
            checked_at=timezone.now(),
        )
        key.accounts.add(row)
        vault_store.put(key.holder, {"secret_access_key": CANARY})
        self.accounts[name] = row
        return row

    def see(self, account: Account, *found: Found, when: datetime | None = None) -> None:
        """What a complete reading of these brings."""
        now = when or timezone.now()
        store.store(
            store.Sighting(account, store.LISTING, now, now), [facts_of(f, "aws", account.native_id) for f in found]
        )
        for one in found:
            place = {"account": account, "kind": one.kind.name, "region": one.region}
            Reading.objects.update_or_create(**place, defaults={"state": "complete", "completed_at": now, "count": 1})
        for row in Resource.objects.filter(account=account).select_related("account__team"):
            self.resources[row.name] = row
        cache.clear()


def found(name: str, kind: str = "instance", state: State = State.RUNNING, **more: Any) -> Found:
    """One resource as a cloud describes it."""
    values: dict[str, Any] = {
        "native_id": f"{kind}-{name}",
        "region": "us-east-1",
        "tags": {"Name": name, "env": "prod"},
        "created_at": BORN,
        "attributes": {"instance_type": "t3.medium"} if kind == "instance" else {},
        "raw": {"InstanceId": name},
    }
    return Found(kind=cloud("aws").kind(kind), name=name, state=state, **values | more)


def made_team(slug: str, roles: Mapping[str, Role]) -> World:
    team = Team.objects.create(slug=slug, name=slug.title())
    people = {}
    for name, role in roles.items():
        people[name] = get_user_model().objects.create_user(f"{slug}-{name}", password="a long enough password")
        Membership.objects.create(user=people[name], team=team, role=role)
    return World(team, people)


@pytest.fixture(autouse=True)
def nothing_kept(db: None, settings: Any) -> None:
    """What processes keep for some seconds must not outlive a test. Passwords are hashed cheaply."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    listing._kept.clear()
    vault_store.ready()


@pytest.fixture
def empty(db: None) -> World:
    """A team without any account."""
    return made_team("default", {"admin": Role.ADMIN, "operator": Role.OPERATOR, "viewer": Role.VIEWER})


@pytest.fixture
def world(empty: World) -> World:
    """Three machines, a disk and a bucket in a managed account; one machine in an observed one."""
    production = empty.account("111111111111", "production")
    watched = empty.account("333333333333", "data", mode="observe")
    disk = Relation("disk", "volume", "volume-web-1-root")
    empty.see(
        production,
        found("web-1", relations=(disk,), raw={"InstanceId": "web-1", "Note": "from the cloud"}),
        found("web-2", state=State.STOPPED),
        found(HOSTILE, native_id="i-hostile", tags={"note": HOSTILE, HOSTILE: "x"}),
        found("web-1-root", "volume", State.AVAILABLE, attributes={"size_gib": 3000, "encrypted": True}),
        found("logs", "bucket", State.AVAILABLE, unknown={"versioning": "s3:GetBucketVersioning is missing"}),
    )
    empty.see(watched, found("report-1"))
    return empty


@pytest.fixture
def others(db: None) -> World:
    """Another team, with an account and a machine of its own."""
    other = made_team("other", {"admin": Role.ADMIN})
    account = other.account("999999999999", "theirs")
    other.see(account, found("their-machine"))
    return other


@pytest.fixture
def planned(world: World) -> Callable[..., Any]:
    """Plan a change as somebody, past the page."""
    from resources import actions

    def plan(name: str = "web-1", verb: str = "stop", who: str = "operator", **parameters: Any) -> Any:
        return actions.plan_change(world.people[who], world.resources[name].public_id, verb, parameters)

    return plan


@pytest.fixture
def old() -> timedelta:
    """Older than any reading may be before it is called old."""
    return timedelta(hours=3)
