"""What an examination found, in plain words: what works, what is missing, and the policy that would grant it.

Pure: facts in, report out. Who asks the cloud is `doctor_work`. What was not found out is unknown, with the reason, and
never counts as fine."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from providers.drivers.examination import Examination
from providers.drivers.kind import Cloud
from vocabulary.words import Verb

Status = Literal["ok", "warn", "bad", "unknown"]

#: How bad each status is, the worst first.
WORST = ("bad", "warn", "unknown", "ok")
LOOKING = (Verb.LIST, Verb.GET)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `hint` is what to do, a command where there is one."""

    name: str
    status: Status
    says: str
    hint: str = ""


@dataclass(frozen=True)
class Key:
    """One of our own keys at the cloud. `used` says when and for what, in words; "" when that is unknown."""

    id: str
    created_at: datetime | None
    status: str
    used: str = ""
    ours: bool = False


@dataclass(frozen=True)
class Facts:
    """What was asked and answered. `unknown` maps what was not found out to the reason.

    `decisions` maps a permission to whether it is granted; a permission that is missing there is unknown.
    """

    now: datetime
    method: str
    error: Mapping[str, Any] | None = None
    account: str = ""
    principal: str = ""
    answered_in_ms: float | None = None
    keys: tuple[Key, ...] = ()
    temporary_since: datetime | None = None
    decisions: Mapping[str, bool] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False


@dataclass(frozen=True)
class Feature:
    """One verb of one resource type, and the permissions it lacks or that nobody could tell."""

    kind: str
    verb: str
    status: Status
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All of it, worst first where order is free."""

    provider: str
    checks: tuple[Check, ...]
    features: tuple[Feature, ...]
    policies: Mapping[str, Mapping[str, Any]]
    links: Mapping[str, str]
    simulated: bool = False

    @property
    def status(self) -> Status:
        """The worst of everything that was looked at."""
        return worst([check.status for check in self.checks])

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        values: dict[str, Any] = json.loads(json.dumps({**asdict(self), "status": self.status}))
        return values


def worst(statuses: list[Status]) -> Status:
    """The worst of some statuses; ok when there are none."""
    return min(statuses, key=WORST.index, default="ok")


def report(cloud: Cloud, facts: Facts, asked: Examination | None = None) -> Report:
    """What the facts mean for this cloud's kinds (TR-1, TR-2, TR-3)."""
    features = tuple(
        _feature(kind.name, verb, kind.permissions.get(verb, ()), facts) for kind in cloud.kinds for verb in kind.calls
    )
    checks = [_reach(cloud, facts), _signed_in(cloud, facts)]
    if facts.error is None:
        checks += [*_keys(facts, asked), *_expiry(facts, asked), *_permissions(cloud, features, facts)]
    return Report(
        provider=cloud.provider,
        checks=tuple(checks),
        features=features if facts.error is None else (),
        policies={
            mode: asked.policy(f"Multicloud{mode.title()}", permissions_for(cloud, mode, asked))
            for mode in ("observe", "manage")
        }
        if asked
        else {},
        links={"status": cloud.status_url, "support": cloud.support_url},
        simulated=facts.simulated,
    )


def permissions_for(cloud: Cloud, mode: str, asked: Examination | None = None) -> list[str]:
    """Every permission that an account in this mode needs, those of this examination included."""
    needed = {*cloud.required_permissions, *(asked.permissions if asked else ())}
    for kind in cloud.kinds:
        for verb, permissions in kind.permissions.items():
            if mode == "manage" or verb in LOOKING:
                needed.update(permissions)
    return sorted(needed)


def _feature(kind: str, verb: Verb, needed: tuple[str, ...], facts: Facts) -> Feature:
    missing = tuple(one for one in needed if facts.decisions.get(one) is False)
    unknown = tuple(one for one in needed if one not in facts.decisions)
    status: Status = "bad" if missing else "unknown" if unknown or not needed else "ok"
    return Feature(kind, verb.value, status, missing, unknown)


