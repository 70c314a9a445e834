"""`paas-cli multicloud providers`: how we sign in to clouds.

A secret comes from a file, the environment or a hidden prompt, never from an argument.
"""

from typing import Any

import click

from multicloud_site.cli.columns import table
from multicloud_site.cli.session import Session, ago, command, confirm
from vocabulary.errors import NotFound
from vocabulary.text import visible
from vocabulary.types import CloudProvider

provider_option = click.option(
    "--provider", required=True, type=click.Choice([each.value for each in CloudProvider]), help="Which cloud."
)


@command("list", examples=("multicloud providers list", "multicloud providers list --json"))
def list_providers(session: Session) -> None:
    """The configured providers: each credential, and the accounts that it opens."""
    actor = session.actor()
    from providers import queries

    found = [as_dict(row) for row in queries.credentials_for(actor)]
    headings = ("PROVIDER", "NAME", "SIGN-IN", "REGION", "ACCOUNTS", "STATE", "CHECKED")
    rows = [
        [
            entry["provider"],
            entry["name"],
            entry["method"],
            entry["region"],
            ", ".join(f"{account['name']} ({account['mode']})" for account in entry["accounts"]) or "none yet",
            entry["state"],
            ago(entry["checked_at"]),
        ]
        for entry in found
    ]
    none = "No providers yet. Add one: paas-cli multicloud providers add --help"
    session.show(found, lambda: table(headings, rows, keep=(0, 1)) if rows else none)


@command(
    "add",
    examples=(
        "multicloud providers add --provider aws --region us-east-1 --credentials-file ~/.aws/credentials",
        "multicloud providers add --provider aws --region eu-central-1 --method profile --profile production",
        "multicloud providers add --provider aws --region us-east-1     # asks; secrets are not shown as you type",
        "AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… paas-cli multicloud providers add --provider aws",
    ),
)
@provider_option
@click.option("--region", default="", help="The region to call when none is named.")
@click.option("--credentials-file", default="", metavar="FILE", help="The cloud's own file, INI or JSON, mode 0600.")
@click.option(
    "--profile", "--profile-name", "profile", default="", help="Which profile of the file, or of the cloud's own tools."
)
@click.option("--name", default="", help="What to call it; the profile's name, or default.")
@click.option("--method", default="", metavar="METHOD", help="keys, profile, assume_role or ambient; keys unless said.")
@click.option("--role-arn", default="", help="With assume_role: the role.")
@click.option(
    "--endpoint",
    default="",
    help="An address instead of the vendor's (MULTICLOUD_ENDPOINT_AWS); `sandbox` for the simulated cloud.",
)
@click.option(
    "--mode",
    type=click.Choice(["observe", "manage"]),
    default="observe",
    show_default=True,
    help="manage lets changes out; an account known before keeps its mode.",
)
def add(session: Session, provider: str, mode: str, **chosen: str) -> None:
    """Add a credential and the accounts it opens. It is tried at once: one that does not sign in is kept and listed
    with its error."""
    actor = session.actor()
    from multicloud_site.cli import signing_in

    row, account = signing_in.add(session, actor, provider, chosen)
    if mode == "manage":
        from providers import credential_actions

        account = credential_actions.set_mode(actor, account.pk, mode)
    from multicloud_site.cli.reading import read_again

    reading = read_again(session, actor, account)
    row.refresh_from_db()
    told = f"Added {visible(str(row))}: account {account.key} ({visible(account.name)}), {account.mode} mode."
    session.show({**as_dict(row), "reading": reading}, told)


