"""The tables behind the Overview's pictures, as pages and as CSV: the same rows, not a second count."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from multicloud_site.estate import Estate, estate_of
from vocabulary.errors import NotFound
from vocabulary.text import csv_safe
from vocabulary.types import CloudProvider


@dataclass(frozen=True)
class Counted:
    """Counts as a table: what the rows are, the columns in order, and the rows with the most first."""

    by: str
    title: str
    columns: list[str]
    rows: dict[str, Counter[str]]
    estate: Estate

    def lines(self) -> list[tuple[str, list[int], int]]:
        """Each row with its counts in the order of the columns and their sum."""
        return [
            (name, [counts[one] for one in self.columns], sum(counts.values())) for name, counts in self.rows.items()
        ]

    def as_csv(self) -> Iterator[str]:
        """The same rows as CSV."""
        yield _line([self.by, *self.columns, "all", "simulated"])
        for name, counts, total in self.lines():
            yield _line([name, *counts, total, str(self.estate.simulated).lower()])


def counted(viewer: Any, by: str) -> Counted:
    """The table of resources by "region" (and state) or by "kind" (and cloud). Raises NotFound for another word."""
    estate = estate_of(viewer)
    providers = {line.account.pk: CloudProvider(line.account.provider).title for line in estate.lines}
    if by == "region":
        title, rows = (
            "Resources by region and state",
            estate.by(lambda cell: cell.region or "global", lambda c: c.state),
        )
    elif by == "kind":
        title, rows = "Resources by kind and cloud", estate.by(lambda c: c.kind, lambda c: providers[c.account])
    else:
        raise NotFound("Multicloud", "counts", f"there is no table by {by[:40]!r}", "There are: region, kind.")
    totals: Counter[str] = sum(rows.values(), Counter())
    return Counted(by, title, [name for name, _ in totals.most_common()], rows, estate)


def _line(cells: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([csv_safe(cell) for cell in cells])
    return text.getvalue()
