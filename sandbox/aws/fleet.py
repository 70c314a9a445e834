"""The machines, disks, groups and buckets of the demonstration estate.

Planted stories: disks that nothing uses, machines stopped for months, a group open to the world on port 22, a public
bucket, buckets without encryption, machines without tags, hostile names, and a secret in user data.
"""

import base64
import json
from random import Random
from typing import Any

from sandbox import estate
from sandbox.aws.auth import ACCOUNTS
from sandbox.aws.catalog import zones
from sandbox.aws.fleet_machines import add_disk, disk_data, instance
from sandbox.aws.s3_buckets import BLOCKED, BY_S3
from sandbox.estate import ago, id_of
from sandbox.store import Store, Thing

CANARY = "CANARY-USERDATA-7f3a"
APPS = ("shop", "checkout", "search", "ledger", "reports", "media")
TEAMS = {
    "shop": "storefront",
    "checkout": "payments",
    "search": "discovery",
    "ledger": "finance",
    "reports": "insight",
    "media": "content",
}
#: Role -> (instance types, root GiB, data GiB, share of machines that are stopped)
ROLES: dict[str, tuple[tuple[str, ...], int, int, float]] = {
    "web": (("t3.medium", "t3.small", "m6i.large"), 20, 0, 0.1),
    "api": (("m6i.large", "c6i.large", "m5.large"), 30, 0, 0.1),
    "db": (("r6i.large", "r5.large", "r6i.xlarge"), 30, 200, 0.05),
    "batch": (("c5.xlarge", "c6i.xlarge", "m5.xlarge"), 40, 0, 0.5),
    "cache": (("r6g.large", "t4g.medium"), 16, 0, 0.0),
}
#: Account -> machines per role in each home region.
FLEET = {
    "111111111111": {"web": 3, "api": 2, "db": 2, "batch": 1, "cache": 1},
    "222222222222": {"web": 2, "api": 1, "db": 1, "batch": 1, "cache": 0},
    "333333333333": {"web": 0, "api": 1, "db": 1, "batch": 3, "cache": 1},
}
#: They come last in a list by name. What a table would calculate stands in a tag, which begins with its sign.
HOSTILE_NAMES = (
    "zz-<img src=x onerror=alert(1)>",
    "zz-report\u202egnp.exe",
    "zz-=cmd|'/c calc'!A0",
    "zz-{{7*7}}-\"'`</script>",
    "zz-very-long-" + "x" * 240,
)


#: A resource is also found by the name in this tag, so the document's example ids work on every face.
ALIAS_TAG = "multicloud:alias"


def add_fleet(store: Store, draw: Random) -> dict[str, dict[str, Any]]:
    """Fill the accounts. Returns the aliases of the specification's example ids."""
    for account, roles in FLEET.items():
        for region in estate.HOME_REGIONS:
            groups = add_groups(store, account, region)
            add_image(store, account, region)
            for role, many in roles.items():
                for number in range(1, many + 1):
                    add_machine(store, draw, account, region, role, number, groups)
            add_loose_disks(store, draw, account, region)
        add_buckets(store, draw, account)
    add_hostile(store)
    aliases = {}
    for alias, name in (
        ("res-123", "web-server-1"),
        ("resource-id", "api-server-1"),
        ("source-resource-id", "db-server-1"),
    ):
        id = id_of("i-", "alias", alias)
        instance(
            store,
            "111111111111",
            "us-east-1",
            id,
            "t3.medium",
            {"Name": name, "env": "production", "team": "platform", ALIAS_TAG: alias},
            300,
        )
        aliases[alias] = {
            "provider": "aws",
            "account": "111111111111",
            "region": "us-east-1",
            "kind": "instance",
            "native_id": id,
        }
    return aliases


def add_groups(store: Store, account: str, region: str) -> dict[str, str]:
    """The security groups of a region: name -> id."""
    rules: dict[str, list[tuple[int, str]]] = {
        "web": [(443, "0.0.0.0/0"), (80, "0.0.0.0/0")],
        "db": [(5432, "172.31.0.0/16")],
    }
    if (account, region) == ("111111111111", "eu-west-1"):
        rules["legacy-ssh"] = [(22, "0.0.0.0/0")]
    found = {"default": id_of("sg-", account, region, "default")}
    for name, openings in rules.items():
        id = found[name] = id_of("sg-", account, region, name)
        data = {
            "GroupName": f"{name}-{ACCOUNTS[account][0]}",
            "Description": f"{name} servers",
            "VpcId": id_of("vpc-", account, region),
        }
        store.put(
            Thing(account, region, "group", id, data, {"Name": data["GroupName"], "team": "platform"}, "available")
        )
        estate.add_rule(store, account, region, id, IsEgress=True, IpProtocol="-1", CidrIpv4="0.0.0.0/0")
        for port, source in openings:
            estate.add_rule(
                store,
                account,
                region,
                id,
                IsEgress=False,
                IpProtocol="tcp",
                FromPort=port,
                ToPort=port,
                CidrIpv4=source,
            )
    return found


