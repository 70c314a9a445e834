"""Pages of operations: the log, one operation with its plan and its progress, and the decisions about it."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pages.answers import redirect_after, render_page, wants_fragment
from pages.lists import chip, pager
from providers import actions, decisions, lists, queries
from vocabulary.text import safe_filename


@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """The log of operations, newest first."""
    page = lists.operations_page(request.user, request.GET)
    filters = [
        chip(request, "state", "State", lists.STATES),
        chip(request, "account", "Account", lists.account_options(request.user)),
        chip(request, "verb", "What", lists.VERBS),
    ]
    context = {
        "page": page,
        "pager": pager(request, page, "operations"),
        "filters": filters,
        "filtered": any(one["value"] for one in filters),
        "tab": "operations",
    }
    return render_page(request, "operations/list.html", "operations/_table.html", context)


@require_safe
def operation(request: HttpRequest, operation_id: str) -> HttpResponse:
    """One operation. While it is open its fragment asks again; the answer is empty when nothing has changed."""
    context = decisions.page_of(request.user, operation_id)
    if wants_fragment(request) and request.GET.get("seen") == context["operation"]["version"]:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render_page(request, "operations/detail.html", "operations/_live.html", context)


@require_safe
def plan_json(request: HttpRequest, operation_id: str) -> HttpResponse:
    """The plan as it will run, with its hash."""
    row = queries.operation_for(request.user, operation_id)
    name = safe_filename(f"plan-{row.pk}.json")
    answer = {"operation": row.pk, "hash": row.plan_hash, "plan": row.plan}
    return JsonResponse(answer, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, operation_id: str) -> HttpResponse:
    """Let a plan run. Deleting asks for the name of the thing first."""
    row = queries.operation_for(request.user, operation_id)
    question = decisions.approval_of(row)
    if request.method != "POST":
        return render_page(request, "confirm.html", "_confirm.html", {"confirm": question})
    if question["name"] and request.POST.get("name", "").strip() != question["name"]:
        question["error"] = f"That is not the name. Nothing was started. Type {question['name']}."
        return render_page(request, "confirm.html", "_confirm.html", {"confirm": question}, status=422)
    with decisions.naming_who(request.user, operation_id):
        actions.approve(request.user, operation_id, request.POST.get("hash", ""))
    return redirect_after(request, reverse("operation", args=[operation_id]))


@require_POST
def cancel(request: HttpRequest, operation_id: str) -> HttpResponse:
    """Call off a plan that has not begun."""
    with decisions.naming_who(request.user, operation_id):
        row = actions.cancel(request.user, operation_id)
    messages.success(request, f"Cancelled: {row.title}. Nothing was changed.")
    return redirect_after(request, reverse("operation", args=[operation_id]))


@require_POST
def look_again(request: HttpRequest, operation_id: str) -> HttpResponse:
    """After a person has mended what was wrong: back to the look-up."""
    actions.look_again(request.user, operation_id)
    return redirect_after(request, reverse("operation", args=[operation_id]))
