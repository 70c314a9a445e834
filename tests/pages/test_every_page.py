"""Every address, from the URL table itself: who may open it, that looking changes nothing, that names are text."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from access.models import AuditRecord
from multicloud_site.security import SecurityHeaders
from providers.models import Account, Credential, OperationRow
from resources.models import Resource
from tests.pages.conftest import CANARY, HOSTILE

OPEN = {"healthz", "favicon"}
#: Addresses that only take a form.
FORMS = {
    "operation_cancel", "operation_look_again", "operation_undo", "account_examine", "account_read", "credential_check",
    "resource_protect",
}  # fmt: skip
#: A file as long as the list itself, and the page of a picture's rows, have no limit of their own.
LARGEST_PAGE = 60_000


def names(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) != "account/":  # the sign-in library's own pages have tests of their own
                yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name"
            yield pattern.name


ROUTES = sorted(names(get_resolver().url_patterns))
PAGES = [name for name in ROUTES if name not in FORMS | OPEN]


def arguments(name: str, world: Any) -> list[Any]:
    """What the route takes, of this team's rows."""
    route = str(next(iter(get_resolver().reverse_dict.getlist(name)))[0][0][0])
    account = Account.objects.filter(team=world.team).order_by("pk")[0]
    values = {
        "public_id": Resource.objects.filter(account=account).order_by("pk")[0].public_id,
        "operation_id": getattr(OperationRow.objects.filter(account=account).first(), "pk", "op-0"),
        "account_id": account.pk,
        "credential_id": Credential.objects.filter(team=world.team).order_by("pk")[0].pk,
        "verb": "tag",
        "by": "region",
    }
    return [values[parameter] for parameter in re.findall(r"%\((\w+)\)s", route)]


@contextmanager
def no_writes() -> Iterator[list[str]]:
    """The statements that change rows."""
    changed: list[str] = []

    def look(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "REPLACE")):
            changed.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(look):
        yield changed


def body(response: Any) -> str:
    return response.getvalue().decode()


@pytest.fixture
def theirs(others, planned):
    """Another team that has an operation as well."""
    from resources import actions

    planned()
    actions.plan_change(others.people["admin"], others.resources["their-machine"].public_id, "stop", {})
    return others


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.django_db
def test_whoever_is_signed_out_is_sent_to_sign_in(name, world, planned):
    planned()
    response = Client().get(reverse(name, args=arguments(name, world)))
    if name in OPEN:
        assert response.status_code in (200, 302)
        assert "/account/login/" not in response.headers.get("Location", "")
    else:
        assert response.status_code == 302
        assert response["Location"].startswith("/account/login/?next=")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_a_viewer_and_looking_changes_nothing(name, world, planned):
    planned()
    client = world.client("viewer")
    with no_writes() as changed:
        response = client.get(reverse(name, args=arguments(name, world)))
    assert response.status_code == 200, body(response)[-400:]
    assert changed == []


@pytest.mark.parametrize("name", [name for name in ROUTES if name not in OPEN])
def test_asking_for_the_head_of_a_page_answers_as_the_page_does_and_changes_nothing(name, world, planned):
    planned()
    client, url = world.client(), reverse(name, args=arguments(name, world))
    with no_writes() as changed:
        response = client.head(url)
    assert response.status_code == (405 if name in FORMS else 200)
    assert body(response) == ""
    assert changed == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_no_secret_and_runs_no_name(name, world, planned):
    planned()
    html = body(world.client().get(reverse(name, args=arguments(name, world))))
    assert CANARY not in html
    if name.endswith(("csv", "json", "_answer", "_plan")):
        return
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "\u202e" not in html
    assert "style=" not in html
    assert len(html.encode()) <= LARGEST_PAGE


