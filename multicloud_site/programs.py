"""The command lines of the four processes, and what each may see of the environment."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from multicloud_site.processes import Program

CHECKOUT = Path(__file__).resolve().parent.parent
WORKER_PROCESSES = 2
SANDBOX_SPEED = "20"


def environment_of_children(home: Path, port: int) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "multicloud_site.settings",
        **os.environ,
        "MULTICLOUD_HOME": str(home),
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        # `make check` and the tests run them; at each start they would cost the worker a second.
        "CELERY_SKIP_CHECKS": "1",
    }


def preparation(environment: Mapping[str, str], answer: int) -> Program:
    command = (sys.executable, "-m", "multicloud_site.preparation", str(answer))
    return Program("preparation", "preparation", command, environment, CHECKOUT, (answer,))


def programs(environment: Mapping[str, str], web_socket: int) -> Sequence[Program]:
    """In the order in which they start."""
    celery = (sys.executable, "-m", "celery", "-A", "multicloud_site")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")
    schedule = str(Path(environment["MULTICLOUD_HOME"]) / "schedule")
    web = ("--config", "python:multicloud_site.gunicorn_conf", "--bind", f"fd://{web_socket}", "multicloud_site.wsgi")
    speed = environment.get("MULTICLOUD_SANDBOX_SPEED") or SANDBOX_SPEED
    sandbox = (sys.executable, "-m", "sandbox", "aws", "--speed", speed, "--die-with-parent")
    worker = (*celery, "worker", "--concurrency", str(WORKER_PROCESSES), *quiet)
    scheduler = (*celery, "beat", "--schedule", schedule, "--pidfile", "", "--loglevel", "WARNING")
    return (
        Program("sandbox", "sandbox", sandbox, _without_secrets(environment), CHECKOUT),
        Program("web", "web server", (sys.executable, "-m", "gunicorn", *web), environment, CHECKOUT, (web_socket,)),
        Program("worker", "worker", worker, environment, CHECKOUT),
        Program("scheduler", "scheduler", scheduler, environment, CHECKOUT),
    )


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The sandbox plays somebody else's cloud: it gets neither the vault key nor anybody's keys of a true one."""
    ours = ("MULTICLOUD_VAULT", "AWS_")
    return {name: value for name, value in environment.items() if not name.startswith(ours)}
