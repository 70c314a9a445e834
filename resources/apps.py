from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ResourcesConfig(AppConfig):
    name = "resources"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A later migration may rebuild the table of resources, and its triggers would be gone."""
        post_migrate.connect(_mend_search, sender=self)


def _mend_search(using: str, **_: Any) -> None:
    from django.db import connections

    from resources import search_index

    if "resources_resource" in connections[using].introspection.table_names():
        search_index.install(connections[using])