@pytest.mark.parametrize("name", [name for name in ROUTES if name not in OPEN])
def test_another_teams_things_are_not_found(name, world, theirs):
    """Reliability, input 28: the same answer as for something that does not exist."""
    taken = arguments(name, theirs)
    if not taken or taken == ["region"]:
        return
    client = world.client("admin")
    with no_writes() as changed:
        response = (client.post if name in FORMS else client.get)(reverse(name, args=taken))
    assert response.status_code == 404
    assert changed == []
    assert "their" not in body(response)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_what_changes_something_is_no_link(name, world, planned):
    """Reliability, input 31."""
    planned()
    assert world.client().get(reverse(name, args=arguments(name, world))).status_code == 405


@pytest.mark.parametrize("name", [name for name in ROUTES if name not in OPEN])
def test_a_form_without_its_token_changes_nothing(name, world, planned):
    """Reliability, input 31: sent by a form, or by htmx."""
    planned()
    client = world.client("admin", enforce_csrf_checks=True)
    before = (OperationRow.objects.count(), AuditRecord.objects.count())
    url = reverse(name, args=arguments(name, world))
    for headers in ({}, {"HX-Request": "true"}):
        response = client.post(url, {"hash": "x", "name": "web-1", "mode": "manage"}, headers=headers)
        assert response.status_code in (403, 405)
    assert (OperationRow.objects.count(), AuditRecord.objects.count()) == before


@pytest.mark.parametrize("name", ["overview", "resources", "counts", "operations", "audit", "accounts"])
def test_lists_and_counts_leave_out_other_teams(name, world, theirs):
    html = body(world.client().get(reverse(name, args=arguments(name, world))))
    assert "their" not in html.replace("Their", "")
    assert "999999999999" not in html


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example"])
def test_a_forged_host_is_refused(host, world):
    """Reliability, input 26."""
    assert world.client().get("/", headers={"Host": host}).status_code == 400


def test_every_page_sends_the_policy_of_the_site(world):
    response = world.client().get("/")
    assert (
        response["Content-Security-Policy"]
        == SecurityHeaders(lambda request: response).headers["Content-Security-Policy"]
    )


def test_a_line_break_in_a_name_stays_out_of_headers(world):
    """Reliability, input 25."""
    from tests.pages.conftest import found

    world.see(world.accounts["production"], found("evil\r\nX-Bad: 1", native_id="i-crlf"))
    public_id = next(row.public_id for name, row in world.resources.items() if name.startswith("evil"))
    response = world.client().get(reverse("resource_answer", args=[public_id]))
    assert "X-Bad" not in response.headers
    assert response.status_code == 200


EDGES = ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")


def marker(*values: Any, position: int = 0) -> str:
    """A page marker of the list of resources, with values of somebody's own."""
    return base64.urlsafe_b64encode(json.dumps(["name", list(values), position]).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("name", "forged"),
    [
        ("resources", marker("x", 2**63)),
        ("resources", marker("x", -(2**63) - 1)),
        ("resources", marker("x", 2**61 - 1 + 2**64)),
        ("resources", marker("\ud800", 1)),
        ("resources", marker("x", 1, position=10**30)),
        *[("operations", f"{edge}~a") for edge in EDGES],
        *[("audit", f"{edge}~1") for edge in EDGES],
        ("audit", f"2026-01-01T00:00:00+00:00~{2**63}"),
    ],
)
@pytest.mark.parametrize("side", ["after", "before"])
def test_a_forged_page_marker_is_refused_in_the_products_look(name, forged, side, world):
    """Reliability, input 19: what no database can be asked for is no mistake of the product."""
    response = world.client().get(reverse(name), {side: forged})
    assert response.status_code == 400
    assert "The request could not be read" in body(response)


@pytest.mark.parametrize("name", ["resources", "operations", "audit"])
def test_a_page_marker_nobody_gave_out_is_refused(name, world):
    response = world.client().get(reverse(name), {"after": "../../etc/passwd~1"})
    assert response.status_code == 400
    assert HOSTILE not in body(response)
