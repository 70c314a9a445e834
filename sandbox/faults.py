"""The fault switch: rules that make a simulated cloud fail, drawn from a seed so that a run can be repeated."""

import random
import threading
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from typing import Any

#: What each kind of fault does, and the options it reads.
KINDS = {
    "throttle": "refuse as asked too often; retry_after seconds",
    "error": "fail before doing it; status (500)",
    "error_after": "do it, then answer with an error; status (500)",
    "hold": "do it, then keep the answer back; seconds",
    "slow": "wait before doing it; seconds",
    "cut": "do it, then send only the first at bytes of the answer",
    "wrong_length": "do it, then claim extra more bytes than are sent",
    "html": "answer 200 with a page of HTML; nothing is done; well_formed=False for one that no XML parser reads",
    "schema": "answer 200 with another schema; nothing is done",
    "null_list": "answer 200 without the lists that belong in it",
    "token_loop": "a listing gives the same page token again and again",
    "page_fail": "a listing fails from its second page on; status (500)",
    "moved": "an item moves from the next page to one already read",
    "invisible": "what is created now is not shown for seconds",
    "unauthorized": "refuse the key, as if it had been revoked",
    "deny": "refuse the action for want of a permission",
    "fail_later": "accept a creation that fails afterwards",
    "outage": "a region is down: 503 for every call",
    "reset": "do nothing and break the connection",
    "reset_after": "do it and break the connection",
    "wrong_account": "answer for another account; answer_account",
    "wrong_region": "answer for another region; answer_region",
    "kill_pid": "do it, then kill process pid with SIGKILL before answering",
}


@dataclass
class Rule:
    """Which calls fail, how, and how often. `skip` lets the first n matching calls pass; `count` limits how often it
    fires; `rate` is the share of matching calls that fail. `action` may have wildcards.
    """

    kind: str
    service: str = "*"
    action: str = "*"
    region: str = "*"
    account: str = "*"
    rate: float = 1.0
    count: int | None = None
    skip: int = 0
    seed: int = 7
    options: dict[str, Any] = field(default_factory=dict)
    id: int = 0
    fired: int = 0
    seen: int = 0


class Faults:
    """The rules in force. Kept in memory only: a restarted cloud works well again."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.numbers, self.lock, self.draws = count(1), threading.Lock(), dict[int, random.Random]()

    def add(self, **values: Any) -> Rule:
        """Switch a fault on. Raises ValueError for a kind or an option nobody knows."""
        known = {name for name in Rule.__dataclass_fields__ if name not in ("options", "id", "fired", "seen")}
        kind = values.get("kind")
        if kind not in KINDS:
            raise ValueError(f"no fault is called {kind!r}; there are {', '.join(KINDS)}")
        options = {
            **values.pop("options", {}),
            **{name: values.pop(name) for name in list(values) if name not in known},
        }
        rule = Rule(**values, options=options)
        with self.lock:
            rule.id = next(self.numbers)
            self.draws[rule.id] = random.Random(rule.seed)
            self.rules.append(rule)
        return rule

    def clear(self, id: int | None = None) -> None:
        with self.lock:
            self.rules = [rule for rule in self.rules if id is not None and rule.id != id]

    def draw(self, service: str, action: str, region: str, account: str, paging: bool) -> dict[str, dict[str, Any]]:
        """The faults that befall this call: kind -> options. `paging`: it asks for a page after the first."""
        fired: dict[str, dict[str, Any]] = {}
        if not self.rules:
            return fired
        with self.lock:
            for rule in self.rules:
                asked = zip(
                    (rule.service, rule.action, rule.region, rule.account),
                    (service, action, region, account),
                    strict=True,
                )
                if not all(fnmatchcase(value, pattern) for pattern, value in asked):
                    continue
                if rule.kind == "page_fail" and not paging:
                    continue
                rule.seen += 1
                spent = rule.count is not None and rule.fired >= rule.count
                if rule.seen > rule.skip and not spent and self.draws[rule.id].random() < rule.rate:
                    rule.fired += 1
                    fired[rule.kind] = rule.options
        return fired

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self.rules]
