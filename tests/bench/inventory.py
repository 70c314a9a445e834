"""An inventory of any size, from a seed: three accounts, six regions, seven kinds, three to five tags a resource."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db import connection

from access.models import Membership, Role, Team
from providers.drivers.clouds import cloud
from providers.drivers.kind import Found, Relation
from providers.models import Account
from resources import store
from resources.facts import facts_of
from vocabulary.words import State

REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "ca-central-1")
KINDS = ("instance", "instance", "instance", "volume", "volume", "bucket", "firewall", "image", "subnet")
STATES = (State.RUNNING,) * 12 + (State.STOPPED,) * 5 + (State.AVAILABLE,) * 8 + (State.PENDING,)
ENVS, TEAMS = ("prod", "prod", "staging", "dev", "test"), tuple(f"team-{n}" for n in range(12))
ROLES = ("web", "api", "worker", "cache", "search", "build", "billing", "orders", "edge", "batch")
BORN = datetime(2025, 1, 1, tzinfo=UTC)
BATCH = 1000


def viewer_of(team: Team) -> Any:
    """A person who may see the team's inventory."""
    from django.contrib.auth import get_user_model

    user, _ = get_user_model().objects.get_or_create(username="bench")
    Membership.objects.get_or_create(user=user, team=team, defaults={"role": Role.OPERATOR})
    return user


def fill(total: int, seed: int = 7) -> Any:
    """Fill an empty database with `total` resources; returns the viewer who sees them."""
    random = Random(seed)
    team, _ = Team.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    accounts = [
        Account.objects.get_or_create(provider="aws", native_id=str(n) * 12, defaults={"team": team, "name": name})[0]
        for n, name in ((1, "production"), (2, "staging"), (3, "data"))
    ]
    kinds = {kind.name: kind for kind in cloud("aws").kinds}
    for start in range(0, total, BATCH):
        account = accounts[(start // BATCH) % 3]
        moment = BORN + timedelta(days=400, seconds=start)
        sighting = store.Sighting(account, store.LISTING, moment, moment)
        found = [_one(random, n, kinds) for n in range(start, min(start + BATCH, total))]
        store.store(sighting, [facts_of(one, "aws", account.native_id) for one in found])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return viewer_of(team)


def _one(random: Random, n: int, kinds: dict[str, Any]) -> Found:
    kind = kinds[random.choice(KINDS)]
    role, env, region = random.choice(ROLES), random.choice(ENVS), random.choice(REGIONS)
    tags = {"env": env, "service": role, "team": random.choice(TEAMS)}
    if random.random() < 0.3:
        tags["cost-center"] = f"cc-{random.randrange(400)}"
    if random.random() < 0.002:
        tags["audit"] = "2026"
    name = f"{role}-{env}-{n:06d}"
    return Found(
        kind=kind,
        native_id=f"{kind.name[:3]}-{random.getrandbits(68):017x}",
        name=name,
        region=region,
        state=random.choice(STATES) if n % 997 else State.FAILED,
        zone=f"{region}{random.choice('abc')}",
        native_state="running",
        tags={"Name": name, **tags},
        created_at=BORN + timedelta(seconds=random.randrange(30_000_000)) if n % 10 else None,
        attributes={"instance_type": "t3.medium", "private_ip": f"10.0.{n % 250}.{n // 250 % 250}"},
        relations=(Relation("network", "network", f"vpc-{n % 40:017x}"),),
        raw={"InstanceId": name, "Filler": "x" * 1200},
    )