def _reach(cloud: Cloud, facts: Facts) -> Check:
    kind = (facts.error or {}).get("type")
    if kind in ("Unreachable", "ForbiddenEndpoint"):
        assert facts.error is not None
        return Check("network", "bad", f"{cloud.title} cannot be reached: {facts.error['why']}", facts.error["hint"])
    if kind in ("NotAllowed", "VaultError"):
        return Check("network", "unknown", "No call was made.", "")
    if facts.answered_in_ms is None and facts.error is None:
        return Check("network", "unknown", "It was not measured how fast the cloud answers.")
    after = "" if facts.answered_in_ms is None else f" It answered in {facts.answered_in_ms:.0f} ms."
    return Check("network", "ok", f"{cloud.title} can be reached from the worker.{after}")


def _signed_in(cloud: Cloud, facts: Facts) -> Check:
    if facts.error is not None:
        return Check("sign-in", "bad", f"Signing in failed: {facts.error['why']}", facts.error["hint"])
    return Check("sign-in", "ok", f"Signed in to {cloud.account_kind} {facts.account} as {facts.principal}.")


def _keys(facts: Facts, asked: Examination | None) -> list[Check]:
    ours = [key for key in facts.keys if key.ours]
    if not ours:
        if facts.method not in ("keys", "assume_role"):
            return [Check("key age", "ok", "No key is stored here: the sign-in renews itself.")]
        return [Check("key age", "unknown", facts.unknown.get("keys", "The key is not among those the cloud lists."))]
    return [_age(key, facts.now, asked.old_key_days if asked else 90) for key in ours]


def _age(key: Key, now: datetime, old_days: int) -> Check:
    if key.status.lower() != "active":
        return Check("key age", "bad", f"Key {key.id} is {key.status.lower()}.", "Replace it under Accounts.")
    if key.created_at is None:
        return Check("key age", "unknown", f"The cloud does not say when key {key.id} was made.")
    days = (now - key.created_at).days
    used = f" Last used: {key.used}." if key.used else ""
    if days > old_days:
        return Check(
            "key age", "warn", f"Key {key.id} is {days} days old.{used}", "Make a new key and replace this one."
        )
    return Check("key age", "ok", f"Key {key.id} is {days} days old.{used}")


def _expiry(facts: Facts, asked: Examination | None) -> list[Check]:
    """What is known of the end of temporary keys: the cloud does not tell, but they have a longest life."""
    if facts.temporary_since is None:
        return []
    hours = asked.longest_session_hours if asked else 0
    ends = facts.temporary_since + timedelta(hours=hours)
    when = f"at the latest on {ends:%Y-%m-%d %H:%M} UTC"
    says = f"These are temporary keys. The cloud does not say when they expire; {when} they do."
    hint = "Sign in by a profile or a role: they renew themselves."
    return [Check("expiry", "warn" if ends - facts.now < timedelta(hours=12) else "unknown", says, hint)]


def _permissions(cloud: Cloud, features: tuple[Feature, ...], facts: Facts) -> list[Check]:
    checks = []
    for mode, verbs in (("look", LOOKING), ("change", tuple(verb for verb in Verb if verb not in LOOKING))):
        these = [feature for feature in features if Verb(feature.verb) in verbs]
        missing = sorted({one for feature in these for one in feature.missing})
        unknown = sorted({one for feature in these for one in feature.unknown})
        name = f"permissions to {mode}"
        if missing:
            hint = f"Grant the policy for {'observe' if mode == 'look' else 'manage'} below."
            checks.append(Check(name, "bad" if mode == "look" else "warn", f"Missing: {', '.join(missing)}.", hint))
        elif unknown:
            reason = facts.unknown.get("permissions", "the cloud does not tell")
            checks.append(Check(name, "unknown", f"{len(unknown)} permissions of {cloud.title} are unknown: {reason}"))
        else:
            checks.append(Check(name, "ok", f"Every permission to {mode} is there."))
    return checks
