"""The switches of a simulated cloud, under /_sandbox/: faults, time, quotas, rights, and hands behind the product's
back.

Changing requests must carry the header `x-multicloud-sandbox: 1`, which a page in somebody's browser cannot send
across sites.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox.aws.auth import find_key
from sandbox.aws.catalog import QUOTAS, VOLUME_COUNT
from sandbox.aws.cloud import AWS
from sandbox.faults import KINDS
from sandbox.http import Reply, Request
from sandbox.store import Thing

HEADER = "x-multicloud-sandbox"
#: Bytes of the longest request: a person's own values are far shorter.
MAXIMUM_SWITCH = 1 << 20
LOOPBACK = ("127.0.0.1", "localhost")


class Wrong(Exception):
    """The request makes no sense."""


class Admin:
    """Answers /_sandbox/ of one cloud. Each switch is a method named like its path."""

    def __init__(self, cloud: AWS) -> None:
        self.cloud = cloud
        self.reads: dict[str, Callable[[dict[str, Any]], Any]] = {
            name: getattr(self, name)
            for name in ("health", "faults", "ledger", "calls", "resources", "aliases", "kinds")
        }
        self.changes: dict[str, Callable[[dict[str, Any]], Any]] = {
            name: getattr(self, name)
            for name in (
                "fault",
                "clear",
                "speed",
                "advance",
                "reset",
                "quota",
                "policy",
                "key",
                "delete",
                "alter",
                "forget_calls",
            )
        }

    def admit(self, request: Request) -> Reply | int:
        """Judges a request before its body is read: refuses it, or says how many bytes its body may have."""
        try:
            host = urlsplit(f"//{request.headers.get('host', '')}").hostname
        except ValueError:
            host = None
        if host not in LOOPBACK:
            return said(403, {"error": "the sandbox answers on loopback only"})
        if request.method == "POST" and request.headers.get(HEADER) != "1":
            return said(403, {"error": f"the header {HEADER}: 1 is missing"})
        return MAXIMUM_SWITCH

    def answer(self, request: Request) -> Reply:
        """Answers a request that was admitted."""
        name = request.path.removeprefix("/_sandbox/")
        table = self.changes if request.method == "POST" else self.reads
        if name not in table:
            return said(404, {"error": f"no such switch: {request.method} {name}"})
        try:
            values = json.loads(request.body or b"{}") if request.method == "POST" else dict(parse_qsl(request.query))
            with self.cloud.lock:
                return said(200, table[name](values))
        except (Wrong, ValueError, TypeError, KeyError, RecursionError) as wrong:
            return said(400, {"error": f"{type(wrong).__name__}: {wrong}"})

    # Looking ------------------------------------------------------------------------------------------------------

    def health(self, _: dict[str, Any]) -> Any:
        clock = self.cloud.clock
        return {"cloud": "aws", "speed": clock.speed, "offset": clock.offset, "ledger": self.cloud.store.seq}

    def faults(self, _: dict[str, Any]) -> Any:
        return self.cloud.faults.listed()

    def kinds(self, _: dict[str, Any]) -> Any:
        return KINDS

    def ledger(self, values: dict[str, Any]) -> Any:
        return [json.loads(entry.to_json()) for entry in self.cloud.store.entries(int(values.get("after", 0)))]

    def calls(self, _: dict[str, Any]) -> Any:
        return dict(self.cloud.calls)

    def resources(self, values: dict[str, Any]) -> Any:
        now, found = self.cloud.clock.now(), []
        for things in list(self.cloud.store.shelves.values()):
            for thing in list(things.values()):
                secret = thing.kind in ("access-key", "token")
                if not secret and all(str(getattr(thing, name)) == value for name, value in values.items()):
                    thing.settle(now)
                    found.append(raw(thing))
        return found

    def aliases(self, _: dict[str, Any]) -> Any:
        return json.loads((self.cloud.path / "aliases.json").read_text())

    # Switching ----------------------------------------------------------------------------------------------------

    def fault(self, values: dict[str, Any]) -> Any:
        return {"id": self.cloud.faults.add(**values).id}

    def clear(self, values: dict[str, Any]) -> Any:
        self.cloud.faults.clear(values.get("id"))
        return {}

    def speed(self, values: dict[str, Any]) -> Any:
        speed = float(values["speed"])
        if not 0 < speed < 1e9:
            raise Wrong("speed must be above 0")
        self.cloud.clock.speed = speed
        return {"speed": speed}

    def advance(self, values: dict[str, Any]) -> Any:
        self.cloud.clock.advance(float(values["seconds"]))
        self.cloud.store.note("offset", self.cloud.clock.offset)
        self.cloud.store.commit()
        return {"offset": self.cloud.clock.offset}

    def reset(self, values: dict[str, Any]) -> Any:
        self.cloud.reset(bool(values.get("empty")))
        return {}

    def forget_calls(self, _: dict[str, Any]) -> Any:
        self.cloud.calls.clear()
        return {}

    def quota(self, values: dict[str, Any]) -> Any:
        name = values["name"]
        if name not in QUOTAS and name != VOLUME_COUNT:
            raise Wrong(f"no quota is called {name}; there are {', '.join([*QUOTAS, VOLUME_COUNT])}")
        quotas = dict(self.cloud.store.meta.get("quotas", {}))
        quotas[f"{values['account']}/{values.get('region', '')}/{name}"] = float(values["value"])
        self.cloud.store.note("quotas", quotas)
        self.cloud.store.commit()
        return {}

    def policy(self, values: dict[str, Any]) -> Any:
        key = self.known_key(values["key"])
        key.hidden["deny"] = [str(pattern) for pattern in values["deny"]]
        self.keep(key)
        return {}

    def key(self, values: dict[str, Any]) -> Any:
        key = self.known_key(values["key"])
        if values["status"] not in ("Active", "Inactive"):
            raise Wrong("status is Active or Inactive")
        key.state = values["status"]
        self.keep(key)
        return {}

    def delete(self, values: dict[str, Any]) -> Any:
        """Take a resource away as another person would, without a call of the product's."""
        thing = self.thing(values)
        self.cloud.store.remove(thing)
        self.cloud.store.commit()
        return raw(thing)

    def alter(self, values: dict[str, Any]) -> Any:
        """Change a resource as another person would: `data`, `tags`, `hidden` are merged (None takes a key away),
        `state` is set.
        """
        thing = self.thing(values)
        for name in ("data", "tags", "hidden"):
            own: dict[str, Any] = getattr(thing, name)
            for key, value in values.get(name, {}).items():
                own.pop(key, None) if value is None else own.update({key: value})
        if "state" in values:
            thing.state, thing.plan = values["state"], []
        self.keep(thing)
        return raw(thing)

    def keep(self, thing: Thing) -> None:
        self.cloud.store.put(thing)
        self.cloud.store.commit()

    def known_key(self, id: str) -> Thing:
        key = find_key(self.cloud.store, id)
        if key is None:
            raise Wrong("no such access key")
        return key

    def thing(self, values: dict[str, Any]) -> Thing:
        for things in self.cloud.store.shelves.values():
            thing = things.get(values["id"])
            if (
                thing
                and thing.kind == values.get("kind", thing.kind)
                and thing.account == values.get("account", thing.account)
            ):
                return thing
        raise Wrong(f"nothing has the id {values['id']}")


def raw(thing: Thing) -> dict[str, Any]:
    """A thing as it is kept, for a judge."""
    return dict(thing.__dict__)


def said(status: int, value: Any) -> Reply:
    return Reply(
        status,
        json.dumps(value, default=str).encode(),
        {"Content-Type": "application/json", "x-multicloud-simulated": "1"},
    )
