"""Every setting of the configuration as a row: key, variable, built-in value, what is allowed and what it means.

`vocabulary.configuration` reads the rows; the documentation and `paas-cli config show` print them. A reader takes what
a flag, a variable or the file holds and returns the value; it raises Refused, without knowing where the value stood.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

from vocabulary.types import CloudProvider

#: The most regions one provider's list may have. The largest cloud has about 100.
MAX_REGIONS = 300
MAX_PRIORITY = 1000
MAX_FACTOR = 1000.0
ONE_YEAR_SECONDS = 366 * 24 * 3600

# Exactly one way to write a number: YAML would read 010 as 8, 1:00:00 as 3600 and 1_000 as 1000, which surprises.
_NUMBER = re.compile(
    r"[+-]?(?:(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII
)
_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_REGION = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_AZURE_REGION = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*", re.ASCII)
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


class Strategy(StrEnum):
    """What a choice of provider weighs most (BP-1 to BP-4)."""

    COST_OPTIMIZED = "cost_optimized"
    PERFORMANCE_OPTIMIZED = "performance_optimized"
    BALANCED = "balanced"
    COMPLIANCE_FIRST = "compliance_first"


class Refused(ValueError):
    """A value that makes no sense. `item` is the position in a list, when it is one of its items that makes none."""

    def __init__(self, why: str, item: int | None = None) -> None:
        super().__init__(why)
        self.item = item


@dataclass(frozen=True)
class Setting:
    """One row. `variable` is empty when no environment variable sets it; `default` is the built-in value."""

    key: str
    variable: str
    default: Any
    read: Callable[[Any], Any]
    allowed: str
    meaning: str


def shown(value: object) -> str:
    """A value as an error quotes it: in one line, escaped, and short."""
    text = repr(value) if isinstance(value, str | int | float | bool | None) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."


def number(text: str) -> int | float | str:
    """The number a text is, or the text itself when it is not plainly written as one."""
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _TRUE + _FALSE:
        return value.strip().lower() in _TRUE
    raise Refused(f"{shown(value)} is neither true nor false")


def _whole(largest: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        found = number(value.strip()) if isinstance(value, str) else value
        if isinstance(found, bool) or not isinstance(found, int):
            raise Refused(f"{shown(value)} is not a whole number")
        if not 1 <= found <= largest:
            raise Refused(f"{shown(value)} is outside 1 to {largest}")
        return found

    return read


def _positive(largest: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        found = number(value.strip()) if isinstance(value, str) else value
        if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
            raise Refused(f"{shown(value)} is not a number")
        if not 0 < found <= largest:
            raise Refused(f"{shown(value)} is not above 0 and up to {largest:g}")
        return float(found)

    return read


def _strategy(value: Any) -> Strategy:
    try:
        return Strategy(value.strip().lower() if isinstance(value, str) else value)
    except ValueError:
        raise Refused(f"{shown(value)} is not a strategy") from None


def _regions(provider: CloudProvider) -> Callable[[Any], tuple[str, ...]]:
    pattern = _AZURE_REGION if provider is CloudProvider.AZURE else _REGION

    def read(value: Any) -> tuple[str, ...]:
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            raise Refused(f"{shown(value)} is not a list")
        if not 1 <= len(items) <= MAX_REGIONS:
            raise Refused(f"the list has {len(items)} regions, not 1 to {MAX_REGIONS}")
        found: dict[str, str] = {}
        for position, item in enumerate(items):
            name = item.strip() if isinstance(item, str) else ""
            if len(name) > 64 or not pattern.fullmatch(name):
                raise Refused(f"{shown(item)} is not a region as {provider.title} writes it", position)
            found.setdefault(region_slug(provider, name), name)
        return tuple(found.values())

    return read


def region_slug(provider: CloudProvider, region: str) -> str:
    """A region as it is compared: in lower case, and an Azure display name as Azure's code ("East US" is eastus)."""
    lowered = region.strip().lower()
    return "".join(lowered.split()) if provider is CloudProvider.AZURE else lowered


def _of_provider(provider: CloudProvider, default_priority: int) -> list[Setting]:
    key, variable, title = f"providers.{provider}", provider.upper(), provider.title
    example = '"East US" or eastus' if provider is CloudProvider.AZURE else "as its vendor writes them"
    factor = f"a number above 0, up to {MAX_FACTOR:g}"
    return [
        Setting(f"{key}.enabled", "", True, _boolean, "true or false", f"false: no call leaves for {title}"),
        Setting(
            f"{key}.priority",
            f"{variable}_PRIORITY",
            default_priority,
            _whole(MAX_PRIORITY),
            f"a whole number from 1 to {MAX_PRIORITY}",
            "lower is preferred when two candidates score the same",
        ),
        Setting(
            f"{key}.regions",
            "",
            (),
            _regions(provider),
            f"a list of 1 to {MAX_REGIONS} regions, {example}; without the line: every region",
            "limits synchronisation and placement to these regions",
        ),
        Setting(
            f"{key}.cost_factor",
            f"{variable}_COST_FACTOR",
            1.0,
            _positive(MAX_FACTOR),
            factor,
            "multiplies the cost term of a score, never a shown price",
        ),
        Setting(
            f"{key}.performance_factor",
            f"{variable}_PERFORMANCE_FACTOR",
            1.0,
            _positive(MAX_FACTOR),
            factor,
            "multiplies the performance term of a score",
        ),
    ]


def _general() -> list[Setting]:
    switch = "true or false"
    return [
        Setting(
            "multicloud.enabled", "MULTICLOUD_ENABLED", True, _boolean, switch, "false: no call leaves for any cloud"
        ),
        Setting(
            "multicloud.default_strategy",
            "MULTICLOUD_DEFAULT_STRATEGY",
            Strategy.BALANCED,
            _strategy,
            ", ".join(Strategy),
            "what a choice of provider weighs most when a request does not say",
        ),
        Setting(
            "multicloud.failover_enabled",
            "MULTICLOUD_FAILOVER_ENABLED",
            True,
            _boolean,
            switch,
            "false: nothing switches to a standby by itself",
        ),
    ]


def _optimization() -> list[Setting]:
    return [
        Setting(
            "optimization.cost_threshold",
            "",
            0.15,
            _positive(1.0),
            "a share above 0, up to 1 (0.15 is 15 %)",
            "another provider is advised when it is cheaper by more than this share",
        ),
        Setting(
            "optimization.performance_threshold",
            "",
            0.20,
            _positive(10.0),
            "a share above 0, up to 10 (0.20 is 20 %)",
            "another provider is advised when it performs better by more than this share",
        ),
        Setting(
            "optimization.migration_cooldown",
            "",
            3600,
            _whole(ONE_YEAR_SECONDS),
            f"whole seconds from 1 to {ONE_YEAR_SECONDS}",
            "the least time between two migrations of one resource, in seconds",
        ),
    ]


#: Every setting by its key, in the order of the file.
SETTINGS: dict[str, Setting] = {
    setting.key: setting
    for setting in [
        *_general(),
        *(row for place, provider in enumerate(CloudProvider, 1) for row in _of_provider(provider, place)),
        *_optimization(),
    ]
}
