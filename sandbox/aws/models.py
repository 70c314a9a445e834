"""The vendor's API descriptions, read as data from botocore: operations, shapes, and the routes of REST services."""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from urllib.parse import parse_qsl

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape

#: The name in a signature's credential scope -> the name of botocore's model.
MODELS = {
    "ec2": "ec2",
    "s3": "s3",
    "sts": "sts",
    "iam": "iam",
    "cloudtrail": "cloudtrail",
    "servicequotas": "service-quotas",
    "sso": "sso",
}


@dataclass(frozen=True)
class Route:
    """One operation of a REST service: what a request must look like to mean it."""

    operation: str
    method: str
    parts: tuple[str, ...]
    query: frozenset[tuple[str, str]]
    needed: frozenset[str]
    copies: bool

    @property
    def weight(self) -> int:
        return len(self.query) * 10 + len(self.needed) * 10 + (5 if self.copies else 0)


class Service:
    """One service's model with what the server needs of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.model = ServiceModel(Loader().load_service_model(MODELS[name], "service-2"), MODELS[name])
        self.protocol: str = self.model.metadata["protocol"]
        self.namespace: str = self.model.metadata.get("xmlNamespace", "") or (
            f"http://ec2.amazonaws.com/doc/{self.model.api_version}/" if self.protocol == "ec2" else ""
        )

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(self.model.operation_names)

    @cache  # noqa: B019 - services live as long as the process
    def operation(self, name: str) -> OperationModel:
        return self.model.operation_model(name)

    @cached_property
    def routes(self) -> list[Route]:
        """Every operation's route, the most particular first."""
        # A deprecated operation has the route of the one that took its place.
        routes = [self._route(name) for name in self.model.operation_names if not self.operation(name).deprecated]
        return sorted(routes, key=lambda route: -route.weight)

    def _route(self, name: str) -> Route:
        operation = self.operation(name)
        path, _, query = operation.http["requestUri"].partition("?")
        shape = operation.input_shape
        needed = [m.serialization for n, m in shape.members.items() if n in shape.required_members] if shape else []
        return Route(
            operation=name,
            method=operation.http["method"],
            parts=tuple(part for part in path.split("/") if part),
            query=frozenset(parse_qsl(query, keep_blank_values=True)),
            needed=frozenset(s["name"] for s in needed if s.get("location") == "querystring"),
            copies=any(s.get("name") == "x-amz-copy-source" for s in needed),
        )

    def match(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str]
    ) -> tuple[Route, dict[str, str]] | None:
        """The operation that a REST request means, and the values in its path."""
        for route in self.routes:
            if route.method != method or not route.query <= query.items() or not route.needed <= query.keys():
                continue
            if route.copies and "x-amz-copy-source" not in headers:
                continue
            if (values := match_path(route.parts, path)) is not None:
                return route, values
        return None


def match_path(parts: tuple[str, ...], path: str) -> dict[str, str] | None:
    """The values of a path template's names, or None. A last part with a plus sign takes the rest, slashes included."""
    rest = path.removeprefix("/")
    values = {}
    for i, part in enumerate(parts):
        named = re.fullmatch(r"\{(\w+)(\+?)\}", part)
        greedy = bool(named and named[2])
        piece, _, rest = (rest, "", "") if greedy else rest.partition("/")
        if not piece or (not named and piece != part):
            return None
        if named:
            values[named[1]] = piece
        if i == len(parts) - 1 and rest:
            return None
    return None if not parts and rest else values


@cache
def service(name: str) -> Service:
    """The service with this signing name. Raises KeyError for one that is not simulated."""
    return Service(name)


def wire_name(name: str, shape: Shape, protocol: str) -> str:
    """The name of a request parameter on the wire (query and ec2 protocols)."""
    said = shape.serialization
    if protocol == "ec2":
        if "queryName" in said:
            return str(said["queryName"])
        own = str(said.get("name", name))
        return own[0].upper() + own[1:]
    return str(said.get("name", name))
