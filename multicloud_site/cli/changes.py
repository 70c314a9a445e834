"""`paas-cli multicloud resources update, delete, start, stop, reboot, resize, tag`: a plan, an approval, its end."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click

from multicloud_site.cli.given import parameters_of
from multicloud_site.cli.operations import wait_option, yes_option
from multicloud_site.cli.session import Session, command
from vocabulary.errors import ConfigurationError, InvalidParameter

_COMMON = (
    click.argument("resource_id", metavar="ID|NAME"),
    yes_option,
    wait_option,
    click.option("--plan-only", is_flag=True, help="Show the plan (with --json: export it), and change nothing."),
)
set_option = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter; may be repeated."
)
config_option = click.option("--config", default="", metavar="FILE", help="Parameters as a JSON object; - is stdin.")


def _changing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every change. The resource is found first: the function gets its public id."""

    @wraps(function)
    def found(session: Session, resource_id: str, **how: Any) -> Any:
        actor = session.actor()
        from multicloud_site.cli.named import public_id_of

        return function(session, public_id_of(actor, resource_id), **how)

    changing: Callable[..., Any] = found
    for option in reversed(_COMMON):
        changing = option(changing)
    return changing


def _carry_out(session: Session, resource_id: str, verb: str, parameters: Mapping[str, Any], **how: Any) -> int:
    actor = session.actor()
    from multicloud_site.cli.carrying_out import decide
    from resources import actions

    row = actions.plan_change(actor, resource_id, verb, parameters)
    return decide(session, actor, row, **how)


def _plain(verb: str, does: str) -> click.Command:
    examples = (f"multicloud resources {verb} api-server-1", f"multicloud resources {verb} res-… --yes --json")

    @command(verb, examples=examples, help=f"{does} Shows the plan and asks; follows it to its end.")
    @_changing
    def change(session: Session, resource_id: str, **how: Any) -> int:
        return _carry_out(session, resource_id, verb, {}, **how)

    return change


start = _plain("start", "Start a resource.")
stop = _plain("stop", "Stop a resource.")
reboot = _plain("reboot", "Reboot a resource.")


@command(
    "delete",
    examples=(
        "multicloud resources delete res-…",
        "multicloud resources delete res-… --yes",
        "multicloud resources delete res-… --plan-only --json",
    ),
)
@_changing
def delete(session: Session, resource_id: str, **how: Any) -> int:
    """Delete a resource. Shows the plan, and goes on when its name is typed."""
    return _carry_out(session, resource_id, "delete", {}, **how)


@command(
    "update",
    examples=(
        "multicloud resources update res-… --set name=web-2",
        "multicloud resources update res-… --config new.json",
    ),
)
@_changing
@set_option
@config_option
def update(session: Session, resource_id: str, settings: tuple[str, ...], config: str, **how: Any) -> int:
    """Change settings of a resource. Shows the plan and asks; follows it to its end."""
    parameters = _for(session, resource_id, "update", settings, config)
    return _carry_out(session, resource_id, "update", parameters, **how)


@command(
    "resize",
    examples=("multicloud resources resize res-… t3.large", "multicloud resources resize res-… --set size_gib=200"),
)
@_changing
@click.argument("size", default="")
@set_option
def resize(session: Session, resource_id: str, size: str, settings: tuple[str, ...], **how: Any) -> int:
    """Change the size of a resource. Shows the plan and asks; follows it to its end."""
    if not size and not settings:
        raise ConfigurationError(
            "paas-cli multicloud resources resize", "SIZE", "which size?", "For example: resize res-… t3.large"
        )
    parameters = _for(session, resource_id, "resize", settings, "")
    if size:
        params = _params(session, resource_id, "resize")
        if not params:
            raise InvalidParameter("Multicloud", "resize", "this kind of resource has no size to change")
        parameters = {params[0].name: size, **parameters}
    return _carry_out(session, resource_id, "resize", parameters, **how)


@command(
    "tag", examples=("multicloud resources tag res-… env=prod owner-", "multicloud resources tag res-… env=prod --yes")
)
@_changing
@click.argument("tags", nargs=-1, required=True, metavar="KEY=VALUE|KEY-...")
def tag(session: Session, resource_id: str, tags: tuple[str, ...], **how: Any) -> int:
    """Set tags (env=prod) and remove tags (owner-). Shows the plan and asks; follows it to its end."""
    return _carry_out(session, resource_id, "tag", {"tags": dict(_tag(text) for text in tags)}, **how)


def _tag(text: str) -> tuple[str, str | None]:
    key, equals, value = text.partition("=")
    if equals and key:
        return key, value
    if len(text) > 1 and text.endswith("-"):
        return text[:-1], None
    raise ConfigurationError(
        "paas-cli multicloud resources tag",
        "TAGS",
        f"{text!r} is neither KEY=VALUE nor KEY-",
        "For example: env=prod owner-",
    )


def _params(session: Session, resource_id: str, verb: str) -> tuple[Any, ...]:
    actor = session.actor()
    from providers.drivers.clouds import cloud
    from resources import queries
    from vocabulary.words import Verb

    resource = queries.resource_for(actor, resource_id)
    return tuple(cloud(resource.provider).kind(resource.kind).params.get(Verb(verb), ()))


def _for(session: Session, resource_id: str, verb: str, settings: tuple[str, ...], config: str) -> dict[str, Any]:
    secret = {param.name for param in _params(session, resource_id, verb) if param.secret}
    return parameters_of(settings, config, secret)
