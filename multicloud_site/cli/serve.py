"""`paas-cli serve` and `paas-cli setup`: running the product, and preparing a home without running it."""

import os
import subprocess
from pathlib import Path
from typing import Any

import click

from multicloud_site.cli.session import Session, command
from vocabulary.errors import ConfigurationError, Conflict


@command("serve", acts=False, examples=("serve", "serve --port 8080", "MULTICLOUD_HOME=/srv/multicloud paas-cli serve"))
@click.option("--port", type=click.IntRange(0, 65535), help="Where the pages are served; PORT or 8000 unless said.")
def serve(session: Session, port: int | None) -> int:
    """Run web, worker, scheduler and sandbox until Ctrl-C."""
    from multicloud_site import supervisor

    if session.as_json:
        raise ConfigurationError("paas-cli serve", "--json", "there is no JSON answer", "It runs until it is stopped.")
    if port is not None:
        os.environ["PORT"] = str(port)
    return supervisor.serve()


@command("setup", acts=False, examples=("setup", "MULTICLOUD_HOME=/srv/multicloud paas-cli setup"))
def setup(session: Session) -> None:
    """Prepare the home without running anything: database, vault key, the first admin with a one-time password."""
    answer = _prepared(session)
    if answer.get("error"):
        raise Conflict(str(session.home), "setup", str(answer["error"]).rstrip("."))
    name, password = answer["username"], answer.get("password")
    told = f"Sign in: {name} / {password}\nIt is shown once." if password else f"{session.home} was ready already."
    session.show({"home": str(session.home), "username": name, "password": password}, told)


def _prepared(session: Session) -> dict[str, Any]:
    """What the supervisor does at a start, in a process of its own: the answer comes through a pipe, never a file."""
    import json

    from multicloud_site.programs import environment_of_children, preparation
    from multicloud_site.starting import CannotStart, prepare_home

    try:
        prepare_home(session.home)
    except CannotStart as refusal:
        raise Conflict(str(session.home), "setup", str(refusal).rstrip(".")) from None
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="utf-8") as answer:
        program = preparation(environment_of_children(session.home, 8000), writer)
        log = Path(session.home) / "logs" / "preparation.log"
        with log.open("ab") as words:
            process = subprocess.Popen(
                program.command, cwd=program.working_directory, env=dict(program.environment),
                pass_fds=tuple(program.inherited_files),
                stdin=subprocess.DEVNULL, stdout=words, stderr=words,
            )  # fmt: skip
        os.close(writer)
        text = answer.read()
    if process.wait() != 0 or not text:
        raise Conflict(str(session.home), "setup", "the home could not be prepared", f"See {log}.")
    return dict(json.loads(text))
