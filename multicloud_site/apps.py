"""Wires the Celery application in: tasks sent by a page must go to our queue, not to a default one."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "multicloud_site"

    def ready(self) -> None:
        from multicloud_site import celery  # noqa: F401 - imported for its effect: it becomes the current application
