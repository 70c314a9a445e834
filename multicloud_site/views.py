"""Pages that belong to no room."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from multicloud_site.pages import error_answer
from vocabulary.errors import NotAllowed


def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


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
