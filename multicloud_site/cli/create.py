"""`paas-cli multicloud resources create`: from a file of parameters to a resource that was looked at once more."""

from typing import Any

import click

from multicloud_site.cli.changes import config_option, set_option
from multicloud_site.cli.operations import wait_option, yes_option
from multicloud_site.cli.session import Session, command
from vocabulary.errors import ConfigurationError, InvalidParameter, NotFound, NotYetSupported
from vocabulary.types import CloudProvider, ServiceType
from vocabulary.words import RESOURCE_TYPES, covers


@command(
    "create",
    examples=(
        "multicloud resources create --provider aws --service-type compute --resource-type instance \\",
        "      --config instance-config.json",
        "multicloud resources create --provider aws --service-type storage --resource-type bucket --set name=my-logs",
        "multicloud resources create … --plan-only --json > plan.json",
    ),
)
@click.option(
    "--service-type",
    required=True,
    type=click.Choice([each.value for each in ServiceType]),
    help="The family.",
    metavar="TYPE",
)
@click.option(
    "--resource-type", required=True, type=click.Choice(list(RESOURCE_TYPES)), help="What to create.", metavar="TYPE"
)
@config_option
@set_option
@click.option(
    "--provider",
    type=click.Choice([each.value for each in CloudProvider]),
    help="Where; needed until placement is built.",
)
@click.option("--account", default="", help="In which account, where there are several: aws/production.")
@click.option("--region", default="", help="In which region; else the file's `region`, else the credential's.")
@yes_option
@wait_option
@click.option("--plan-only", is_flag=True, help="Show the plan (with --json: export it), and create nothing.")
def create(
    session: Session,
    service_type: str,
    resource_type: str,
    config: str,
    settings: tuple[str, ...],
    provider: str | None,
    account: str,
    region: str,
    **how: Any,
) -> int:
    """Create a resource. Asks the cloud what can be known beforehand, shows the plan, asks, follows it to its end."""
    _check_types(service_type, resource_type)
    if not provider and not account:
        raise NotYetSupported(
            "Multicloud",
            "resources create",
            "choosing the best provider needs placement, which is not built yet",
            "Say where: --provider aws",
        )
    actor = session.actor()
    from multicloud_site.cli.carrying_out import decide
    from multicloud_site.cli.given import parameters_of
    from providers.connect import driver_for
    from resources import actions

    chosen = _account(actor, provider or "", account)
    parameters = parameters_of(settings, config, _secrets(chosen.provider, resource_type))
    where = region or str(parameters.get("region") or "") or _default_region(chosen)
    driver = driver_for(chosen, where)
    row = actions.plan_creation(actor, chosen.pk, resource_type, where, parameters, driver)
    return decide(session, actor, row, **how)


def _check_types(service_type: str, resource_type: str) -> None:
    if not covers(ServiceType(service_type), RESOURCE_TYPES[resource_type]):
        raise InvalidParameter(
            "Multicloud",
            "--service-type",
            f"{resource_type} is not of the service type {service_type}",
            f"Give --service-type {RESOURCE_TYPES[resource_type].value}.",
        )


def _account(actor: Any, provider: str, name: str) -> Any:
    from multicloud_site.cli.accounts import account_named
    from providers import queries

    if name:
        chosen = account_named(actor, name)
        if provider and chosen.provider != provider:
            raise ConfigurationError("Multicloud", "--account", f"{name} is not an account of {provider}")
        return chosen
    accounts = list(queries.accounts_for(actor).filter(provider=provider, enabled=True))
    if not accounts:
        raise NotFound(
            "Multicloud",
            "resources create",
            f"there is no account of {provider}",
            "paas-cli multicloud providers add --help",
        )
    able = [each for each in accounts if each.mode == "manage"] or accounts
    if len(able) > 1:
        names = ", ".join(str(each) for each in able)
        raise ConfigurationError(
            "Multicloud", "--account", f"{provider} has several accounts", f"Choose one of: {names}."
        )
    return able[0]


def _secrets(provider: str, resource_type: str) -> set[str]:
    from providers.drivers.clouds import cloud
    from vocabulary.words import Verb

    return {param.name for param in cloud(provider).kind(resource_type).params.get(Verb.CREATE, ()) if param.secret}


def _default_region(account: Any) -> str:
    from providers.drivers.clouds import cloud

    credential = account.credentials.order_by("priority", "pk").first()
    return str(credential.default_region) if credential else cloud(account.provider).home_region
