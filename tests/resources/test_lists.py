"""Lists: the same rows whatever way they are reached, each once, page by page, and only what the viewer may see."""

import csv
import json
import re
from io import StringIO
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Team
from providers.models import Account
from resources import exports, listing, listing_sql, store
from resources.facts import facts_of
from resources.filters import BadFilter, ResourceFilter, page_size_of
from resources.listing import all_rows, resource_page
from resources.models import Reading, Resource
from resources.paging import Page
from resources.queries import counts_for
from tests.bench import inventory
from vocabulary.words import State

pytestmark = pytest.mark.django_db

ROWS = 400


@pytest.fixture
def full(team: Team, viewer: Any) -> Any:
    """Four hundred resources of the benchmark's making, in the viewer's team and one in another."""
    random = Random(3)
    kinds = {kind.name: kind for kind in inventory.cloud("aws").kinds}
    for number, name in ((1, "production"), (2, "staging")):
        account = Account.objects.create(team=team, provider="aws", native_id=str(number) * 12, name=name)
        _store(account, [inventory._one(random, n, kinds) for n in range(number * 1000, number * 1000 + ROWS // 2)])
    foreign = Team.objects.create(slug="foreign", name="Foreign")
    account = Account.objects.create(team=foreign, provider="aws", native_id="9" * 12, name="foreign")
    _store(account, [inventory._one(random, 5000, kinds)])
    gone = Resource.objects.filter(account__team=team).order_by("pk")[:7].values_list("pk", flat=True)
    Resource.objects.filter(pk__in=list(gone)).update(gone_at=timezone.now(), state=State.GONE)
    return viewer


def _store(account: Account, found: list[Any]) -> None:
    now = timezone.now()
    sighting = store.Sighting(account, "listing", now, now)
    store.store(sighting, [facts_of(one, "aws", account.native_id) for one in found])


ASKED = (
    {},
    {"state": ["running"]},
    {"state": ["running", "stopped"], "sort": "-name"},
    {"state": ["gone"]},
    {"tag": ["env:prod"], "sort": "-created_at"},
    {"tag": ["env:prod", "service:web"]},
    {"tag": ["cost-center"], "sort": "created_at"},
    {"tag": ["nothing:there"]},
    {"kind": ["bucket"], "region": ["eu-west-1"]},
    {"kind": ["bucket", "volume"], "sort": "kind"},
    {"account": ["aws/222222222222"], "sort": "account"},
    {"account": ["aws/999999999999"]},
    {"provider": ["aws"], "service_type": ["storage"], "sort": "region"},
    {"service_type": ["compute"], "sort": "-state"},
    {"q": "prod"},
    {"q": "web"},
    {"q": "pro", "sort": "-created_at", "state": ["running"]},
    {"q": "we", "sort": "-changed_at"},
    {"q": "WEB-PROD", "tag": ["env:prod"]},
    {"q": 'no"such%_thing'},
    {"q": "team-3", "state": ["running"], "kind": ["instance"]},
)


def by_orm(viewer: Any, asked: ResourceFilter) -> QuerySet[Resource]:
    """The same question in the plainest words there are."""
    rows = Resource.objects.filter(account__team__memberships__user=viewer)
    if "gone" not in asked.state:
        rows = rows.filter(gone_at=None)
    for name in ("provider", "region", "kind", "state", "service_type"):
        if getattr(asked, name):
            rows = rows.filter(**{f"{name}__in": getattr(asked, name)})
    if asked.account:
        rows = rows.filter(account__native_id__in=[key.partition("/")[2] for key in asked.account])
    for key, value in asked.tags:
        tagged = Q(tags__key=key) if value is None else Q(tags__key=key, tags__value=value)
        rows = rows.filter(pk__in=Resource.objects.filter(tagged).values("pk"))
    if len(asked.q) < 3:
        return rows.filter(name__istartswith=asked.q)
    found = Q(name__icontains=asked.q) | Q(native_id__icontains=asked.q) | Q(public_id__icontains=asked.q)
    found |= Q(tags__key__icontains=asked.q) | Q(tags__value__icontains=asked.q)
    return rows.filter(pk__in=Resource.objects.filter(found).values("pk"))


@pytest.mark.parametrize("way", ["chosen", "walking", "collecting"])
def test_every_way_leads_to_the_same_rows_each_once(full: Any, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "walking":
        monkeypatch.setattr(listing, "MOST_WALKED", 10**9)
        monkeypatch.setattr(listing, "PATIENCE", 10**6)
    if way == "collecting":
        monkeypatch.setattr(listing, "MOST_WALKED", 0)
    for given in ASKED:
        check_walk(full, ResourceFilter.of(given))


def check_walk(viewer: Any, asked: ResourceFilter) -> None:
    """Walk a list to its end and back again."""
    expected = by_orm(viewer, asked)
    walked: list[Resource] = []
    pages: list[Page] = []
    after = ""
    while not pages or after:
        page = resource_page(viewer, asked, after=after, size=31)
        assert (page.count, page.capped, page.position) == (expected.count(), False, len(walked)), asked
        walked += page.rows
        pages.append(page)
        after = page.after
    assert [row.pk for row in walked] == [row.pk for row in in_order(list(expected), asked)], asked
    for earlier, later in pairwise(pages):
        back = resource_page(viewer, asked, before=later.before, size=31)
        assert [row.pk for row in back.rows] == [row.pk for row in earlier.rows], asked
        assert back.position == earlier.position


def in_order(rows: list[Resource], asked: ResourceFilter) -> list[Resource]:
    """The rows sorted by Python."""
    keys = {
        "account": lambda row: (row.account_id, row.name, row.pk),
        "created_at": lambda row: (row.created_at.isoformat() if row.created_at else "", row.pk),
        "changed_at": lambda row: (row.changed_at, row.pk),
        "name": lambda row: (row.name, row.pk),
    }
    key = keys.get(asked.sort_field, lambda row: (getattr(row, asked.sort_field), row.name, row.pk))
    return sorted(rows, key=key, reverse=asked.descending)


def test_a_count_follows_every_change(full: Any) -> None:
    asked = ResourceFilter(tag=("env:brand-new",))
    assert resource_page(full, asked).count == 0
    account = Account.objects.get(name="staging")
    random, kinds = Random(9), {kind.name: kind for kind in inventory.cloud("aws").kinds}
    one = inventory._one(random, 77, kinds)
    one.tags["env"] = "brand-new"  # type: ignore[index]  # the benchmark's own dictionary
    _store(account, [one])
    assert resource_page(full, asked).count == 1
    row = resource_page(full, asked).rows[0]
    store.mark_gone(store.Sighting(account, "listing", timezone.now(), timezone.now()), [row.pk])
    assert resource_page(full, asked).count == 0
    assert counts_for(full).total == resource_page(full, ResourceFilter()).count


def test_counting_ends_at_ten_thousand_and_says_so(full: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_sql, "MOST_COUNTED", 100)
    monkeypatch.setattr(listing, "MOST_COUNTED", 100)
    page = resource_page(full, ResourceFilter())
    assert (page.count, page.capped, page.words) == (100, True, "1 to 50 of 100+")


def test_another_teams_resources_are_in_no_list_count_or_search(full: Any, outsider: Any) -> None:
    """Input 28."""
    secret = Resource.objects.get(account__name="foreign")
    for given in ({}, {"q": secret.name}, {"q": secret.public_id}, {"account": ["aws/999999999999"]}):
        rows = list(all_rows(full, ResourceFilter.of(given)))
        assert secret.pk not in {row.pk for row in rows}
    assert resource_page(full, ResourceFilter(q=secret.public_id)).count == 0
    assert resource_page(outsider, ResourceFilter()).count == 0
    assert counts_for(outsider).total == 0


@pytest.mark.parametrize(
    "query",
    ["sort=password", "account__team__name=x", "filter[user__password__startswith]=a", "state=sleeping", "kind=vm",
     "tag=a%00", "page_size=0", "page_size=-1", "page_size=1e9", "sort=-", "sort=name,id"],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_its_name(query: str) -> None:
    """Input 23."""

    def ask() -> None:
        ResourceFilter.of(QueryDict(query))
        page_size_of(QueryDict(query))

    with pytest.raises(BadFilter) as refused:
        ask()
    assert refused.value.status == 400
    assert refused.value.call in query


def test_a_page_has_at_most_a_thousand_rows() -> None:
    """Input 22."""
    assert page_size_of(QueryDict("page_size=999999999")) == 1000


@pytest.mark.parametrize("marker", ["x", "W10", "////", "a" * 5000, "eyJhIjoxfQ", "WyJuYW1lIixbIngiLCJ5Il0sMF0"])
def test_a_damaged_page_marker_is_refused(full: Any, marker: str) -> None:
    with pytest.raises(BadFilter):
        resource_page(full, ResourceFilter(), after=marker)


def test_a_marker_of_another_order_is_refused(full: Any) -> None:
    after = resource_page(full, ResourceFilter()).after
    with pytest.raises(BadFilter):
        resource_page(full, ResourceFilter(sort="-name"), after=after)


def test_a_list_takes_five_queries_and_three_when_nothing_changed(full: Any) -> None:
    asked = ResourceFilter(tag=("env:prod",), state=("running",), sort="-created_at")
    with CaptureQueriesContext(connection) as first:
        resource_page(full, asked)
    with CaptureQueriesContext(connection) as second:
        resource_page(full, asked)
    assert (len(first), len(second)) == (5, 3)


def test_a_row_says_when_its_place_was_last_read(full: Any) -> None:
    row = resource_page(full, ResourceFilter()).rows[0]
    assert row.read_at is None
    moment = timezone.now()
    Reading.objects.create(account=row.account, kind=row.kind, region=row.region, completed_at=moment)
    assert resource_page(full, ResourceFilter()).rows[0].read_at == moment


def test_an_export_holds_exactly_the_rows_of_the_list(full: Any) -> None:
    asked = ResourceFilter(tag=("env:prod",), sort="-name")
    expected = [row.public_id for row in in_order(list(by_orm(full, asked)), asked)]
    lines = list(csv.DictReader(StringIO("".join(exports.as_csv(all_rows(full, asked, batch=30))))))
    assert [line["id"] for line in lines] == expected
    decoded = json.loads("".join(exports.as_json(all_rows(full, asked, batch=30))))
    assert [row["id"] for row in decoded] == expected
    assert json.loads(lines[0]["tags"]) == decoded[0]["tags"]
    assert json.loads("".join(exports.as_json([]))) == []


def test_no_cell_of_an_export_is_a_formula(full: Any) -> None:
    """Input 7."""
    row = Resource.objects.filter(account__name="staging", gone_at=None).first()
    assert row is not None
    Resource.objects.filter(pk=row.pk).update(name="=HYPERLINK(1)")
    (line,) = csv.DictReader(StringIO("".join(exports.as_csv(all_rows(full, ResourceFilter(q=row.public_id))))))
    assert line["name"] == "'=HYPERLINK(1)"
    assert not re.search(r"(?m)^[=+@]", "".join(exports.as_csv(all_rows(full, ResourceFilter()))))
