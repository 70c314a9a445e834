"""Adding a credential: where its fields come from, and trying it at once."""

import os
import shlex
import sys
from collections.abc import Mapping
from typing import Any

import click

from access import rights
from multicloud_site.cli.refusals import rebuilt
from multicloud_site.cli.session import Session
from providers import credential_actions, credential_work
from providers.credential_forms import method_of
from providers.drivers.clouds import cloud
from providers.drivers.kind import Cloud, Field, Method
from providers.models import Account, Credential
from vocabulary import credentials_file
from vocabulary.errors import AuthenticationFailed, CloudError, ConfigurationError
from vocabulary.types import Secrets


def add(session: Session, actor: Any, provider: str, chosen: Mapping[str, str]) -> tuple[Credential, Account]:
    """Store a credential and link the account behind it.

    Raises the cloud's refusal when it does not sign in. It is kept then, with its error, as by the page.
    """
    tables = cloud(provider)
    method, fields = _fields(tables, chosen)
    row = credential_actions.add_credential(
        actor,
        _team(actor),
        provider=provider,
        name=chosen["name"] or chosen["profile"] or "default",
        fields=fields,
        method=method,
        region=chosen["region"],
        endpoint=chosen["endpoint"] or os.environ.get(f"MULTICLOUD_ENDPOINT_{provider.upper()}", ""),
        local=True,
    )
    account = credential_work.check(row.pk)
    if account is None:
        row.refresh_from_db()
        raise _not_signed_in(row)
    return row, account


def _not_signed_in(row: Credential) -> CloudError:
    kept = (
        "It is kept: replace its secret on its page, or remove it:"
        f" paas-cli multicloud providers remove --provider {row.provider} --name {shlex.quote(row.name)}"
    )
    error = row.last_check.get("error")
    if error:
        return rebuilt({**error, "hint": f"{error.get('hint', '')} {kept}".strip()}, str(row))
    return AuthenticationFailed(str(row), "sign in", "it could not be checked", kept)


def _team(actor: Any) -> Any:
    team = rights.teams_of(actor).order_by("pk").first()
    if team is None:
        raise ConfigurationError("Multicloud", "--as", f"{actor} is in no team", "Act as a member of one: --as USER")
    return team


def _fields(tables: Cloud, chosen: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """The way to sign in, and its fields: from the file, else from options, variables and questions."""
    path, asked = chosen["credentials_file"], chosen["method"]
    if path:
        found = credentials_file.read(path, chosen["profile"] or "default", tables.provider)
        name = asked or ("assume_role" if "role_arn" in found else "keys")
        method = method_of(tables, name)
        known = {field.name for field in method.fields}
        return name, Secrets({key: value for key, value in found.items() if key in known})
    name = asked or ("assume_role" if chosen["role_arn"] else "profile" if chosen["profile"] else "keys")
    method = method_of(tables, name)
    values = {field.name: _value(tables, method, field, chosen) for field in method.fields}
    return name, Secrets({key: value for key, value in values.items() if value})


def _value(tables: Cloud, method: Method, field: Field, chosen: Mapping[str, str]) -> str:
    """One field: an option (never for a secret), its variable (AWS_SECRET_ACCESS_KEY), or what the person types."""
    if not field.secret and chosen.get(field.name):
        return chosen[field.name]
    variable = f"{tables.provider}_{field.name}".upper()
    if os.environ.get(variable):
        return os.environ[variable]
    if not field.required and (not sys.stdin.isatty() or method.name == "keys"):
        return ""
    title = f"{field.title}{'' if field.required else ' (empty for none)'}"
    return str(
        click.prompt(
            title, default=None if field.required else "", hide_input=field.secret, show_default=False, err=True
        )
    )
