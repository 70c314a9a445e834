"""Writing and checking the audit. A record that cannot be written is an error, never a shrug."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from access.models import AuditRecord, Team
from vocabulary.errors import AuditUnavailable

FIRST = "0" * 64
CHAINED = (
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
)


def append(team: Team | None, values: Mapping[str, Any]) -> AuditRecord:
    """Add one record to its account's chain, in the caller's transaction. Raises AuditUnavailable when that fails."""
    try:
        with transaction.atomic():
            chain = AuditRecord.objects.filter(account=values["account"]).order_by("-sequence")
            sequence, previous = chain.values_list("sequence", "hash").first() or (0, FIRST)
            record = AuditRecord(
                at=timezone.now(),
                team=team,
                sequence=sequence + 1,
                previous=previous,
                **values,
            )
            record.hash = hash_of(record)
            record.save(force_insert=True)
            return record
    except DatabaseError as error:
        raise AuditUnavailable(
            values["account"],
            values["action"],
            f"the audit record cannot be written: {error}",
            "Nothing was sent. Check the database and the disk.",
        ) from error


def hash_of(record: AuditRecord) -> str:
    """SHA-256 over the record's canonical JSON and the hash of the record before it."""
    fields = {name: getattr(record, name) for name in CHAINED}
    fields.update({"at": record.at.isoformat(), "detail": record.detail, "previous": record.previous})
    return hashlib.sha256(json.dumps(fields, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def broken_links(account: str) -> list[int]:
    """The sequence numbers at which an account's chain does not hold: a record changed, dropped or swapped."""
    broken, previous, expected = [], FIRST, 1
    for record in AuditRecord.objects.filter(account=account).order_by("sequence"):
        if record.sequence != expected or record.previous != previous or record.hash != hash_of(record):
            broken.append(record.sequence)
        previous, expected = record.hash, record.sequence + 1
    return broken
