"""The audit as a page, as CSV, and the check of its chain."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from access import records
from pages.answers import render_page
from pages.lists import chip, pager


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The audit records, newest first."""
    page = records.audit_page(request.user, request.GET)
    names = (("account", "Account", [(name, name) for name in records.chains_of(request.user)]),)
    filters = [chip(request, *one) for one in (*names, ("actor", "Who"), ("operation", "Operation"))]
    context = {
        "page": page,
        "pager": pager(request, page, "records", [("/audit/audit.csv", "CSV of all these records")]),
        "filters": filters,
        "filtered": any(one["value"] for one in filters),
        "tab": "audit",
    }
    return render_page(request, "access/audit.html", "access/_audit.html", context)


@require_safe
def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Exactly the records that the filters let through, all of them."""
    lines: Iterator[str] = records.as_csv(records.filtered(request.user, request.GET))
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def chain(request: HttpRequest) -> HttpResponse:
    """Whether each account's chain of records holds. Reads every record, so it is asked for and not shown by itself."""
    context = {"chains": records.checked_chains(request.user), "tab": "audit"}
    return render_page(request, "access/chain.html", "access/_chain.html", context)
