"""Tables for a terminal: aligned, as wide as the screen, hostile text made visible, colour only where it is welcome."""

import os
import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence

from vocabulary.text import visible

GAP = "  "
NARROWEST = 6
LONGEST_CELL = 300

_COLOURS = {
    **dict.fromkeys(("running", "available", "succeeded", "ok", "complete", "allowed"), "32"),
    **dict.fromkeys(("failed", "refused", "needs_human", "degraded", "missing", "unsafe"), "31"),
    **dict.fromkeys(
        ("pending", "starting", "stopping", "updating", "deleting", "uncertain", "verifying", "unknown"), "33"
    ),
}


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes: wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, keep: Sequence[int] = (0,), width: int | None = None
) -> str:
    """The rows under their headings. On a terminal the widest columns are cut until a row fits, but none in `keep`.

    Into a pipe cells are cut at 300 characters only. `width` is for tests.
    """
    cells = [[visible(cell, LONGEST_CELL) for cell in row] for row in [list(headings), *rows]]
    widths = [max(width_of(row[column]) for row in cells) for column in range(len(headings))]
    room = width or (shutil.get_terminal_size().columns if sys.stdout.isatty() else 0)
    if room:
        widths = _fitted(widths, room - len(GAP) * (len(widths) - 1), keep)
    lines = []
    for number, row in enumerate(cells):
        padded = [_padded(cell, size, number > 0) for cell, size in zip(row, widths, strict=True)]
        lines.append(GAP.join(padded).rstrip())
    return "\n".join(lines)


def facts(values: Mapping[str, str]) -> str:
    """Names and values, one pair a line, the values aligned."""
    widest = max((width_of(name) for name in values), default=0)
    return "\n".join(
        f"{visible(name)}{' ' * (widest - width_of(name))}{GAP}{_coloured(visible(value, 2000))}"
        for name, value in values.items()
    )


def _fitted(widths: list[int], room: int, keep: Sequence[int]) -> list[int]:
    fitted = list(widths)
    while sum(fitted) > room:
        able = [column for column in range(len(fitted)) if column not in keep and fitted[column] > NARROWEST]
        if not able:
            break
        widest = max(able, key=lambda column: fitted[column])
        fitted[widest] -= 1
    return fitted


def _padded(cell: str, size: int, colour: bool) -> str:
    if width_of(cell) > size:
        cut = cell
        while width_of(cut) > size - 1:
            cut = cut[:-1]
        cell = cut + "…"
    blanks = " " * (size - width_of(cell))
    return (_coloured(cell) if colour else cell) + blanks


def _coloured(text: str) -> str:
    code = _COLOURS.get(text)
    return f"\x1b[{code}m{text}\x1b[0m" if code and _colour_is_welcome() else text


def _colour_is_welcome() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
