"""The Celery application: which settings it reads, its heartbeat, and its end together with its parent.

Queue, serializers and the schedule are settings (`CELERY_*`). Messages are wake-ups: who loses one loses nothing.
"""

import os
from typing import Any

from celery import Celery, bootsteps, signals
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

from multicloud_site import lifelines

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "multicloud_site.settings")

TRANSPORT_ALIASES["folder"] = "multicloud_site.filesystem_queue:Transport"  # for the broker address "folder://"

app = Celery("multicloud")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class Heartbeat(bootsteps.StartStopStep):
    """Shows every two seconds, from the loop that receives messages, that a worker serves this home."""

    requires = ("celery.worker.consumer.tasks:Tasks",)
    timer: Any = None

    def start(self, consumer: Any) -> None:
        lifelines.begin_heartbeat(settings.MULTICLOUD_HOME)
        self.timer = consumer.timer.call_repeatedly(
            lifelines.HEARTBEAT_SECONDS, lifelines.show_heartbeat, (settings.MULTICLOUD_HOME,), priority=10
        )

    def stop(self, consumer: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
        lifelines.heartbeat_file(settings.MULTICLOUD_HOME).unlink(missing_ok=True)


app.steps["consumer"].add(Heartbeat)

main_process: list[int] = []


@signals.worker_init.connect
def remember_main_process(**_: Any) -> None:
    """Pool processes compare their parent with this one: by the time they ask, it may be gone."""
    main_process.append(os.getpid())
    lifelines.die_with_supervisor()


@signals.beat_init.connect
def end_scheduler_with_supervisor(**_: Any) -> None:
    lifelines.die_with_supervisor()


@signals.worker_process_init.connect
def end_pool_process_with_worker(**_: Any) -> None:
    lifelines.die_with(main_process[-1])
