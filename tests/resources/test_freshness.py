"""Every face says the same of how old the inventory is, and claims no more of a state than was seen."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from multicloud_site.cli import inventory
from multicloud_site.cli.resources import _show_text
from providers.models import Account
from resources import detail, exports, freshness, lists, store, work
from resources.filters import ResourceFilter
from resources.listing import resource_page
from resources.models import Reading, Resource
from tests.resources.conftest import Reader
from tests.resources.scripted import REGION, ScriptedEngine, instance
from tests.resources.test_observing import operation, seen

pytestmark = pytest.mark.django_db


def faces(viewer: Any) -> dict[str, tuple[Any, Any]]:
    """(the moment of which it is known, since when it has its state) of web-1, by face."""
    row = Resource.objects.get(name="web-1")
    page = detail.page_of(viewer, row.public_id)
    (entry,) = [each for each in json.loads("".join(exports.as_json(listed(viewer)))) if each["name"] == "web-1"]
    ((found, observed),) = inventory.with_ages(viewer, [row])
    told = inventory.as_dict(found, observed) | inventory.details(found)
    return {
        "page": (page["known_of"], page["state_since"]),
        "file": (moment(entry["observed_at"]), moment(entry["state_since"])),
        "command line": (told["observed_at"], told["state_since"]),
    }


def listed(viewer: Any) -> list[Resource]:
    return resource_page(viewer, ResourceFilter()).rows


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def test_what_an_operation_has_just_seen_is_as_fresh_as_that_on_every_face(read: Reader, viewer: Any) -> None:
    read()
    long_ago = timezone.now() - timedelta(hours=9)
    Reading.objects.update(completed_at=long_ago)
    Resource.objects.update(changed_at=long_ago, first_seen_at=long_ago, state_since=long_ago)
    assert set(faces(viewer).values()) == {(long_ago, None)}
    work.observe_operation(operation("stop"), seen(State={"Name": "stopped"}))
    row = Resource.objects.get(name="web-1")
    assert row.changed_at > long_ago
    assert set(faces(viewer).values()) == {(row.changed_at, row.state_since)}
    ages = {row.name: (row.age, row.is_old) for row in lists.shown(listed(viewer))}
    assert ages["web-1"] == ("just now", False)
    assert ages["web-2"] == ("9 h ago", True)


def test_a_later_reading_that_found_no_change_is_fresher_than_the_change(read: Reader, viewer: Any) -> None:
    read()
    Resource.objects.update(changed_at=timezone.now() - timedelta(hours=9))
    completed = Reading.objects.get(kind="instance").completed_at
    assert {known for known, _ in faces(viewer).values()} == {completed}


def test_a_state_that_was_never_seen_to_begin_is_only_seen_since(
    read: Reader, engine: ScriptedEngine, viewer: Any, account: Account
) -> None:
    read()
    row = Resource.objects.get(name="web-1")
    assert freshness.state_since(row) is None
    assert "unknown, seen since" in told(viewer, row)
    engine.instances[REGION][1] = instance(1, InstanceType="m5.large")
    read()
    assert freshness.state_since(Resource.objects.get(name="web-1")) is None, "another fact changed, not the state"
    engine.instances[REGION][1] = instance(1, State={"Name": "stopped"})
    read()
    row = Resource.objects.get(name="web-1")
    assert freshness.state_since(row) == row.state_since
    assert "unknown, seen since" not in told(viewer, row)
    now = timezone.now()
    store.mark_gone(store.Sighting(account, "listing", now, now), [row.pk])
    assert freshness.state_since(Resource.objects.get(name="web-1")) == now


def told(viewer: Any, row: Resource) -> str:
    value = inventory.as_dict(row, timezone.now()) | inventory.details(row)
    return _show_text(value | {"relations": [], "history": [], "operations": []})
