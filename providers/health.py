"""The gate whose state is in the database: circuit breaker and leased budgets of calls, per account and service."""

from providers.drivers.gate import OpenGate
from providers.models import Account


class DatabaseGate(OpenGate):
    """Lets calls of one account through."""

    def __init__(self, account: Account) -> None:
        self.account = account
