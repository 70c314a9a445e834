"""The switches of a running sandbox, from Python. Needs nothing but the standard library."""

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from vocabulary.errors import InvalidParameter, Unreachable


def address_of(home: str | Path, cloud: str = "aws") -> str:
    """Where this home's sandbox listens. Raises Unreachable when none has ever been started."""
    path = Path(home) / "sandbox" / cloud / "address"
    if not path.exists():
        raise Unreachable(
            "sandbox", "address", f"no sandbox has been started on {home}", f"Start it: python -m sandbox {cloud}"
        )
    return path.read_text().strip()


class Control:
    """One sandbox's switches. `fault` returns the rule's id; everything else what its name says.

        control = Control.of(home)
        rule = control.fault("throttle", service="ec2", action="Describe*", rate=0.2, seed=7)
        control.clear(rule)

    The kinds of faults and their options are listed by `kinds()`. Raises InvalidParameter when the sandbox refuses, and
    Unreachable when it does not answer.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        # A proxy of the environment must never see loopback traffic.
        self._opener = build_opener(ProxyHandler({}))

    @classmethod
    def of(cls, home: str | Path, cloud: str = "aws") -> "Control":
        return cls(address_of(home, cloud))

    def _ask(self, name: str, values: dict[str, Any] | None = None, **query: Any) -> Any:
        url = f"{self.address}/_sandbox/{name}" + (f"?{urlencode(query)}" if query else "")
        body = None if values is None else json.dumps(values).encode()
        request = Request(url, body, {"x-multicloud-sandbox": "1", "Content-Type": "application/json"})
        try:
            with self._opener.open(request, timeout=30) as answer:
                return json.load(answer)
        except HTTPError as refused:
            raise InvalidParameter("sandbox", name, json.load(refused)["error"]) from None
        except OSError as failed:
            raise Unreachable("sandbox", name, f"{self.address} does not answer: {failed}", "Is it running?") from None

    def health(self) -> dict[str, Any]:
        return dict(self._ask("health"))

    def kinds(self) -> dict[str, str]:
        return dict(self._ask("kinds"))

    def fault(
        self, kind: str, *, service: str = "*", action: str = "*", region: str = "*", account: str = "*", **more: Any
    ) -> int:
        """Switch a fault on. `rate`, `count`, `skip` and `seed` say when it strikes; other names are options of the
        kind.
        """
        values = {"kind": kind, "service": service, "action": action, "region": region, "account": account, **more}
        return int(self._ask("fault", values)["id"])

    def clear(self, id: int | None = None) -> None:
        """Switch one fault off, or all."""
        self._ask("clear", {"id": id})

    def faults(self) -> list[dict[str, Any]]:
        return list(self._ask("faults"))

    def speed(self, speed: float) -> None:
        self._ask("speed", {"speed": speed})

    def advance(self, seconds: float) -> None:
        """Let time pass at once, for states and for the lifetime of temporary keys and tokens."""
        self._ask("advance", {"seconds": seconds})

    def reset(self, empty: bool = False) -> None:
        """Back to the estate (or to empty accounts): state, ledger, faults, counts and quotas."""
        self._ask("reset", {"empty": empty})

    def quota(self, account: str, name: str, value: float, region: str = "") -> None:
        """Change a quota: vcpus, volume_count, gp3_tib, groups, rules, buckets …; in every region unless one is
        named.
        """
        self._ask("quota", {"account": account, "name": name, "value": value, "region": region})

    def policy(self, key: str, deny: list[str]) -> None:
        """What an access key may not do, as IAM actions with wildcards: ["ec2:StopInstances", "s3:*"]."""
        self._ask("policy", {"key": key, "deny": deny})

    def key(self, key: str, status: str) -> None:
        """Make an access key Active or Inactive."""
        self._ask("key", {"key": key, "status": status})

    def ledger(self, after: int = 0) -> list[dict[str, Any]]:
        return list(self._ask("ledger", after=after))

    def calls(self) -> dict[str, int]:
        """How often each action was called, accepted or not: {"ec2:DescribeInstances": 3}."""
        return dict(self._ask("calls"))

    def forget_calls(self) -> None:
        self._ask("forget_calls", {})

    def resources(self, **wanted: str) -> list[dict[str, Any]]:
        """The raw state, for judges: by kind, account, region, id or state."""
        return list(self._ask("resources", None, **wanted))

    def delete(self, id: str, **more: str) -> dict[str, Any]:
        """Take a resource away behind the product's back."""
        return dict(self._ask("delete", {"id": id, **more}))

    def alter(self, id: str, **more: Any) -> dict[str, Any]:
        """Change a resource behind the product's back: data={…}, tags={…}, hidden={…}, state="stopped"."""
        return dict(self._ask("alter", {"id": id, **more}))

    def aliases(self) -> dict[str, dict[str, str]]:
        return dict(self._ask("aliases"))
