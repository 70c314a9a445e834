"""Pages of the inventory: the list, one resource, and the forms that plan a change of it."""

import time
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pages.answers import redirect_after, render_page
from pages.lists import chip, pager, sort_links
from providers import queries as accounts
from resources import actions, detail, exports, lists, queries
from resources.filters import ResourceFilter
from resources.forms import ChangeForm, TagsForm
from resources.frame import frame_of, regions_of
from resources.listing import all_rows, resource_page
from vocabulary.errors import CloudError
from vocabulary.text import safe_filename
from vocabulary.words import Verb


@require_safe
def resources(request: HttpRequest) -> HttpResponse:
    """The list, as its address asks for it."""
    asked = ResourceFilter.of(request.GET)
    page = resource_page(request.user, asked, request.GET.get("after", ""), request.GET.get("before", ""))
    context = {
        "page": page,
        "rows": lists.shown(page.rows),
        "head": sort_links(request, lists.COLUMNS, asked.sort),
        "pager": pager(request, page, "resources", lists.exports()),
        "filters": [chip(request, *one) for one in lists.filters(frame_of(request.user), regions_of(request.user))],
        "more": [chip(request, *one) for one in lists.MORE_FILTERS],
        "hidden": [("sort", asked.sort)] if asked.sort != "name" else [],
        "filtered": bool(asked.pairs()),
        "search": asked.q,
    }
    return render_page(request, "resources/list.html", "resources/_table.html", context)


@require_safe
def export_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Exactly what the list shows, all pages of it, as CSV."""
    lines = exports.as_csv(all_rows(request.user, ResourceFilter.of(request.GET)))
    return _file(lines, "resources.csv", "text/csv; charset=utf-8")


@require_safe
def export_json(request: HttpRequest) -> StreamingHttpResponse:
    """Exactly what the list shows, all pages of it, as JSON."""
    lines = exports.as_json(all_rows(request.user, ResourceFilter.of(request.GET)))
    return _file(lines, "resources.json", "application/json")


@require_safe
def resource(request: HttpRequest, public_id: str) -> HttpResponse:
    """One resource: what it is, what it hangs together with, what happened to it, what can be done."""
    context = detail.page_of(request.user, public_id, request.GET.get("history", ""))
    return render_page(request, "resources/detail.html", "resources/_history.html", context)


@require_safe
def answer(request: HttpRequest, public_id: str) -> HttpResponse:
    """The cloud's own answer without its secret parts, as a file."""
    found = queries.resource_for(request.user, public_id)
    name = safe_filename(f"{found.kind}-{found.public_id}.json")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(detail.answer_of(found), content_type="application/json", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, public_id: str, verb: str) -> HttpResponse:
    """Plan a change. GET shows the form of a verb that wants parameters; POST writes the plan down and shows it."""
    found = queries.resource_for(request.user, public_id)
    asked = detail.asked(found, verb)
    given = request.POST if request.method == "POST" else None
    form: Any = TagsForm(found, given) if asked.verb is Verb.TAG else ChangeForm(found, asked.kind, asked.verb, given)
    context = {"resource": found, "form": form, "verb": asked.verb.value, "label": asked.label, "kind": asked.kind}
    if given is not None and (asked.verb is Verb.TAG or form.is_valid()):
        try:
            planned = actions.plan_change(request.user, public_id, verb, form.changed())
            return redirect_after(request, reverse("operation", args=[planned.pk]))
        except CloudError as error:
            context |= {"error": error}
    status = context["error"].status if "error" in context else 422 if given is not None else 200
    return render_page(request, "resources/change.html", "resources/_change.html", context, status)


@require_POST
def undo(request: HttpRequest, operation_id: str) -> HttpResponse:
    """Plan the way back of an operation, and show that plan."""
    planned = actions.plan_undo(request.user, operation_id)
    return redirect_after(request, reverse("operation", args=[planned.pk]))


@require_POST
def protect(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep a resource from being changed through this product, or lift that."""
    protected = request.POST.get("protected") == "yes"
    actions.set_protected(request.user, public_id, protected)
    words = "Protected: no change is planned until this is lifted." if protected else "The protection is lifted."
    messages.success(request, words)
    return redirect_after(request, reverse("resource", args=[public_id]))


@require_POST
def read(request: HttpRequest, account_id: int) -> HttpResponse:
    """Have everything of an account read as soon as a worker is free."""
    account = accounts.account_for(request.user, account_id)
    actions.request_reading(request.user, account)
    messages.success(request, f"{account} is read as soon as a worker is free.")
    return redirect_after(request, f"{reverse('account', args=[account.pk])}?read_since={int(time.time())}")


def _file(lines: Iterator[str], name: str, kind: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=kind, headers=headers)
