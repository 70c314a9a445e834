"""How a cloud is asked what a credential may do, without changing anything. A row per cloud, as with its kinds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from providers.drivers.kind import Call

ROWS: dict[str, str] = {"aws": "providers.drivers.aws.examination:EXAMINATION"}


@dataclass(frozen=True)
class Examination:
    """The questions of one cloud.

    `keys` lists our own keys as {id, created_at, status}; `last_used` tells of one {key} when it was used. `may` asks
    for {actions} of a {source} and answers {action, decision}; `source` turns a principal into what policies are
    attached to, or "". `rehearsals` are calls, by permission, that the cloud judges and does not carry out; `rehearsed`
    is its code for "would have worked". `policy` writes the cloud's own form of "these are allowed". `permissions` are
    what the questions need."""

    keys: Call
    last_used: Call
    may: Call
    source: Callable[[str], str]
    policy: Callable[[str, Iterable[str]], Mapping[str, Any]]
    allowed: str
    rehearsed: str
    rehearsals: Mapping[str, Call] = field(default_factory=dict)
    permissions: tuple[str, ...] = ()
    longest_session_hours: int = 0
    old_key_days: int = 90
    at_once: int = 100


@cache
def examination(provider: str) -> Examination | None:
    """The questions of a cloud; None for one that cannot be asked."""
    if provider not in ROWS:
        return None
    module, _, name = ROWS[provider].partition(":")
    found = getattr(import_module(module), name)
    assert isinstance(found, Examination)
    return found
