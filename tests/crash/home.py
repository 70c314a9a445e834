"""A home with a migrated database, the vault, one person and one account in manage mode on the sandbox."""

from contextlib import suppress
from pathlib import Path
from typing import Any


def prepared(home: Path) -> tuple[Any, Any]:
    """The person and the account. Django is set up here, after the environment has been."""
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from access.models import Membership, Team
    from providers import vault_store
    from providers.models import Account, Credential

    call_command("migrate", verbosity=0)
    actor = get_user_model().objects.create_user("crash")
    team = Team.objects.create(slug="crash", name="Crash")
    Membership.objects.create(user=actor, team=team, role="admin")
    account = Account.objects.create(
        team=team,
        provider="aws",
        partition="aws",
        native_id="111111111111",
        name="production",
        mode="manage",
        simulated=True,
    )
    credential = Credential.objects.create(
        team=team,
        provider="aws",
        name="production",
        default_region="us-east-1",
        endpoint="sandbox",
        fields={"access_key_id": "AKIASANDBOXPRODUCTION"},
    )
    vault_store.put(credential.holder, {"secret_access_key": "sandbox-production-secret"})
    credential.accounts.add(account)
    _load_clients(account)
    return actor, account


def _load_clients(account: Any) -> None:
    """Make the SDK's clients, which sends nothing: forked workers inherit them instead of loading them a thousand
    times.
    """
    from providers.connect import driver_for
    from vocabulary.errors import InvalidParameter

    driver = driver_for(account)
    calls = {
        call.service: call.method for kind in driver.cloud.kinds for verb in kind.calls for call in kind.steps(verb)
    }
    for method in [*calls.values(), "cloudtrail.lookup_events"]:
        with suppress(InvalidParameter):
            driver.engine.check(method, {})
