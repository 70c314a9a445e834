"""Pages by their edge rows (keyset paging): page 1,500 costs what page 1 does; rows that come or go shift nothing."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from resources.filters import BadFilter
from resources.models import Resource

#: Counting ends here; above it a list says "10,000+".
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Cursor:
    """The edge of a page: its order, the row's values in that order, and how many rows lie before the page."""

    sort: str
    values: tuple[Any, ...]
    position: int

    def as_text(self) -> str:
        """The cursor as it stands in an address."""
        text = json.dumps([self.sort, list(self.values), self.position], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of(cls, text: str, sort: str, length: int) -> "Cursor":
        """The cursor in an address. Raises BadFilter for one that is damaged or belongs to another order."""
        try:
            decoded = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            made_for, values, position = decoded
            fits = made_for == sort and len(values) == length and type(position) is int and type(values[-1]) is int
            fits = fits and all(_storable(value) for value in (*values, position))
        except (binascii.Error, ValueError, TypeError, RecursionError, IndexError):
            fits = False
        if not fits or len(text) > 4096:
            raise BadFilter(
                "list", "page", "this page marker is damaged or of another order", "Start at the first page."
            )
        return cls(sort, tuple(values), max(0, position))


def _storable(value: Any) -> bool:
    """Whether a database can be asked for it: a whole number of 64 bits, or text without lone surrogates."""
    if type(value) is int:
        return abs(value) < 2**63
    if type(value) is str:
        value.encode()  # UnicodeEncodeError is a ValueError
        return "\0" not in value
    return False


@dataclass(frozen=True)
class Page:
    """One page of resources. `before` and `after` are the markers of its neighbours, empty where there is none.

    `count` is how many resources the filter has, at most 10,000; with `capped` there are more. `position` is how many
    of them lie before this page, as far as is known from the pages walked through.
    """

    rows: list[Resource]
    count: int
    capped: bool
    position: int
    before: str
    after: str

    @property
    def words(self) -> str:
        """Where this page stands: "1 to 50 of 10,000+"."""
        total = f"{self.count:,}{'+' if self.capped else ''}"
        if not self.rows:
            return f"0 of {total}"
        return f"{self.position + 1:,} to {self.position + len(self.rows):,} of {total}"
