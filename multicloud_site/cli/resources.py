"""`paas-cli multicloud resources`: what runs where. The shapes are those of the library's CloudResource."""

from collections.abc import Sequence
from typing import Any

import click

from multicloud_site.cli.columns import facts, table
from multicloud_site.cli.session import Session, ago, command, print_json
from vocabulary.errors import ConfigurationError
from vocabulary.text import visible
from vocabulary.types import CloudProvider, ServiceType
from vocabulary.words import RESOURCE_TYPES, State

SORTS = ("name", "state", "provider", "region", "resource_type", "created_at", "changed_at")
_COLUMN_OF = {"resource_type": "kind"}
MOST_CHANGES = 20


@command(
    "list",
    examples=(
        "multicloud resources list",
        "multicloud resources list --provider aws --type instance --state running --tag env=prod",
        "multicloud resources list --search web --sort -changed_at --json",
    ),
)
@click.option("--provider", type=click.Choice([each.value for each in CloudProvider]), help="Only this provider.")
@click.option("--account", default="", help="Only this account: aws/production, or the cloud's id.")
@click.option("--region", default="", help="Only this region.")
@click.option("--service-type", type=click.Choice([each.value for each in ServiceType]), help="Only this family.")
@click.option(
    "--type", "kind", type=click.Choice(list(RESOURCE_TYPES)), help="Only this resource type.", metavar="TYPE"
)
@click.option("--state", type=click.Choice([each.value for each in State]), help="Only this state.")
@click.option("--tag", "tags", multiple=True, metavar="KEY[=VALUE]", help="Only with this tag; may be repeated.")
@click.option("--search", default="", metavar="TEXT", help="In names, ids and tags.")
@click.option("--sort", default="name", show_default=True, metavar="[-]FIELD", help=f"By {', '.join(SORTS)}.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@click.option("--all", "everything", is_flag=True, help="All of them, however many.")
@click.option("--gone", is_flag=True, help="Also those that are gone.")
def list_resources(session: Session, sort: str, limit: int, everything: bool, **chosen: Any) -> None:
    """Resources across all providers."""
    actor = session.actor()
    from multicloud_site.cli import inventory

    column = sort.removeprefix("-")
    if column not in SORTS:
        raise ConfigurationError(
            "paas-cli multicloud resources list",
            "--sort",
            f"{sort!r} is not a field to sort by",
            f"Choose: {', '.join(SORTS)}.",
        )
    order = f"{'-' if sort.startswith('-') else ''}{_COLUMN_OF.get(column, column)}"
    rows = inventory.filtered(actor, chosen).order_by(order, "pk")
    total = rows.count()
    found = [
        inventory.as_dict(row, observed)
        for row, observed in inventory.with_ages(actor, rows if everything else rows[:limit])
    ]
    session.show(found, lambda: _list_text(found, total))


@command(
    "show",
    examples=(
        "multicloud resources show res-…",
        "multicloud resources show res-… --raw",
        "multicloud resources show res-… --json",
    ),
)
@click.argument("resource_id", metavar="ID|NAME")
@click.option("--raw", is_flag=True, help="The cloud's own answer as JSON, without its secret parts.")
def show(session: Session, resource_id: str, raw: bool) -> None:
    """Everything known of one resource: facts, tags, relations, history, operations."""
    actor = session.actor()
    from multicloud_site.cli import inventory
    from multicloud_site.cli.named import public_id_of
    from resources import queries

    resource = queries.resource_for(actor, public_id_of(actor, resource_id))
    if raw:
        print_json(resource.raw)
        return
    [(row, observed)] = inventory.with_ages(actor, [resource])
    edges = queries.relations_for(actor, resource)
    changes = list(queries.history_for(actor, resource)[:MOST_CHANGES])
    operations = list(queries.operations_on(actor, resource)[:10])
    value = {
        **inventory.as_dict(row, observed),
        **inventory.details(row),
        "relations": [inventory.edge(each) for each in edges],
        "history": [
            {"at": c.at, "fact": c.fact, "before": c.before, "after": c.after, "source": c.source} for c in changes
        ],
        "operations": [
            {"id": op.id, "state": op.state, "title": op.title, "created_at": op.created_at} for op in operations
        ],
    }
    session.show(value, lambda: _show_text(value))


@command("refresh", examples=("multicloud resources refresh", "multicloud resources refresh --account aws/production"))
@click.option("--account", default="", help="Only this account.")
def refresh(session: Session, account: str) -> None:
    """Read accounts again: by the worker, or here where no worker is alive."""
    actor = session.actor()
    from multicloud_site.cli.accounts import account_named
    from multicloud_site.cli.reading import read_again

    found = read_again(session, actor, account_named(actor, account) if account else None)

    def text() -> str:
        if not found:
            return "No accounts to read."
        names = ("account", "name", "read_by", "resources")
        rows = [[str(entry.get(name, "")) for name in names] + [_refused(entry)] for entry in found]
        return table(("ACCOUNT", "NAME", "READ BY", "RESOURCES", "REFUSED"), rows)

    session.show(found, text)


def _refused(entry: dict[str, Any]) -> str:
    if "refused" not in entry:
        return "later"
    return "; ".join(f"{place}: {why}" for place, why in entry["refused"].items()) or "none"


def _list_text(found: Sequence[dict[str, Any]], total: int) -> str:
    if not found:
        return "No resources. Read the accounts: paas-cli multicloud resources refresh"
    headings = ("ID", "NAME", "TYPE", "STATE", "ACCOUNT", "REGION", "AS OF")
    rows = [
        [
            entry["id"],
            entry["name"],
            entry["resource_type"],
            entry["state"],
            f"{entry['account_name']}{' (simulated)' if entry['simulated'] else ''}",
            entry["region"],
            ago(entry["observed_at"]),
        ]
        for entry in found
    ]
    rest = f"\n{len(found)} of {total}; more with --limit or --all." if len(found) < total else ""
    return table(headings, rows, keep=(0, 2, 3)) + rest


def _show_text(value: dict[str, Any]) -> str:
    head = {
        "resource": value["id"],
        "name": value["name"],
        "type": f"{value['resource_type']} ({value['native_type']})",
        "state": value["state"],
        "since": _since(value),
        "account": f"{value['account']} ({value['account_name']}){', simulated' if value['simulated'] else ''}",
        "region": f"{value['region']} {value['zone']}".strip(),
        "native id": value["native_id"],
        "created": f"{value['created_at']:%Y-%m-%d %H:%M:%S} UTC" if value["created_at"] else "unknown",
        "as of": ago(value["observed_at"]),
    }
    parts = [facts(head)]
    shown = {name: _short(each) for name, each in sorted(value["attributes"].items())}
    shown |= {name: f"unknown: {why}" for name, why in sorted(value["unknown"].items())}
    for title, pairs in (("Facts", shown), ("Tags", value["tags"])):
        if pairs:
            parts.append(f"{title}\n{table(('NAME', 'VALUE'), [[name, text] for name, text in pairs.items()])}")
    for title, names, entries in (
        ("Relations", ("edge", "resource_type", "id", "native_id"), value["relations"]),
        ("History", ("at", "fact", "before", "after", "source"), value["history"]),
        ("Operations", ("id", "state", "title"), value["operations"]),
    ):
        if entries:
            headings = [name.replace("_", " ").upper() for name in names]
            parts.append(f"{title}\n{table(headings, [[_short(entry[name]) for name in names] for entry in entries])}")
    return "\n\n".join(parts)


def _since(value: dict[str, Any]) -> str:
    if value["state_since"]:
        return f"{value['state_since']:%Y-%m-%d %H:%M:%S} UTC"
    return f"unknown, seen since {value['first_seen_at']:%Y-%m-%d %H:%M:%S} UTC"


def _short(value: Any) -> str:
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return visible("unknown" if value is None else str(value))
