"""Documented commands whose part of the product is not there yet: they refuse, and name what is missing."""

import click

from multicloud_site.cli.session import Session, command
from vocabulary.errors import NotYetSupported


@command("migrate", examples=("multicloud resources migrate --resource-id res-123 --target-provider gcp",))
@click.option("--resource-id", required=True, metavar="ID", help="What to move.")
@click.option("--target-provider", required=True, metavar="PROVIDER", help="Where to.")
def migrate(session: Session, resource_id: str, target_provider: str) -> None:
    """Move a resource to another provider. Not there yet."""
    raise NotYetSupported(
        "Multicloud",
        "resources migrate",
        f"moving {resource_id} to {target_provider} needs migrations (plan, copy, verify), which are not built yet",
        "Nothing was changed. Create a new resource and copy the data by hand, or wait for it.",
    )


@command(
    "compare", examples=("multicloud costs compare --service-type compute --resource-type instance --region us-east-1",)
)
@click.option("--service-type", required=True, help="For example compute.")
@click.option("--resource-type", required=True, help="For example instance.")
@click.option("--region", required=True, help="For example us-east-1.")
def compare(session: Session, service_type: str, resource_type: str, region: str) -> None:
    """Compare prices across providers. Not there yet."""
    raise NotYetSupported(
        "Multicloud",
        "costs compare",
        f"comparing {service_type} {resource_type} in {region} needs the price catalogue, which is not built yet",
        "No price is guessed meanwhile.",
    )


@command("recommendations", examples=("multicloud optimize recommendations",))
def recommendations(session: Session) -> None:
    """What could be saved. Not there yet."""
    raise _needs_costs("optimize recommendations")


@command("apply", examples=("multicloud optimize apply --type cost",))
@click.option("--type", "kind", required=True, type=click.Choice(["cost", "performance"]), help="Which advice.")
def apply(session: Session, kind: str) -> None:
    """Apply recommendations. Not there yet."""
    raise _needs_costs("optimize apply")


@command("strategy", examples=("multicloud optimize strategy --strategy balanced",))
@click.option(
    "--strategy",
    required=True,
    type=click.Choice(["cost_optimized", "performance_optimized", "balanced", "compliance_first"]),
    help="What weighs most.",
)
def strategy(session: Session, strategy: str) -> None:
    """Set what a choice of provider weighs most. Not there yet."""
    raise NotYetSupported(
        "Multicloud",
        "optimize strategy",
        f"choosing a provider by {strategy} needs placement, which is not built yet",
        f"The default strategy is a setting already: MULTICLOUD_DEFAULT_STRATEGY={strategy}, see paas-cli config show.",
    )


def _needs_costs(call: str) -> NotYetSupported:
    return NotYetSupported(
        "Multicloud",
        call,
        "recommendations need bills, utilisation and the price catalogue, which are not built yet",
        "Nothing was changed.",
    )
