"""One URL, two answers: the whole page, or the fragment that htmx swaps in. Also errors, and where a form leads.

In a view:  return render_page(request, "resources/list.html", "resources/_table.html", {"page": page})
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from vocabulary.errors import CloudError, NotAllowed, NotFound

#: The headers by which one URL answers differently. Without them, Back after leaving the site shows a bare fragment.
VARY_ON = ("HX-Request", "HX-History-Restore-Request", "HX-Request-Type")


def wants_fragment(request: HttpRequest) -> bool:
    """True when htmx asks for a part of a page: not when it restores history, nor when it replaces the whole body."""
    asked = request.headers
    return (
        asked.get("HX-Request") == "true"
        and asked.get("HX-History-Restore-Request") != "true"
        and asked.get("HX-Request-Type") != "full"
    )


def render_page(
    request: HttpRequest,
    page_template: str,
    fragment_template: str,
    context: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or only its fragment when htmx asks for it. A fragment also carries the waiting messages, as toasts."""
    fragment = wants_fragment(request)
    body = render_to_string(fragment_template if fragment else page_template, dict(context or {}), request)
    if fragment and (waiting := list(get_messages(request))):
        body += render_to_string("_toasts.html", {"messages": waiting, "out_of_band": True}, request)
    response = HttpResponse(body, status=status)
    patch_vary_headers(response, VARY_ON)
    return response


def safe_url(request: HttpRequest, url: str, otherwise: str = "/") -> str:
    """The URL if it stays on this host, else `otherwise`: `?next=` comes from whoever made the link."""
    allowed = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if allowed else otherwise


def redirect_after(request: HttpRequest, url: str, otherwise: str = "/") -> HttpResponse:
    """Where to go after a form: 303 for a plain one, HX-Redirect for htmx. Never to another host."""
    url = safe_url(request, url, otherwise)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url, status=HTTPStatus.SEE_OTHER)


def error_answer(request: HttpRequest, error: CloudError, status: int | None = None) -> HttpResponse:
    """An error as a page in the product's look, or as the notice alone when htmx asked. It needs no database."""
    status = status or error.status
    context = {"error": error, "status": status, "reason": HTTPStatus(status).phrase}
    template = "_alert.html" if wants_fragment(request) else _page_for(status)
    response = HttpResponse(render_to_string(template, context), status=status)
    patch_vary_headers(response, VARY_ON)
    return response


def _page_for(status: int) -> str:
    return f"{status}.html" if status in (400, 403, 404, 500) else "error.html"


class CloudErrorPages:
    """Middleware: a CloudError that a view lets through becomes a page or a notice with who, why and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return error_answer(request, exception) if isinstance(exception, CloudError) else None


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400."""
    why = "the request could not be read"
    return error_answer(request, CloudError("Multicloud", request.path, why, "Go back and send it again."), 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403."""
    why = str(exception or "") or "your role does not allow this"
    return error_answer(request, NotAllowed("Multicloud", request.path, why, "An administrator can change your role."))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404."""
    hint = "It may have been deleted, or belong to a team you are not in."
    return error_answer(request, NotFound("Multicloud", request.path, "nothing lies at this address", hint))


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500."""
    why = "the page could not be made"
    hint = "The cause is in the log. Operations that run go on by themselves."
    return error_answer(request, CloudError("Multicloud", request.path, why, hint), 500)