def add_image(store: Store, account: str, region: str) -> None:
    """One image of the account's own, with the snapshot below it."""
    name = f"golden-{ACCOUNTS[account][0]}-2026-09"
    snapshot, image = id_of("snap-", account, region, name), id_of("ami-", account, region, name)
    if region not in estate.HOME_REGIONS[:3]:
        return
    data = estate.image_data(name, account, "x86_64", "/dev/xvda", 16, ago(50))
    data["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] = snapshot
    store.put(Thing(account, region, "image", image, data, {"Name": name}, "available"))
    data = {
        "VolumeId": "vol-ffffffff",
        "VolumeSize": 16,
        "StartTime": ago(50),
        "Encrypted": False,
        "Description": f"Created for {image}",
    }
    store.put(Thing(account, region, "snapshot", snapshot, data, {"Name": name}, "completed"))


def tags_of(draw: Random, account: str, role: str, name: str) -> dict[str, str]:
    app = draw.choice(APPS)
    env = {"production": "production", "staging": "staging", "data": draw.choice(("production", "development"))}[
        ACCOUNTS[account][0]
    ]
    tags = {
        "Name": name,
        "env": env,
        "team": TEAMS[app],
        "cost-center": f"CC-{1000 + 10 * APPS.index(app)}",
        "app": app,
        "role": role,
    }
    # A planted story: about one machine in eight lacks the tags that a bill is split by.
    if draw.random() < 0.12:
        for missing in ("team", "cost-center"):
            tags.pop(missing)
    return tags


def add_machine(
    store: Store, draw: Random, account: str, region: str, role: str, number: int, groups: dict[str, str]
) -> None:  # fmt: skip
    types, root, disk, idle = ROLES[role]
    size = draw.choice(types)
    id = id_of("i-", account, region, role, number)
    name = f"{role}-{ACCOUNTS[account][0]}-{region}-{number}"
    state = "stopped" if draw.random() < idle else "running"
    age = draw.uniform(3, 1095)
    one = instance(store, account, region, id, size, tags_of(draw, account, role, name), age, state, root=root)
    group = groups.get(role, groups["default"])
    if role == "api" and "legacy-ssh" in groups:
        group = groups["legacy-ssh"]
    one.data["SecurityGroups"] = [
        {"GroupId": group, "GroupName": store.shelf(account, region, "group")[group].data["GroupName"]}
    ]
    if disk:
        add_disk(store, one, "/dev/sdf", disk, age, delete=False)
    if role == "db" and number == 1:
        script = f"#!/bin/sh\nexport DB_PASSWORD={CANARY}\nsystemctl start postgresql\n"
        one.hidden["user_data"] = base64.b64encode(script.encode()).decode()


def add_loose_disks(store: Store, draw: Random, account: str, region: str) -> None:
    """A planted story: disks left behind by machines that are gone."""
    if region not in ("us-east-1", "eu-west-1", "sa-east-1"):
        return
    for number in range(2 if account == "111111111111" else 1):
        data = disk_data(zones(region)[number], draw.choice((100, 250, 500)), draw.uniform(90, 600), "gp2")
        id = id_of("vol-", account, region, "loose", number)
        store.put(Thing(account, region, "volume", id, data, {"Name": f"old-data-{number}"}, "available"))


PURPOSES = (
    "assets",
    "logs",
    "backups",
    "uploads",
    "exports",
    "models",
    "terraform-state",
    "reports",
    "raw",
    "archive",
    "invoices",
    "mail",
    "cache",
)


def add_buckets(store: Store, draw: Random, account: str) -> None:
    company = ACCOUNTS[account][0]
    for number, purpose in enumerate(PURPOSES):
        name = f"example-{company}-{purpose}"
        data: dict[str, Any] = {
            "CreationDate": ago(draw.uniform(30, 1095)),
            "encryption": BY_S3,
            "public_access_block": dict(BLOCKED),
            "ownership": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        }
        if purpose in ("backups", "terraform-state", "invoices"):
            data["versioning"] = {"Status": "Enabled"}
        if purpose in ("raw", "archive"):
            data.pop("encryption")
        if purpose == "logs":
            rule = {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90}}
            data["lifecycle"] = {"Rules": [rule]}
        if (company, purpose) == ("production", "assets"):
            statement = {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{name}/*",
            }
            data |= {
                "policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
                "public_access_block": None,
            }
        tags = (
            {"env": company, "team": draw.choice(list(TEAMS.values())), "purpose": purpose}
            if draw.random() > 0.15
            else {}
        )
        region = estate.HOME_REGIONS[number % len(estate.HOME_REGIONS)]
        store.put(Thing(account, region, "bucket", name, data, tags, "available"))


def add_hostile(store: Store) -> None:
    """Names that a cloud allows and a page must survive."""
    for number, name in enumerate(HOSTILE_NAMES):
        tags = {"Name": name[:255], "env": "staging", "note": "=cmd|'/c calc'!A0", "owner": "a\u200bdmin"}
        id = id_of("i-", "hostile", number)
        instance(
            store,
            "222222222222",
            "us-east-1",
            id,
            "t3.micro",
            tags,
            40 + number,
            "stopped" if number % 2 else "running",
            root=8,
        )
