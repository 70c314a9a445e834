"""Who gets in: people who are signed in, and nobody signs up. Accounts are made by an administrator."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from pages.answers import safe_url


class ClosedAdapter(DefaultAccountAdapter):
    """allauth with its sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SignedInOnly(LoginRequiredMiddleware):
    """Every page but those marked `login_not_required` asks for a sign-in. A fragment sends the whole page there."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponse:
        if request.headers.get("HX-Request") != "true":
            return super().handle_no_permission(request, view_func)
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = safe_url(request, f"{parts.path}?{parts.query}" if parts.query else parts.path or "/")
        url = f"{resolve_url(self.get_login_url(view_func))}?{urlencode({'next': back})}"
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": url})
