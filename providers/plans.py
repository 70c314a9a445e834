"""A plan is a value: what will happen, step by step, and a hash. What runs is the plan with that hash, or nothing.

Plans go into journals and out as JSON; they hold no secret (a secret parameter is a reference into the vault) and
import neither a cloud's SDK nor Django.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

UNKNOWN_COST = "unknown"
WHY_COST_IS_UNKNOWN = "There is no price catalogue yet."


@dataclass(frozen=True)
class Step:
    """One changing call of a plan. `call` is the position of its Call in the kind's verb; `back` undoes it if a later
    one fails.
    """

    title: str
    method: str
    arguments: Mapping[str, Any]
    call: int
    until: tuple[str, ...] = ()
    back: "Step | None" = None


@dataclass(frozen=True)
class Change:
    """One setting before and after."""

    setting: str
    now: str
    after: str


@dataclass(frozen=True)
class Plan:
    """What one operation would do. `expects` are facts that must still hold when it runs.

    `account` is the account's key, `provider/native id`; `subject` the public id of the resource, empty when it is
    still to be created. `cost_monthly` is money in words, or "unknown" with `cost_reason`. `secrets` names the
    parameters kept in the vault.
    """

    provider: str
    account: str
    region: str
    kind: str
    verb: str
    title: str
    name: str
    steps: tuple[Step, ...]
    subject: str = ""
    native_id: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    effects: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    undo: str = ""
    expects: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    cost_monthly: str = UNKNOWN_COST
    cost_reason: str = WHY_COST_IS_UNKNOWN
    needs: tuple[str, ...] = ()
    simulated: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The plan as plain JSON values. `from_dict` is the inverse."""
        return dict(json.loads(json.dumps(asdict(self), ensure_ascii=False)))

    @property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON of the plan, in hexadecimal."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Plan":
        """A plan out of its JSON form. Keys that this version does not know are ignored, so that old journals stay
        readable.
        """
        known = {entry.name for entry in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known}
        kept["steps"] = tuple(_step(step) for step in kept.get("steps", ()))
        kept["changes"] = tuple(Change(**change) for change in kept.get("changes", ()))
        for name in ("effects", "stays", "warnings", "needs"):
            kept[name] = tuple(kept.get(name, ()))
        return cls(**kept)


def _step(values: Mapping[str, Any]) -> Step:
    back = values.get("back")
    return Step(
        title=values["title"],
        method=values["method"],
        arguments=values["arguments"],
        call=values["call"],
        until=tuple(values.get("until", ())),
        back=_step(back) if back else None,
    )
