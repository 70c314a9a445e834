"""The search index follows every change of the inventory, and survives what a migration does to its table."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from providers.models import Account
from resources import listing, search_index
from resources.filters import ResourceFilter
from resources.listing import resource_page
from resources.models import Resource
from tests.resources.conftest import Reader
from tests.resources.scripted import REGION, ScriptedEngine, instance

pytestmark = pytest.mark.django_db


def found(viewer: Any, text: str) -> list[str]:
    return [row.name for row in resource_page(viewer, ResourceFilter(q=text)).rows]


def test_a_search_finds_names_ids_and_tags(viewer: Any, read: Reader, engine: ScriptedEngine) -> None:
    engine.instances[REGION].append(instance(7, tags={"cost-center": "Blue-42", "Größe": "Übergroß"}))
    read()
    row = Resource.objects.get(name="web-7")
    texts = ("WEB-7", row.native_id, row.public_id, "st-cent", "blue-42", "röß", "Übergr")
    for text in texts:
        assert found(viewer, text) == ["web-7"], text


def test_a_renamed_resource_is_found_by_its_new_name_only(viewer: Any, read: Reader, engine: ScriptedEngine) -> None:
    read()
    engine.instances[REGION][1] = instance(1, tags={"Name": "renamed"})
    read()
    assert found(viewer, "renamed") == ["renamed"]
    assert found(viewer, "web-1") == []


def test_a_forgotten_account_leaves_nothing_to_be_found(viewer: Any, read: Reader, account: Account) -> None:
    read()
    assert len(found(viewer, "web-")) == 3
    Resource.objects.filter(account=account).delete()
    assert found(viewer, "web-") == []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {search_index.TABLE} WHERE {search_index.TABLE} MATCH '\"web\"'")
        assert cursor.fetchone() == (0,)


def test_lost_triggers_are_mended_after_a_migration(viewer: Any, read: Reader, engine: ScriptedEngine) -> None:
    read()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {search_index.TABLE}_insert")
    engine.instances[REGION].append(instance(7))
    read()
    assert found(viewer, "web-7") == []
    call_command("migrate", verbosity=0)
    listing._kept.clear()  # as a new process has it
    assert found(viewer, "web-7") == ["web-7"]


def test_the_index_can_be_taken_away_and_made_again(viewer: Any, read: Reader) -> None:
    read()
    search_index.remove(connection)
    search_index.install(connection)
    assert len(found(viewer, "web-")) == 3


def test_fewer_than_three_letters_are_the_beginning_of_a_name(viewer: Any, read: Reader) -> None:
    read()
    assert len(found(viewer, "we")) == 3
    assert found(viewer, "eb") == []
