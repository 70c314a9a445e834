"""One call in the hands of its handler: who asks, for what, and what came of it.

A handler is registered under (service, action), gets a Call, and returns what the vendor's answer says, in boto3's
names. It looks before it changes anything. What it changed it reports with `accepted`, and the ledger has it.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.aws.catalog import QUOTAS, VOLUME_COUNT_LIMIT
from sandbox.aws.errors import Refused
from sandbox.clock import Clock, moment
from sandbox.http import Request
from sandbox.ledger import Entry
from sandbox.store import GONE, Store, Thing

Handler = Callable[["Call"], dict[str, Any]]
HANDLERS: dict[tuple[str, str], Handler] = {}

PAGE_SIZE = 50
#: How long a new resource may hide from describing calls, in simulated seconds.
CONSISTENCY_SECONDS = 1.0
#: How long EC2 remembers an idempotency token.
TOKEN_SECONDS = 24 * 3600
HIDDEN_PARAMETERS = ("UserData", "SecretAccessKey", "SessionToken")
REMOVED = "<sensitiveDataRemoved>"

#: EC2's codes and words for something that is not there.
NOT_FOUND = {
    "instance": ("i-", "InvalidInstanceID", "The instance ID '{}' does not exist"),
    "volume": ("vol-", "InvalidVolume", "The volume '{}' does not exist."),
    "group": ("sg-", "InvalidGroup", "The security group '{}' does not exist"),
    "group-rule": ("sgr-", "InvalidSecurityGroupRuleId", "The security group rule ID '{}' does not exist"),
    "image": ("ami-", "InvalidAMIID", "The image id '[{}]' does not exist"),
    "vpc": ("vpc-", "InvalidVpcID", "The vpc ID '{}' does not exist"),
    "subnet": ("subnet-", "InvalidSubnetID", "The subnet ID '{}' does not exist"),
    "snapshot": ("snap-", "InvalidSnapshot", "The snapshot '{}' does not exist."),
}


def handles(service: str, action: str) -> Callable[[Handler], Handler]:
    """Register the handler of one action."""

    def register(handler: Handler) -> Handler:
        HANDLERS[service, action] = handler
        return handler

    return register


@dataclass
class Call:
    """What a handler sees. `account` and `region` are those answered for (a fault may make them the wrong ones)."""

    store: Store
    clock: Clock
    service: str
    action: str
    account: str
    region: str
    key: Thing
    params: dict[str, Any]
    request: Request
    request_id: str
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    memo: dict[str, Any] = field(default_factory=dict)
    discarded: list[Path] = field(default_factory=list)

    # Looking ------------------------------------------------------------------------------------------------------

    def things(self, kind: str, region: str | None = None, hidden: bool = False) -> list[Thing]:
        """Everything of a kind that a describing call shows now, in a stable order, each in its state of now."""
        now = self.clock.now()
        found = []
        for thing in list(self.store.shelf(self.account, self.region if region is None else region, kind).values()):
            if thing.settle(now) == GONE:
                self.store.remove(thing)
            elif hidden or thing.visible_at <= now:
                found.append(thing)
        return sorted(found, key=lambda thing: thing.id)

    def find(self, kind: str, id: str, region: str | None = None, hidden: bool = False) -> Thing | None:
        """This thing in its state of now; None when there is none, or none that shows yet (unless `hidden`)."""
        now = self.clock.now()
        thing = self.store.shelf(self.account, self.region if region is None else region, kind).get(id)
        if thing is None or (thing.visible_at > now and not hidden):
            return None
        if thing.settle(now) == GONE:
            self.store.remove(thing)
            return None
        return thing

    def get(self, kind: str, id: str) -> Thing:
        """This thing, or EC2's refusal: malformed, or not found."""
        prefix, code, words = NOT_FOUND[kind]
        if not id.startswith(prefix):
            expected = f'Invalid id: "{id}" (expecting "{prefix}...")'
            raise Refused(f"{code}.Malformed", expected)
        thing = self.find(kind, id)
        if thing is None:
            raise Refused(f"{code}.NotFound", words.format(id))
        return thing

    def quota(self, name: str) -> float:
        standard = QUOTAS[name].value if name in QUOTAS else VOLUME_COUNT_LIMIT
        region = self.region if name not in QUOTAS or QUOTAS[name].regional else ""
        changed: dict[str, float] = self.store.meta.get("quotas", {})
        exact = changed.get(f"{self.account}/{region}/{name}")
        return exact if exact is not None else changed.get(f"{self.account}//{name}", standard)

    # Changing -----------------------------------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        """A native id never given before, the same for the same history."""
        number = self.store.next_number()
        return prefix + hashlib.sha256(f"{self.account}/{self.region}/{number}".encode()).hexdigest()[:17]

    def add(self, kind: str, id: str, data: dict[str, Any], **more: Any) -> Thing:
        """A new thing of this account, which shows after the consistency window."""
        seconds = self.faults["invisible"].get("seconds", 30) if "invisible" in self.faults else CONSISTENCY_SECONDS
        more.setdefault("visible_at", self.clock.after(seconds))
        region = more.pop("region", self.region)
        return self.store.put(Thing(self.account, region, kind, id, data, **more))

    def plan(self, thing: Thing, state: str, *later: tuple[float, str]) -> None:
        """Put a thing in a state, with what follows: (simulated seconds from now, state)."""
        thing.state = state
        thing.plan = [[self.clock.after(seconds), name] for seconds, name in later]
        self.store.put(thing)

    def accepted(self, kind: str, *things: Thing | str, name: str = "", replayed: bool = False, **more: Any) -> None:
        """Report a change to the ledger: one entry per call, with the ids it was about."""
        first = things[0] if things else None
        tags = more.get("tags") or (dict(first.tags) if isinstance(first, Thing) else {})
        self.entries.append(
            Entry(
                seq=0,
                time=moment(),
                account=self.account,
                region=more.get("region", self.region),
                service=self.service,
                action=self.action,
                kind=kind,
                native_ids=tuple(thing.id if isinstance(thing, Thing) else thing for thing in things),
                name=name or tags.get("Name", ""),
                token=str(self.params.get("ClientToken", "")),
                tags=tags,
                user_agent=self.request.headers.get("user-agent", ""),
                request_id=self.request_id,
                parameters=shown(self.params),
                replayed=replayed,
                access_key=self.key.id,
            )
        )

    # Idempotency --------------------------------------------------------------------------------------------------

    def earlier(self) -> list[str] | None:
        """The ids that an accepted call with this ClientToken made. Raises Refused when its parameters were others."""
        token = self.params.get("ClientToken")
        if not token:
            return None
        known = self.find("token", f"{self.action}/{token}", hidden=True)
        if known is None:
            return None
        if known.data["digest"] != self.digest():
            raise Refused(
                "IdempotentParameterMismatch",
                f"The client token '{token}' was used before with other parameters",
            )
        return list(known.data["ids"])

    def remember(self, ids: list[str]) -> None:
        """Keep what this ClientToken made."""
        if token := self.params.get("ClientToken"):
            gone = [[self.clock.now() + TOKEN_SECONDS, GONE]]
            data = {"digest": self.digest(), "ids": ids}
            self.add("token", f"{self.action}/{token}", data, state="known", plan=gone, visible_at=0.0)

    def digest(self) -> str:
        relevant = {name: value for name, value in self.params.items() if name != "DryRun"}
        return hashlib.sha256(json.dumps(relevant, sort_keys=True, default=str).encode()).hexdigest()

    # Paging -------------------------------------------------------------------------------------------------------

    def page(
        self, items: list[Any], least: int = 1, most: int = 1000, size: str = "MaxResults", token: str = "NextToken"
    ) -> tuple[list[Any], str | None]:
        """One page of these items and the token of the next. Everything in one page when the caller names no size.

        The token names the last item shown, so that what is created or deleted between two pages shifts nothing.
        """
        wanted, given = self.params.get(size), self.params.get(token)
        if wanted is None and not given:
            return items, None
        if wanted is not None and not least <= wanted <= most:
            why = f"Value ( {wanted} ) for parameter {size} is invalid. Expecting {least} to {most}."
            raise Refused("InvalidParameterValue", why)
        start = _start(given, items)
        if given and "moved" in self.faults:
            start += 1
        shown_now = items[start : start + min(wanted or PAGE_SIZE, PAGE_SIZE)]
        if "token_loop" in self.faults:
            return shown_now, given or _token("")
        more = start + len(shown_now) < len(items) and shown_now
        return shown_now, _token(_name(items, start + len(shown_now) - 1)) if more else None


def _name(items: list[Any], index: int) -> str:
    return items[index].id if isinstance(items[index], Thing) else f"{index:09d}"


def _start(token: str | None, items: list[Any]) -> int:
    """Where the page with this token begins."""
    if not token:
        return 0
    try:
        kind, _, last = base64.urlsafe_b64decode(token.encode()).decode().partition("/")
    except ValueError:
        kind, last = "", ""
    if kind != "after":
        raise Refused("InvalidNextToken", "The pagination token is not valid")
    return next((i for i in range(len(items)) if _name(items, i) > last), len(items))


def _token(last: str) -> str:
    return base64.urlsafe_b64encode(f"after/{last}".encode()).decode()


def shown(value: Any) -> Any:
    """Parameters as a log may keep them: without what is secret, and without bytes."""
    if isinstance(value, dict):
        return {k: REMOVED if k in HIDDEN_PARAMETERS else shown(v) for k, v in value.items() if k != "ClientToken"}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else value
