"""Who may sign up: nobody. Accounts are made by an administrator."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """allauth with its sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
