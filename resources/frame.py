"""What stands around every page: the menu's counts and the choices of filters. Kept for some seconds."""

from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db.models import Func, IntegerField, OuterRef, QuerySet, Subquery

from access.paging import MOST_COUNTED
from providers.lists import SEVERAL
from providers.models import OperationRow
from providers.queries import accounts_for
from resources.models import Resource
from resources.queries import readings_for

KEPT_SECONDS, REGIONS_KEPT_SECONDS = 5, 300


def frame_of(user: Any) -> dict[str, Any]:
    """Counts for the menu, and the accounts that filters offer. One query, kept for some seconds."""
    return kept(f"frame-{user.pk}", KEPT_SECONDS, lambda: _frame(user))


def regions_of(user: Any) -> list[str]:
    """The regions that filters offer: all that are read."""
    rows = readings_for(user).exclude(region="").order_by("region").values_list("region", flat=True).distinct()
    return kept(f"regions-{user.pk}", REGIONS_KEPT_SECONDS, lambda: list(rows))


def kept(key: str, seconds: int, make: Callable[[], Any]) -> Any:
    """A value out of the cache, made anew when it is not there."""
    value = cache.get(key)
    if value is None:
        value = make()
        cache.set(key, value, seconds)
    return value


def _frame(user: Any) -> dict[str, Any]:
    own = {"account": OuterRef("pk")}
    waiting = OperationRow.objects.filter(**own, state__in=SEVERAL["needs_you"])
    there = Resource.objects.filter(**own, gone_at=None)
    accounts = list(accounts_for(user).annotate(waiting=_count(waiting), there=_count(there)))
    resources = sum(account.there for account in accounts)
    operations = sum(account.waiting for account in accounts)
    words = {"count": operations, "count_tone": "warn", "count_words": "wait for you"}
    return {
        "entries": {
            "resources": {"count": f"{MOST_COUNTED:,}+" if resources > MOST_COUNTED else resources},
            "accounts": {"count": len(accounts)},
            "operations": words if operations else {},
        },
        "accounts": [(account.key, str(account)) for account in accounts],
        "simulated": any(account.simulated for account in accounts),
    }


def _count(rows: QuerySet[Any]) -> Func:
    """How many rows belong to an account, counted no further than a menu shows."""
    limited = rows.order_by().values("pk")[: MOST_COUNTED + 1]
    return Func(Subquery(limited), template="(SELECT COUNT(*) FROM %(expressions)s)", output_field=IntegerField())
