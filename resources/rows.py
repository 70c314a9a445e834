"""Writing many rows by one statement: building model instances would cost more than the database does."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model


def insert_many(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows, tuples in the order of `columns` (field names): JSON as text, times as `stored_moment` has them."""
    with connection.cursor() as cursor:
        cursor.executemany(_insert(model, tuple(columns), connection.vendor), rows)


def stored_moment(value: datetime | None) -> Any:
    """A time as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(value) if value else None


@cache
def _insert(model: type[Model], columns: tuple[str, ...], vendor: str) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(model._meta.get_field(column).column) for column in columns)
    values = ", ".join("%s" for _ in columns)
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({values})"  # noqa: S608  # names of our own models
