"""How gunicorn serves the pages: one process with threads, on loopback unless its caller binds it elsewhere."""

from typing import Any

from multicloud_site import lifelines

worker_class = "gthread"
workers = 1
threads = 8
graceful_timeout = 20
# The control socket would be made in the user's own home folder.
control_socket_disable = True


def on_starting(arbiter: Any) -> None:
    lifelines.die_with_supervisor()


def post_fork(arbiter: Any, worker: Any) -> None:
    lifelines.die_with(worker.ppid)
