"""What a list of resources is asked for: filters, search, order. Read from a query string; the database comes later.

Only what stands in the tables below can be asked. Anything else is refused with the name of what was wrong, so that a
mistyped filter never shows everything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode

from vocabulary.errors import InvalidParameter
from vocabulary.types import CloudProvider, ServiceType
from vocabulary.words import RESOURCE_TYPES, State

#: The orders there are. A minus in front turns one round.
SORTS = ("name", "state", "region", "kind", "account", "created_at", "changed_at")

#: Parameters of a list that are no filters.
BESIDE = ("sort", "after", "before", "page_size")

PAGE_SIZE, LARGEST_PAGE = 50, 1000
LONGEST_SEARCH, MOST_VALUES = 200, 50


class BadFilter(InvalidParameter):
    """A filter or an order that does not exist."""

    status = 400


@dataclass(frozen=True)
class ResourceFilter:
    """Which resources, in which order. Several values of one filter mean "any of them", several tags "all of them".

    `account` holds account keys ("aws/111111111111"); a tag is a key, or a key and a value after a colon. Resources
    that are gone are in only when `state` asks for them.
    """

    provider: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    service_type: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    q: str = ""
    sort: str = "name"

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "ResourceFilter":
        """The filter in a query string: a QueryDict, or a mapping to texts or lists. Raises BadFilter, saying why."""
        names = {field.name for field in fields(cls)}
        for name in asked:
            if name not in names and name not in BESIDE:
                raise BadFilter(
                    "list", str(name)[:40], "there is no such filter", f"Filters: {', '.join(sorted(names))}."
                )
        values: dict[str, Any] = {}
        for name in names - {"q", "sort"}:
            values[name] = _checked(name, _texts(asked, name))
        search = " ".join(_texts(asked, "q"))[: LONGEST_SEARCH + 1].strip()
        if len(search) > LONGEST_SEARCH:
            raise BadFilter("list", "q", f"longer than {LONGEST_SEARCH} characters")
        sort = (_texts(asked, "sort") or [""])[-1] or "name"
        if sort.removeprefix("-") not in SORTS:
            raise BadFilter("list", "sort", f"{sort[:40]!r} is not an order", f"Orders: {', '.join(SORTS)}.")
        return cls(**values, q=search.replace("\n", " "), sort=sort)

    @property
    def tags(self) -> tuple[tuple[str, str | None], ...]:
        """The asked tags as (key, value); the value is None when any will do."""
        pairs = (text.partition(":") for text in self.tag)
        return tuple((key, value if colon else None) for key, colon, value in pairs)

    @property
    def sort_field(self) -> str:
        """The order without its direction."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the order is turned round."""
        return self.sort.startswith("-")

    def pairs(self) -> list[tuple[str, str]]:
        """The filter as the (name, value) pairs of a query string, without what is the default."""
        pairs = []
        for field in fields(self):
            value = getattr(self, field.name)
            pairs += [(field.name, one) for one in ((value,) if isinstance(value, str) else value)]
        return [pair for pair in pairs if pair[1] and pair != ("sort", "name")]

    def url(self, **more: str) -> str:
        """The query string of this filter, with more parameters; an empty one leaves its parameter out."""
        kept = [(name, value) for name, value in self.pairs() if name not in more]
        return "?" + urlencode(kept + [(name, value) for name, value in more.items() if value])


_CHOICES: dict[str, frozenset[str]] = {
    "provider": frozenset(CloudProvider),
    "kind": frozenset(RESOURCE_TYPES),
    "service_type": frozenset(ServiceType),
    "state": frozenset(State),
}


def page_size_of(asked: Mapping[str, Any]) -> int:
    """How many rows a page is asked to have, at most 1,000. Raises BadFilter for anything but a whole number from 1."""
    text = (_texts(asked, "page_size") or [""])[-1] or str(PAGE_SIZE)
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 10 and int(text) > 0):
        raise BadFilter("list", "page_size", f"{text[:40]!r} is not a whole number from 1", f"At most {LARGEST_PAGE}.")
    return min(int(text), LARGEST_PAGE)


def _checked(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(text for text in texts if text))
    if len(chosen) > MOST_VALUES:
        raise BadFilter("list", name, f"{len(chosen)} values are more than {MOST_VALUES}")
    for text in chosen:
        if len(text) > 2100 or "\x00" in text:
            raise BadFilter("list", name, "a value is too long, or has a NUL in it")
        if name in _CHOICES and text not in _CHOICES[name]:
            raise BadFilter(
                "list", name, f"{text[:40]!r} is not known", f"Choose: {', '.join(sorted(_CHOICES[name]))}."
            )
    return chosen


def _texts(asked: Mapping[str, Any], name: str) -> list[str]:
    values = asked.getlist(name) if hasattr(asked, "getlist") else asked.get(name, ())
    return [values] if isinstance(values, str) else [str(value) for value in values]
