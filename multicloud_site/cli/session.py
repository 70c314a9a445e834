"""What every command has: --json, --as, examples in its help, and the local home, opened when it is needed."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any

import click

from multicloud_site.home import home_of
from vocabulary.errors import NotAllowed, NotFound
from vocabulary.text import visible


class Line(click.Command):
    """A command with examples at the end of its help."""

    examples: Sequence[str] = ()

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")


@dataclass
class Session:
    """One run of one command: how it answers, and as whom it acts."""

    as_json: bool = False
    user: str = ""

    @property
    def home(self) -> Path:
        """MULTICLOUD_HOME."""
        return home_of()

    def actor(self) -> Any:
        """The user as whom this run acts; the first admin unless one is named. Opens the home."""
        open_home(self.home)
        from django.contrib.auth import get_user_model

        from access.models import Membership, Role

        name = self.user or os.environ.get("MULTICLOUD_USER", "")
        if name:
            user = get_user_model().objects.filter(username=name).first()
            if user is None:
                raise NotFound("Multicloud", "user", f"there is no user {name!r}", "paas-cli users list")
            if not user.is_active:
                raise NotAllowed("Multicloud", "user", f"{name} is switched off")
            return user
        first = (
            Membership.objects.filter(role=Role.ADMIN, user__is_active=True)
            .order_by("pk")
            .select_related("user")
            .first()
        )
        if first is None:
            raise NotFound("Multicloud", "user", "there is no admin yet", "Make one: paas-cli setup")
        return first.user

    def show(self, value: Any, text: Callable[[], str] | str) -> None:
        """Print the value as JSON with --json, else the text."""
        if self.as_json:
            print_json(value)
        else:
            click.echo(text if isinstance(text, str) else text())

    def say(self, sentence: str) -> None:
        """A remark to the person, to stderr: stdout is for the answer."""
        click.echo(visible(sentence, 2000), err=True)


def command(
    name: str, *, examples: Sequence[str], acts: bool = True, **more: Any
) -> Callable[[Callable[..., Any]], click.Command]:
    """A command that gets its Session first. `acts`: it works as a user of the home, so that --as has a meaning."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @wraps(function)
        def callback(as_json: bool, user: str = "", **values: Any) -> Any:
            sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal that knows only ASCII
            return function(Session(as_json, user), **values)

        if acts:
            callback = click.option("--as", "user", default="", metavar="USER", help="Act as this user.")(callback)
        callback = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")(callback)
        made = click.command(name, cls=Line, **more)(callback)
        assert isinstance(made, Line)
        made.examples = tuple(
            each if "paas-cli" in each or each.startswith(" ") else f"paas-cli {each}" for each in examples
        )
        return made

    return decorate


def open_home(home: Path) -> None:
    """Set Django up on the home, once. Raises NotFound when there is no Multicloud in it."""
    from django.apps import apps

    if apps.ready:
        return
    if not (home / "db.sqlite3").exists():
        raise NotFound(
            str(home), "open", "there is no Multicloud here", "Set MULTICLOUD_HOME, or make one: paas-cli setup"
        )
    set_up()


def set_up() -> None:
    """Django, with this product's settings, and without its log lines on the terminal."""
    import logging

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "multicloud_site.settings")
    os.environ.setdefault("MULTICLOUD_LOG_LEVEL", "ERROR")
    django.setup()
    logging.getLogger().setLevel(logging.ERROR)


def print_json(value: Any) -> None:
    """JSON in plain ASCII, so that no name in it can move the cursor."""
    click.echo(json.dumps(value, indent=2, default=plain))


def plain(value: Any) -> Any:
    """A value that JSON has no word for."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


def confirm(session: Session, question: str, yes: bool) -> bool:
    """Whether the person agrees; at once with --yes. Nobody there to answer is an error, not a yes."""
    if yes:
        return True
    return click.confirm(visible(question, 2000), default=False, err=True)


def confirm_name(session: Session, name: str, what: str, yes: bool) -> bool:
    """Whether the person types the name of what will be gone."""
    if yes:
        return True
    click.echo(visible(what, 2000), err=True)
    typed = click.prompt("Type its name to go on", default="", show_default=False, err=True)
    return bool(typed) and (typed == name or typed == visible(name))


def ago(moment: datetime | None) -> str:
    """How long ago, in one unit; "never" without a moment."""
    if moment is None:
        return "never"
    from datetime import UTC

    seconds = max(0, int((datetime.now(UTC) - moment).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
