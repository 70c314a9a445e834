"""`paas-cli sandbox`: the switches of the simulated clouds of this home. Nothing of Django is needed."""

from typing import Any

import click

from multicloud_site.cli.columns import facts, table
from multicloud_site.cli.session import Session, command
from vocabulary.errors import ConfigurationError

CLOUDS = click.Choice(["aws"])
cloud_argument = click.argument("cloud", type=CLOUDS, default="aws")


def _control(session: Session, cloud: str) -> Any:
    from sandbox.control import Control

    return Control.of(session.home, cloud)


@command("status", acts=False, examples=("sandbox status", "sandbox status aws --json"))
@cloud_argument
def status(session: Session, cloud: str) -> None:
    """Whether it answers, how fast its time runs, and which faults are on."""
    control = _control(session, cloud)
    health, faults = control.health(), control.faults()
    value = {"cloud": cloud, "address": control.address, **health, "faults": faults}
    lines = {
        "cloud": f"{cloud} (simulated)",
        "address": control.address,
        "speed": f"{health['speed']:g} times as fast as the cloud's own time",
        "accepted changes": str(health["ledger"]),
        "faults": str(len(faults)) if faults else "none",
    }
    session.show(value, lambda: facts(lines) + (f"\n\n{_faults(faults)}" if faults else ""))


@command(
    "fault",
    acts=False,
    examples=(
        "sandbox fault aws ec2 --throttle 0.2 --seed 7",
        "sandbox fault aws s3 error --action 'Put*' --count 3 --set status=503",
        "sandbox fault aws --kinds",
        "sandbox fault aws --clear",
    ),
)
@cloud_argument
@click.argument("service", default="*")
@click.argument("kind", default="")
@click.option("--throttle", type=click.FloatRange(0, 1), help="Refuse this share of calls as asked too often.")
@click.option("--rate", type=click.FloatRange(0, 1), default=1.0, help="The share of matching calls that fail.")
@click.option("--action", default="*", help="The vendor's action, with wildcards: 'Describe*'.")
@click.option("--region", default="*", help="One region only.")
@click.option("--account", default="*", help="One account only.")
@click.option("--count", type=click.IntRange(1), help="Stop after so many failures.")
@click.option("--skip", type=click.IntRange(0), default=0, help="Let the first calls pass.")
@click.option("--seed", type=int, default=7, help="The same seed, the same failures.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An option of the fault (see --kinds).")
@click.option("--clear", is_flag=True, help="Switch every fault off.")
@click.option("--kinds", is_flag=True, help="List the kinds of faults.")
def fault(session: Session, cloud: str, service: str, kind: str, clear: bool, kinds: bool, **chosen: Any) -> None:
    """Make the simulated cloud fail, in a way that can be repeated."""
    control = _control(session, cloud)
    if kinds:
        found = control.kinds()
        session.show(found, lambda: table(("KIND", "WHAT IT DOES"), list(found.items())))
        return
    if clear:
        control.clear()
        session.show({"faults": []}, "Every fault is off.")
        return
    throttle, settings = chosen.pop("throttle"), chosen.pop("settings")
    if throttle is not None:
        kind, chosen["rate"] = "throttle", throttle
    if not kind:
        raise ConfigurationError(
            "paas-cli sandbox fault", "kind", "which fault?", "List them: paas-cli sandbox fault --kinds"
        )
    number = control.fault(kind, service=service, **chosen, options=dict(_pair(text) for text in settings))
    session.show({"id": number, "kind": kind}, f"Fault {number} is on: {kind}.")


@command("speed", acts=False, examples=("sandbox speed 20", "sandbox speed 1"))
@click.argument("speed", type=click.FloatRange(0, min_open=True))
@click.option("--cloud", type=CLOUDS, default="aws", help="Which simulated cloud.")
def speed(session: Session, speed: float, cloud: str) -> None:
    """Divide the durations of the simulated cloud by this number."""
    _control(session, cloud).speed(speed)
    session.show({"cloud": cloud, "speed": speed}, f"Time runs {speed:g} times as fast.")


@command("advance", acts=False, examples=("sandbox advance 3600",))
@click.argument("seconds", type=click.FloatRange(0))
@click.option("--cloud", type=CLOUDS, default="aws", help="Which simulated cloud.")
def advance(session: Session, seconds: float, cloud: str) -> None:
    """Let time pass at once, for states and for the lifetime of temporary keys."""
    _control(session, cloud).advance(seconds)
    session.show({"cloud": cloud, "advanced_seconds": seconds}, f"{seconds:g} s have passed.")


@command("reset", acts=False, examples=("sandbox reset aws", "sandbox reset aws --empty"))
@cloud_argument
@click.option("--empty", is_flag=True, help="Empty accounts instead of the demonstration estate.")
def reset(session: Session, cloud: str, empty: bool) -> None:
    """Back to the demonstration estate: state, ledger, faults and quotas."""
    _control(session, cloud).reset(empty)
    session.show(
        {"cloud": cloud, "empty": empty}, f"The simulated {cloud} is {'empty' if empty else 'as on the first day'}."
    )


@command("ledger", acts=False, examples=("sandbox ledger aws", "sandbox ledger --last 5 --json"))
@cloud_argument
@click.option("--last", type=click.IntRange(1), default=50, help="So many, the newest.")
def ledger(session: Session, cloud: str, last: int) -> None:
    """The changing calls that the simulated cloud accepted, oldest first."""
    entries = _control(session, cloud).ledger()[-last:]
    headings = ("SEQ", "TIME", "ACCOUNT", "REGION", "ACTION", "IDS")
    session.show(entries, lambda: table(headings, [_entry(entry) for entry in entries], keep=(0, 4)))


@command("reset", examples=("demo reset",))
def demo_reset(session: Session) -> None:
    """Reset the demonstration estate, and have the simulated accounts read again."""
    _control(session, "aws").reset()
    from multicloud_site.cli.reading import read_again

    asked = read_again(session, simulated_only=True)
    session.show(
        {"reset": ["aws"], "accounts": asked}, f"The estate is as on the first day; accounts read again: {len(asked)}."
    )


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigurationError("paas-cli sandbox fault", "--set", f"{text!r} is not NAME=VALUE")
    try:
        return name, int(value)
    except ValueError:
        return name, value


def _faults(faults: list[dict[str, Any]]) -> str:
    names = ("id", "kind", "service", "action", "region", "rate", "fired")
    return table([name.upper() for name in names], [[str(fault[name]) for name in names] for fault in faults])


def _entry(entry: dict[str, Any]) -> list[str]:
    ids = entry["native_ids"]
    action = f"{entry['service']}:{entry['action']}"
    return [str(entry[name]) for name in ("seq", "time", "account", "region")] + [action, ", ".join(map(str, ids))]
