"""Which audit records a list shows, the same as CSV, and the state of the chains."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from access.audit import broken_links
from access.models import AuditRecord
from access.paging import Page, newest_first
from access.queries import audit_for
from vocabulary.text import csv_safe

COLUMNS = (
    "at",
    "account",
    "sequence",
    "actor",
    "action",
    "subject",
    "moment",
    "outcome",
    "operation",
    "token",
    "call",
    "request_id",
    "previous",
    "hash",
)


@dataclass(frozen=True)
class Chain:
    """The records of one account, and the numbers at which the chain does not hold."""

    account: str
    records: int
    broken: list[int]


def audit_page(viewer: Any, asked: Mapping[str, str]) -> Page:
    """A page of the viewer's audit records, newest first, by the filters `account`, `actor` and `operation`."""
    return newest_first(filtered(viewer, asked), "at", asked)


def filtered(viewer: Any, asked: Mapping[str, str]) -> QuerySet[AuditRecord]:
    """The records that the filters let through."""
    rows = audit_for(viewer)
    for name in ("account", "actor", "operation"):
        if asked.get(name):
            rows = rows.filter(**{name: asked[name][:200]})
    return rows


def chains_of(viewer: Any) -> list[str]:
    """The chains that the viewer's records belong to."""
    return list(audit_for(viewer).order_by("account").values_list("account", flat=True).distinct())


def checked_chains(viewer: Any) -> list[Chain]:
    """Each chain with the places at which it is broken."""
    return [
        Chain(account, AuditRecord.objects.filter(account=account).count(), broken_links(account))
        for account in chains_of(viewer)
    ]


def as_csv(rows: QuerySet[AuditRecord]) -> Iterator[str]:
    """The records as lines of CSV that no spreadsheet runs as a formula."""
    yield _line([*COLUMNS, "detail"])
    for row in rows.iterator(chunk_size=500):
        values = [row.at.isoformat(), *(getattr(row, name) for name in COLUMNS[1:])]
        yield _line([*values, json.dumps(row.detail, sort_keys=True)])


def _line(cells: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([csv_safe(cell) for cell in cells])
    return text.getvalue()
