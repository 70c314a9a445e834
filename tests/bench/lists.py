"""The list of resources at 100,000 rows: how long it takes, against what, and with how many queries.

Run in a process of its own. CPU time is what is compared: on a shared machine the clock on the wall measures others.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

ROWS, ROUNDS = 100_000, 5
FILTERED = "/resources/?tag=env:prod&state=running&sort=-created_at"

#: Lists a person asks for: dense, sparse and empty filters, alone and together, in every order.
LISTS = (
    FILTERED,
    "/resources/",
    "/resources/?sort=-name",
    "/resources/?tag=env:prod&tag=service:web&kind=instance&sort=-changed_at",
    "/resources/?tag=audit&sort=state",
    "/resources/?tag=team:team-3&state=pending&sort=region",
    "/resources/?tag=team:team-3&state=pending&kind=bucket&region=eu-west-1&sort=-name",
    "/resources/?kind=bucket&region=eu-west-1",
    "/resources/?account=aws/111111111111&service_type=compute&sort=account",
    "/resources/?tag=cost-center:cc-7&sort=kind",
    "/resources/?state=failed&tag=env:test",
    "/resources/?state=gone",
)

#: From in every row to absent.
TERMS = (
    "res-", "env", "team-", "service", "prod", "pro", "web", "worker", "api-prod", "team-3", "team-11", "cc-1",
    "cost-center", "2026", "ins-0f", "batch-prod-09", "web-prod-0001", "zzzz", "instance", "no such thing",
)  # fmt: skip


def measure(home: Path) -> dict[str, float]:
    """The figures of the list, with the inventory in `home`, which is filled when it is empty."""
    viewer = _prepared(home)
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")
    figures = _lists(client)
    figures["list_vs_bare"] = _against_bare(client, viewer)
    figures["list_queries"] = _queries(client)
    figures["list_deep_ratio"] = _deep(viewer)
    return figures | _searches(client, viewer)


def _prepared(home: Path) -> Any:
    os.environ["MULTICLOUD_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "multicloud_site.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from resources.models import Resource
    from tests.bench.inventory import fill

    call_command("migrate", verbosity=0)
    return fill(0 if Resource.objects.count() >= ROWS else ROWS)


def _forget() -> None:
    from resources import listing

    listing._kept.clear()


def _spent(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


def _get(client: Any, url: str) -> Any:
    answer = client.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    return answer


def _lists(client: Any) -> dict[str, float]:
    """Every list with its count made anew each time, as after a change of the inventory."""
    for url in LISTS:
        _get(client, url)
    spent: dict[str, list[float]] = {url: [] for url in LISTS}
    for _ in range(ROUNDS):
        for url in LISTS:
            _forget()
            spent[url].append(_spent(lambda url=url: _get(client, url)))
    return {"list_p95_ms": _p95(spent)}


def _p95(spent: dict[str, list[float]]) -> float:
    """The 95th percentile of what was asked, each by the median of its rounds."""
    return round(quantiles((median(rounds) for rounds in spent.values()), n=20, method="inclusive")[-1], 1)


def _against_bare(client: Any, viewer: Any) -> float:
    """The filtered page against a view that fills the same template with the first 50 rows: no filter, no count."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.test import RequestFactory

    from resources import views

    session = SessionStore(client.session.session_key)

    def ours() -> None:
        request = _request(RequestFactory(), FILTERED, viewer, session)
        assert views.resources(request).status_code == 200

    def bare() -> None:
        assert _bare_view(_request(RequestFactory(), "/resources/", viewer, session)).status_code == 200

    ours(), bare()
    rounds = [(_spent(ours), _spent(bare)) for _ in range(ROUNDS * 5)]
    return round(median(one for one, _ in rounds) / median(other for _, other in rounds), 2)


def _request(factory: Any, url: str, viewer: Any, session: Any) -> Any:
    from django.contrib.messages.storage.fallback import FallbackStorage

    request = factory.get(url)
    request.user, request.session = viewer, session
    request._messages = FallbackStorage(request)
    return request


def _bare_view(request: Any) -> Any:
    from django.shortcuts import render

    from resources import lists
    from resources.models import Resource

    rows = Resource.objects.select_related("account").prefetch_related("tags").order_by("name", "pk")[:50]
    shown = list(rows.defer("search_text", "unknown"))
    for row in shown:
        row.read_at = None
    head = [{"title": title, "style": style} for _, title, style in lists.COLUMNS]
    context = {"rows": lists.shown(shown), "head": head, "pager": {"words": "50"}, "filters": [], "more": []}
    return render(request, "resources/list.html", context)


def _queries(client: Any) -> float:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _forget()
    with CaptureQueriesContext(connection) as captured:
        _get(client, FILTERED)
    return float(len(captured))


def _deep(viewer: Any) -> float:
    """Page 1,500 against page 1 of all resources by name."""
    from resources.filters import ResourceFilter
    from resources.listing import resource_page
    from resources.models import Resource
    from resources.paging import Cursor

    asked = ResourceFilter()
    edge = Resource.objects.filter(gone_at=None).order_by("name", "pk").values_list("name", "pk")[1499 * 50 - 1]
    after = Cursor("name", tuple(edge), 1499 * 50).as_text()
    assert len(resource_page(viewer, asked, after=after).rows) == 50
    rounds = [
        (
            _spent(lambda: resource_page(viewer, asked, after=after)),
            _spent(lambda: resource_page(viewer, asked)),
        )
        for _ in range(ROUNDS * 8)
    ]
    return round(median(deep for deep, _ in rounds) / median(first for _, first in rounds), 2)


def _searches(client: Any, viewer: Any) -> dict[str, float]:
    """Twenty terms on the page, counts made anew; each against `icontains` on the same column, rows compared."""
    from resources.filters import ResourceFilter
    from resources.listing import resource_page

    spent: dict[str, list[float]] = {term: [] for term in TERMS}
    slower = 0
    for term in TERMS:
        asked = ResourceFilter(q=term)
        rounds = []
        for _ in range(ROUNDS):
            _forget()
            ours = _spent(lambda asked=asked: resource_page(viewer, asked))
            rounds.append((ours, _spent(lambda term=term: _by_icontains(viewer, term))))
            _forget()
            spent[term].append(_spent(lambda term=term: client.get("/resources/", {"q": term})))
        ours, theirs = median(one for one, _ in rounds), median(other for _, other in rounds)
        slower += ours > theirs * 1.05
        assert [row.pk for row in resource_page(viewer, asked).rows] == [
            row.pk for row in _by_icontains(viewer, term)[0]
        ]
    return {"search_p95_ms": _p95(spent), "search_slower_than_icontains": float(slower)}


def _by_icontains(viewer: Any, term: str) -> tuple[list[Any], int]:
    from resources.queries import resources_for

    rows = resources_for(viewer).filter(gone_at=None, search_text__icontains=term)
    count = rows.values("pk")[:10_001].count()
    return list(rows.order_by("name", "pk").prefetch_related("tags").defer("search_text", "unknown")[:50]), count


if __name__ == "__main__":
    import sys

    print(measure(Path(sys.argv[1])))