@command(
    "remove",
    examples=(
        "multicloud providers remove --provider azure",
        "multicloud providers remove --provider aws --name default --yes",
    ),
)
@provider_option
@click.option("--name", default="", help="Only the credential of this name.")
@click.option("--forget-accounts", is_flag=True, help="Forget the accounts, their resources and history here, too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(session: Session, provider: str, name: str, forget_accounts: bool, yes: bool) -> int:
    """Forget credentials of a provider. Nothing is deleted in the cloud; says first what would be forgotten here."""
    actor = session.actor()
    from providers import credential_actions, queries

    rows = queries.credentials_for(actor).filter(provider=provider)
    rows = rows.filter(name=name) if name else rows
    if not rows:
        what = f"{provider}/{name}" if name else provider
        raise NotFound(
            "Multicloud",
            "providers remove",
            f"no credential of {what} is configured",
            "paas-cli multicloud providers list",
        )
    would = [(row.pk, credential_actions.what_would_be_forgotten(actor, row.pk)) for row in rows]
    if not session.as_json or not yes:
        for _pk, forgotten in would:
            click.echo(_what_goes(forgotten, forget_accounts), err=True)
    if not confirm(session, "Forget this?", yes):
        session.say("Nothing was changed.")
        return 1
    done = [credential_actions.remove_credential(actor, pk, forget_account=forget_accounts) for pk, _ in would]
    removed = [
        {"credential": each.credential, "forgotten_accounts": list(each.accounts) if forget_accounts else []}
        for each in done
    ]
    session.show(
        removed, f"Forgotten: {visible(', '.join(each.credential for each in done))}. Nothing was deleted in the cloud."
    )
    return 0


@command("status", examples=("multicloud providers status", "multicloud providers status --json"))
def status(session: Session) -> None:
    """What is known of each provider: whether sign-in works, how fresh the inventory is, what was refused."""
    actor = session.actor()
    from multicloud_site.cli.provider_status import statuses

    found = statuses(actor)
    headings = ("PROVIDER", "STATE", "CREDENTIALS", "ACCOUNTS", "RESOURCES", "READ", "REFUSED", "STATUS PAGE")
    rows = [
        [
            entry["provider"],
            entry["state"],
            str(len(entry["credentials"])),
            str(len(entry["accounts"])),
            str(sum(account["resources"] for account in entry["accounts"])),
            ago(max((account["read_at"] for account in entry["accounts"] if account["read_at"]), default=None)),
            str(sum(len(account["refused"]) for account in entry["accounts"])),
            entry["status_page"],
        ]
        for entry in found
    ]
    none = "No providers yet. Add one: paas-cli multicloud providers add --help"

    def text() -> str:
        lines = [table(headings, rows, keep=(0, 1))] if rows else [none]
        for entry in found:
            lines += [
                visible(f"{entry['provider']}/{each['name']}: {each['why']}")
                for each in entry["credentials"]
                if each["why"]
            ]
        return "\n".join(lines)

    session.show(found, text)


def as_dict(row: Any) -> dict[str, Any]:
    """A credential as --json gives it. Secrets are not among its columns."""
    error = row.last_check.get("error")
    return {
        "provider": row.provider,
        "name": row.name,
        "method": row.method,
        "region": row.default_region,
        "endpoint": row.endpoint,
        "priority": row.priority,
        "cost_factor": row.cost_factor,
        "performance_factor": row.performance_factor,
        "accounts": [
            {"account": account.key, "name": account.name, "mode": account.mode, "simulated": account.simulated}
            for account in row.accounts.all()
        ],
        "state": "refused" if error else "ok" if row.checked_at else "unknown",
        "error": error,
        "checked_at": row.checked_at,
        "secret_set_at": row.secret_set_at,
    }


def _what_goes(forgotten: Any, with_accounts: bool) -> str:
    lines = [f"Credential {forgotten.credential} and its secrets."]
    for account in forgotten.accounts:
        counts = ", ".join(f"{count} {name}" for name, count in forgotten.counts[account].items()) or "nothing yet"
        verb = "is forgotten, with" if with_accounts else "stays, without a way to sign in; known of it:"
        lines.append(f"  Account {account} {verb} {counts}.")
    lines += [f"  Account {account} stays: another credential opens it." for account in forgotten.kept_accounts]
    return "\n".join(visible(line, 1000) for line in lines)
