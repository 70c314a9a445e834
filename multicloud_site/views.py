"""Pages that show several rooms together: the Overview, the accounts, the tables behind the pictures."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from multicloud_site import accounts as accounts_shown
from multicloud_site import counts, estate, overview
from pages.answers import error_answer, render_page
from providers.queries import credentials_for
from vocabulary.errors import NotAllowed, NotFound
from vocabulary.text import safe_filename


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The Overview."""
    return render_page(request, "overview/page.html", "overview/_body.html", overview.page_of(request.user))


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """The accounts, each with its mode, its counts and how fresh they are."""
    loose = [one for one in credentials_for(request.user) if not one.accounts.all()]
    context = {"estate": estate.estate_of(request.user), "loose": loose}
    return render_page(request, "accounts/list.html", "accounts/_list.html", context)


@require_safe
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account: sign-in, readings, mode."""
    context = accounts_shown.page_of(request.user, account_id, request.GET)
    return render_page(request, "accounts/detail.html", "accounts/_detail.html", context)


@require_safe
def counted(request: HttpRequest, by: str) -> HttpResponse:
    """The table of the same data as a picture of the Overview."""
    context = {"counted": counts.counted(request.user, by)}
    return render_page(request, "overview/counts.html", "overview/_counts.html", context)


@require_safe
def counted_csv(request: HttpRequest, by: str) -> StreamingHttpResponse:
    """The same table as CSV."""
    lines = counts.counted(request.user, by).as_csv()
    name = safe_filename(f"resources-by-{by}.csv")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def not_served(request: HttpRequest, **_: Any) -> HttpResponse:
    """An address of the sign-in library that this product does not offer: no mail is sent, no account opened."""
    raise NotFound("Multicloud", "page", "there is no such page", "An administrator makes accounts and passwords.")


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address without being told to."""
    return redirect(static("icon.svg"))


def csrf_failure(request: HttpRequest, reason: str = "", **_: Any) -> HttpResponse:
    """A form without its token: said in the product's look."""
    return error_answer(
        request,
        NotAllowed(
            "Multicloud",
            "form",
            "the form was not sent from this site, or is too old",
            "Load the page again and repeat.",
        ),
        403,
    )
