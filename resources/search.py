"""Free-text search, one database at a time: which rows may hold a text, and which do.

SQLite has an index of trigrams for three letters and more. It names candidates; LIKE on the row itself decides, so that
the answer is that of `icontains`. Other databases compare with ILIKE alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from resources.search_index import TABLE

SHORTEST = 3


@dataclass(frozen=True)
class Search:
    """A searched text in SQL. `table` and `match` are the candidates' index, empty where there is none.

    `exact`: every candidate holds the text, because one trigram is all of it.
    """

    holds: str
    holds_params: tuple[Any, ...]
    table: str = ""
    match: str = ""
    match_params: tuple[Any, ...] = ()
    exact: bool = False


def search_for(text: str, vendor: str) -> Search:
    """How to find a text. One shorter than three letters is looked for at the beginning of the name only."""
    if len(text) < SHORTEST:
        return Search(_like("r.name", vendor), (f"{_escaped(text)}%",))
    holds, params = _like("r.search_text", vendor), (f"%{_escaped(text)}%",)
    if vendor != "sqlite":
        return Search(holds, params)
    words = " ".join(f'"{part}"' for part in dict.fromkeys(_trigrams(text)))
    exact = len(text) == SHORTEST and text.isascii()
    return Search(holds, params, TABLE, f"{TABLE} MATCH %s", (words,), exact)


def _trigrams(text: str) -> Iterator[str]:
    """Trigrams that cover the text. Overlapping ones would name hardly fewer candidates, at three times the cost."""
    last = len(text) - 3
    # A quotation mark is doubled inside an FTS5 string.
    return (text[at : at + 3].replace('"', '""') for at in (*range(0, last, 3), last))


def _like(column: str, vendor: str) -> str:
    return f"{column} {'LIKE' if vendor == 'sqlite' else 'ILIKE'} %s ESCAPE '\\'"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
