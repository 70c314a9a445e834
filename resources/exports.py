"""A list as a file, piece by piece, so that memory stays flat. The rows are those of `listing.all_rows`."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from resources import freshness
from resources.models import Resource
from vocabulary.text import csv_safe

COLUMNS = (
    "id", "provider", "account", "service_type", "resource_type", "name", "native_id", "region", "zone", "state",
    "state_since", "first_seen_at", "created_at", "observed_at", "simulated", "tags",
)  # fmt: skip


def as_csv(rows: Iterable[Resource]) -> Iterator[str]:
    """Rows of a list as CSV, a heading first. No cell of it is run as a formula by a spreadsheet."""
    yield _line(COLUMNS)
    for row in rows:
        values = as_dict(row)
        values["tags"] = json.dumps(values["tags"], ensure_ascii=False, sort_keys=True) if values["tags"] else ""
        yield _line([csv_safe(values[column]) for column in COLUMNS])


def as_json(rows: Iterable[Resource]) -> Iterator[str]:
    """Rows of a list as one JSON array."""
    between = "[\n"
    for row in rows:
        yield between + json.dumps(as_dict(row), ensure_ascii=False)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def as_dict(row: Resource) -> dict[str, Any]:
    """One row of a list in the words of CloudResource."""
    return {
        "id": row.public_id,
        "provider": row.provider,
        "account": row.account.key,
        "service_type": row.service_type,
        "resource_type": row.kind,
        "name": row.name,
        "native_id": row.native_id,
        "region": row.region,
        "zone": row.zone,
        "state": row.state,
        "state_since": _iso(freshness.state_since(row)),
        "first_seen_at": _iso(row.first_seen_at),
        "created_at": _iso(row.created_at),
        "observed_at": _iso(freshness.known_of(row, row.read_at)),
        "simulated": row.simulated,
        "tags": {tag.key: tag.value for tag in row.tags.all()},
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def _line(cells: Any) -> str:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
