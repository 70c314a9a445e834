"""`paas-cli users`: people who may sign in. Passwords are made here and shown once; none is ever an argument."""

import getpass
from typing import Any

import click

from multicloud_site.cli.columns import table
from multicloud_site.cli.session import Session, command, open_home
from vocabulary.errors import Conflict, NotFound
from vocabulary.text import checked_name

ROLES = ("viewer", "operator", "admin")
LONGEST_NAME = 150


@command("list", acts=False, examples=("users list", "users list --json"))
def list_users(session: Session) -> None:
    """Users, their role and when they last signed in."""
    found = [
        {
            "username": user.get_username(),
            "roles": {membership.team.slug: membership.role for membership in user.memberships.all()},
            "active": user.is_active,
            "last_login": user.last_login,
        }
        for user in _users(session).order_by("username").prefetch_related("memberships__team")
    ]
    rows = [
        [
            entry["username"],
            ", ".join(f"{role} of {team}" for team, role in entry["roles"].items()) or "none",
            "yes" if entry["active"] else "no",
            f"{entry['last_login']:%Y-%m-%d %H:%M} UTC" if entry["last_login"] else "never",
        ]
        for entry in found
    ]
    session.show(found, lambda: table(("USER", "ROLES", "ACTIVE", "LAST SIGN-IN"), rows) if rows else "No users yet.")


@command("add", acts=False, examples=("users add maria", "users add maria --role operator"))
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What they may do.")
@click.option("--team", "slug", default="", help="In which team; the first one unless said.")
def add(session: Session, name: str, role: str, slug: str) -> None:
    """Add a user with a one-time password, which is shown once; whoever signs in with it chooses another first."""
    name = checked_name(name, "user name", LONGEST_NAME)
    users = _users(session)
    from django.db import transaction

    from access import generated
    from access.models import Membership, Team
    from multicloud_site import first_start

    if users.filter(username=name).exists():
        raise Conflict("Multicloud", "users add", f"there is a user {name} already", f"paas-cli users reset {name}")
    team = Team.objects.filter(slug=slug).first() if slug else Team.objects.order_by("pk").first()
    if team is None:
        raise NotFound(
            "Multicloud", "users add", f"there is no team {slug}".rstrip(), "paas-cli setup makes the first one."
        )
    password = first_start.one_time_password()
    with transaction.atomic():
        user = users.model.objects.create_user(name, password=password)
        generated.require_a_choice(user)
        Membership.objects.create(user=user, team=team, role=role)
        _record(team, name, role)
    session.show(
        {"username": name, "role": role, "password": password}, f"Sign in: {name} / {password}\nIt is shown once."
    )


@command("reset", acts=False, examples=("users reset admin",))
@click.argument("name")
def reset(session: Session, name: str) -> None:
    """Give a user a new one-time password, which is shown once; they choose another at once. Their sessions end."""
    open_home(session.home)
    from multicloud_site import first_start

    password = first_start.reset_password(name)
    session.show({"username": name, "password": password}, f"Sign in: {name} / {password}\nIt is shown once.")


def _users(session: Session) -> Any:
    open_home(session.home)
    from django.contrib.auth import get_user_model

    return get_user_model().objects.all()


def _record(team: Any, name: str, role: str) -> None:
    """Who did it is whoever holds the home: the operating system's user."""
    from access import audit
    from providers.journal import AuditEntry

    entry = AuditEntry(
        f"local:{getpass.getuser()}", f"team/{team.slug}", "add user", name, outcome="done", detail={"role": role}
    )
    audit.append(team, entry.as_dict())
