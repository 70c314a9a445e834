"""The demonstration estate: what a company might run, from a seed, with stories planted for the product to find.

Everything here is derived from SEED and SEED_DATE, so that two machines have the same estate, ids included.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sandbox.aws.auth import ACCOUNTS, DOCUMENTED_KEY, user_key
from sandbox.aws.catalog import OWNERS, REGIONS, zones
from sandbox.store import Store, Thing

SEED = 2026
SEED_DATE = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
#: The regions that the estate lives in. Others exist and are empty: without even a default network.
HOME_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "sa-east-1")
#: A key that has not been changed for far too long: a planted story.
OLD_KEY = ("111111111111", "AKIASANDBOXOLDKEY0000", "sandbox-old-key-secret")

#: name, owner, architectures, root device, root GiB
PUBLIC_IMAGES = (
    ("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{arch}-server-20261001", "canonical", "/dev/sda1", 8),
    ("debian-12-{arch}-20261005-1894", "debian", "/dev/xvda", 8),
    ("al2023-ami-2023.9.20261001.0-kernel-6.1-{arch}", "amazon", "/dev/xvda", 8),
)


def id_of(prefix: str, *what: object) -> str:
    """The native id of something in the estate: the same on every machine."""
    return prefix + hashlib.sha256("/".join(map(str, (SEED, prefix, *what))).encode()).hexdigest()[:17]


def ago(days: float) -> str:
    """A moment before the seed date, as the vendor writes it."""
    return (SEED_DATE - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def load(store: Store, path: Path, empty: bool = False) -> None:
    """Fill an empty store: accounts, networks and public images always; the fleet unless `empty`."""
    add_keys(store)
    for region, status in REGIONS.items():
        if status != "not-opted-in":
            add_public_images(store, region)
    for account in ACCOUNTS:
        for number, region in enumerate(HOME_REGIONS):
            add_network(store, account, region, number)
    aliases: dict[str, dict[str, Any]] = {}
    if not empty:
        from sandbox.aws.fleet import add_fleet

        aliases = add_fleet(store, Random(SEED))
    scratch = path / "aliases.json.new"
    scratch.write_text(json.dumps(aliases, indent=1))
    scratch.rename(path / "aliases.json")


def add_keys(store: Store) -> None:
    for account, (_name, key, secret) in ACCOUNTS.items():
        store.put(user_key(account, key, secret, ago(60)))
    for account, key, secret in (DOCUMENTED_KEY,):
        store.put(user_key(account, key, secret, ago(20)))
    account, key, secret = OLD_KEY
    old = store.put(user_key(account, key, secret, ago(790)))
    old.data["LastUsed"] = ago(401)


def add_public_images(store: Store, region: str) -> None:
    for name, owner, root, gib in PUBLIC_IMAGES:
        for arch, word in (("x86_64", "amd64"), ("arm64", "arm64")):
            data = image_data(name.format(arch=word), OWNERS[owner], arch, root, gib, ago(30))
            data |= {"Public": True, **({"ImageOwnerAlias": "amazon"} if owner == "amazon" else {})}
            id = id_of("ami-", region, name, arch)
            store.put(Thing("", region, "image", id, data, state="available"))


def image_data(name: str, owner: str, arch: str, root: str, gib: int, created: str) -> dict[str, Any]:
    ebs = {
        "VolumeSize": gib,
        "VolumeType": "gp3",
        "DeleteOnTermination": True,
        "SnapshotId": id_of("snap-", name, arch),
    }
    return {
        "Name": name, "Description": name.rpartition("/")[2], "OwnerId": owner, "Public": False, "Architecture": arch,
        "SriovNetSupport": "simple",
        "ImageLocation": f"{owner}/{name}", "ImageType": "machine", "CreationDate": created, "RootDeviceName": root,
        "RootDeviceType": "ebs", "VirtualizationType": "hvm", "Hypervisor": "xen", "EnaSupport": True,
        "PlatformDetails": "Linux/UNIX", "BlockDeviceMappings": [{"DeviceName": root, "Ebs": ebs}],
    }  # fmt: skip


def public_image(region: str, which: int = 0, arch: str = "x86_64") -> str:
    """The id of one of the public images of a region: 0 Ubuntu 24.04, 1 Debian 12, 2 Amazon Linux 2023."""
    return id_of("ami-", region, PUBLIC_IMAGES[which][0], arch)


def add_network(store: Store, account: str, region: str, number: int) -> None:
    """The default network of an account in a region: a VPC, three subnets, a security group."""
    vpc = id_of("vpc-", account, region)
    data = {
        "CidrBlock": "172.31.0.0/16",
        "IsDefault": True,
        "InstanceTenancy": "default",
        "DhcpOptionsId": id_of("dopt-", account, region),
    }
    store.put(Thing(account, region, "vpc", vpc, data, {"Name": "default"}, "available"))
    for i, zone in enumerate(zones(region)):
        data = {
            "VpcId": vpc, "CidrBlock": f"172.31.{16 * i}.0/20", "AvailabilityZone": zone,
            "AvailabilityZoneId": f"{region}-az{i + 1}",
            "DefaultForAz": True, "MapPublicIpOnLaunch": True, "AvailableIpAddressCount": 4091,
            "AssignIpv6AddressOnCreation": False,
        }  # fmt: skip
        store.put(Thing(account, region, "subnet", id_of("subnet-", account, zone), data, {}, "available"))
    group = id_of("sg-", account, region, "default")
    data = {"GroupName": "default", "Description": "default VPC security group", "VpcId": vpc}
    store.put(Thing(account, region, "group", group, data, {}, "available"))
    add_rule(store, account, region, group, IsEgress=True, IpProtocol="-1", CidrIpv4="0.0.0.0/0")
    add_rule(store, account, region, group, IsEgress=False, IpProtocol="-1", ReferencedGroupId=group)


def add_rule(store: Store, account: str, region: str, group: str, **data: Any) -> None:
    id = id_of("sgr-", account, region, group, json.dumps(data, sort_keys=True))
    store.put(Thing(account, region, "group-rule", id, {"GroupId": group, **data}, {}, "available"))
