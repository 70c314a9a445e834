"""Who gets in: people who are signed in, with a password of their own. Nobody signs up: accounts are made by an
administrator.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from access.generated import SESSION_KEY
from pages.answers import safe_url

#: Where somebody with a generated password may go.
CHOOSING = ("account_change_password", "account_logout")


class ClosedAdapter(DefaultAccountAdapter):
    """allauth with its sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("overview")


class SignedInOnly(LoginRequiredMiddleware):
    """Every page but those marked `login_not_required` asks for a sign-in, and for a password that was chosen by its
    owner. A fragment sends the whole page there.
    """

    def process_view(self, request: HttpRequest, view_func: Any, *more: Any) -> Any:
        refused = super().process_view(request, view_func, *more)
        if refused is not None or not getattr(view_func, "login_required", True):
            return refused
        if not request.session.get(SESSION_KEY) or _address(request) in CHOOSING:
            return None
        url = resolve_url("account_change_password")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponse:
        if request.headers.get("HX-Request") != "true":
            return super().handle_no_permission(request, view_func)
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = safe_url(request, f"{parts.path}?{parts.query}" if parts.query else parts.path or "/")
        url = f"{resolve_url(self.get_login_url(view_func))}?{urlencode({'next': back})}"
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": url})


def _address(request: HttpRequest) -> str:
    return request.resolver_match.url_name or "" if request.resolver_match else ""
