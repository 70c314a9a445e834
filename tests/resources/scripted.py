"""A cloud that answers as a test wants it to: an engine over plain lists, with page sizes, refusals and worse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from providers.drivers.clouds import cloud
from providers.drivers.driver import Driver
from providers.drivers.engine import Identity, Token
from vocabulary.errors import NotFound

ACCOUNT = "111111111111"
REGION = "us-east-1"

#: What a page is replaced with, by region and page number: an answer, an error to raise, or None for the page as it is.
Trouble = Callable[[str, int], Any]


def instance(number: int, region: str = REGION, **more: Any) -> dict[str, Any]:
    """One instance as botocore gives it."""
    tags = {"Name": f"web-{number}", "env": "prod", **more.pop("tags", {})}
    return {
        "InstanceId": f"i-{number:017x}",
        "InstanceType": "t3.micro",
        "State": {"Name": "running"},
        "Placement": {"AvailabilityZone": f"{region}a"},
        "VpcId": "vpc-1",
        "SecurityGroups": [{"GroupId": "sg-1"}],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        **more,
    }


@dataclass
class ScriptedEngine:
    """Lists instances, page by page. `calls` holds what was asked."""

    instances: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    page_size: int = 1000
    trouble: Trouble = lambda region, number: None
    names: Callable[[], list[str]] = lambda: [REGION]
    calls: list[tuple[str, str]] = field(default_factory=list)
    who: str = "aws/production"

    def page(
        self, method: str, arguments: Mapping[str, Any], region: str, token: Token
    ) -> tuple[Mapping[str, Any], Token]:
        """One page of the instances of a region."""
        self.calls.append((method, region))
        number = token["page"] if token else 0
        instead = self.trouble(region, number)
        if isinstance(instead, Exception):
            raise instead
        if isinstance(instead, tuple):
            return instead
        there = self.instances.get(region, [])
        first, last = number * self.page_size, (number + 1) * self.page_size
        following = {"page": number + 1} if last < len(there) else None
        return instead or answer(*there[first:last]), following

    def send(self, method: str, arguments: Mapping[str, Any], region: str, marker: str = "") -> Mapping[str, Any]:
        """One instance, by its id."""
        self.calls.append((method, region))
        wanted = arguments["InstanceIds"][0]
        found = [one for one in self.instances.get(region, []) if one.get("InstanceId") == wanted]
        if not found:
            raise NotFound(self.who, method, f"{wanted} does not exist")
        return answer(*found)

    def check(self, method: str, arguments: Mapping[str, Any]) -> None:
        """Everything fits."""

    def identity(self) -> Identity:
        """The account's own."""
        return Identity(ACCOUNT, "arn:test")

    def regions(self) -> list[str]:
        """What the test says."""
        return self.names()


def answer(*instances: dict[str, Any], owner: str = ACCOUNT) -> dict[str, Any]:
    """What DescribeInstances answers."""
    return {"Reservations": [{"OwnerId": owner, "Instances": list(instances)}]}


def driver_over(engine: ScriptedEngine, *kinds: str, tempo: float = 0.0001) -> Driver:
    """The AWS driver over a scripted engine, for some kinds."""
    tables = cloud("aws")
    chosen = replace(tables, kinds=tuple(tables.kind(name) for name in kinds or ("instance",)))
    return Driver(chosen, engine, ACCOUNT, tempo=tempo)
