"""Rows a page at a time, newest first, by keyset: page 1,500 costs what page 1 costs, and new rows shift nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from vocabulary.errors import InvalidParameter

PAGE_SIZE = 50
#: Counting further than this would cost more than the number is worth; pages say "10,000+".
MOST_COUNTED = 10_000


class NoSuchPage(InvalidParameter):
    """A cursor that this product never gave out."""

    status = 400


@dataclass(frozen=True)
class Page:
    """Some rows. `after` and `before` are the cursors of the next and the previous page, empty where there is none."""

    rows: list[Any]
    after: str
    before: str
    count: int

    @property
    def total(self) -> str:
        """How many rows there are in all, in words."""
        return f"{MOST_COUNTED:,}+" if self.count > MOST_COUNTED else f"{self.count:,}"

    @property
    def words(self) -> str:
        """What this page shows: "50 of 1,284", or all of it."""
        return f"{len(self.rows)} of {self.total}" if self.after or self.before else self.total


def newest_first(rows: QuerySet[Any], moment: str, asked: Mapping[str, str], size: int = PAGE_SIZE) -> Page:
    """The page of `rows` that the cursors `after` or `before` in `asked` point at.

    `moment` is the column they are sorted by. Raises NoSuchPage for a cursor that this product never gave out.
    """
    after, before = asked.get("after", ""), asked.get("before", "")
    backwards = bool(before) and not after
    ordered = rows.order_by(moment, "pk") if backwards else rows.order_by(f"-{moment}", "-pk")
    if after or before:
        at, pk = _read(after or before, rows.model)
        side = "gt" if backwards else "lt"
        ordered = ordered.filter(Q(**{f"{moment}__{side}": at}) | Q(**{moment: at, f"pk__{side}": pk}))
    found = list(ordered[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    older = bool(found) and (backwards or more)
    newer = bool(found) and (more if backwards else bool(after))
    return Page(
        rows=found,
        after=_cursor(found[-1], moment) if older else "",
        before=_cursor(found[0], moment) if newer else "",
        count=rows.order_by()[: MOST_COUNTED + 1].count(),
    )


def _cursor(row: Model, moment: str) -> str:
    return f"{getattr(row, moment).isoformat()}~{row.pk}"


def _read(cursor: str, model: type[Model]) -> tuple[datetime, Any]:
    text, _, pk = cursor.partition("~")
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        number = model._meta.pk.to_python(pk)
        if type(number) is int and abs(number) >= 2**63:
            raise ValueError(pk)
        pk.encode()
        # In UTC already here: a moment at the edge of the calendar has none.
        return at.astimezone(UTC), number
    except (ValueError, TypeError, OverflowError, ValidationError):
        raise NoSuchPage("Multicloud", "page", "this page does not exist", "Go back to the first page.") from None
