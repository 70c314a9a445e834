"""What list pages share: addresses that keep the filters, the chips of the filter bar, and the pager."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest

CURSORS = ("after", "before")


def address(request: HttpRequest, path: str = "", **changes: str) -> str:
    """This page's address with some parameters changed; an empty value takes one away. It leads to the first page."""
    query = request.GET.copy()
    for name in CURSORS:
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    for name in [name for name in query if not any(query.getlist(name))]:
        del query[name]
    text = query.urlencode()
    return f"{path or request.path}?{text}" if text else path or request.path


def chip(request: HttpRequest, name: str, label: str, options: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """One filter as _filters.html takes it. A value that is not among the options is shown all the same: it filters."""
    value = request.GET.get(name, "")
    listed = list(options)
    if listed and value and value not in {option for option, _ in listed}:
        listed.append((value, value))
    return {
        "name": name,
        "label": label,
        "value": value,
        "options": listed,
        "remove_url": address(request, **{name: ""}),
    }


def pager(request: HttpRequest, page: Any, noun: str, exports: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """What _pager.html takes. `page` has rows, words, after and before; `exports` are (address, label)."""
    return {
        "words": f"{page.words} {noun}",
        "previous_url": address(request, before=page.before) if page.before else "",
        "next_url": address(request, after=page.after) if page.after else "",
        "exports": [{"url": address(request, url), "label": label} for url, label in exports] if page.rows else [],
    }


def sort_links(request: HttpRequest, columns: Iterable[tuple[str, str, str]], current: str) -> list[dict[str, str]]:
    """The head of a table: (sort key or "", title, class) become links that turn the order round, with `aria-sort`."""
    head = []
    for key, title, style in columns:
        order = {key: "ascending", f"-{key}": "descending"}.get(current, "") if key else ""
        url = address(request, sort=f"-{key}" if current == key else key) if key else ""
        head.append({"title": title, "url": url, "order": order, "style": style})
    return head
