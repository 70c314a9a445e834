"""Passwords that a machine made: whoever signs in with one chooses their own before anything else."""

from typing import Any

from django.http import HttpRequest

from access.models import MustChoosePassword

#: In a session: it was opened with a generated password. Asked at each request, so it costs no query.
SESSION_KEY = "must_choose_password"


def require_a_choice(user: Any) -> None:
    """The user's present password was generated."""
    MustChoosePassword.objects.get_or_create(user=user)


def note_sign_in(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    """Receives Django's `user_logged_in`."""
    if MustChoosePassword.objects.filter(user=user).exists():
        request.session[SESSION_KEY] = True


def note_choice(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    """Receives allauth's `password_changed`."""
    MustChoosePassword.objects.filter(user=user).delete()
    request.session.pop(SESSION_KEY, None)
