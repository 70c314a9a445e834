"""What the list of resources offers: its columns, its filters, and what a row shows of its tags."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from resources import freshness, places
from resources.models import Resource
from vocabulary.words import State

MOST_TAGS = 2
#: The tag that is the name itself.
NAME_TAG = "Name"

#: The order each column sorts by (empty: none), its title, its class.
COLUMNS = (
    ("name", "Name", ""),
    ("kind", "Kind", "hide-s"),
    ("state", "State", ""),
    ("account", "Account", "hide-s"),
    ("region", "Region", ""),
    ("", "Tags", "hide-s"),
    ("changed_at", "Changed", "hide-s"),
    ("", "Read", "hide-s"),
)
KINDS = [
    (name, name.replace("_", " "))
    for name in ("instance", "volume", "bucket", "firewall", "image", "network", "subnet")
]
STATES = [(state.value, state.value) for state in State]
MORE_FILTERS = (("tag", "Tag, as key:value"), ("service_type", "Service"))


def filters(frame: Mapping[str, Any], regions: Sequence[str]) -> list[tuple[Any, ...]]:
    """The filter bar: (name, label, options)."""
    return [
        ("kind", "Kind", KINDS),
        ("state", "State", STATES),
        ("account", "Account", frame["accounts"]),
        ("region", "Region", [(region, region) for region in regions]),
        ("q", "Search"),
    ]


def exports() -> list[tuple[str, str]]:
    """The files of the same rows."""
    return [(reverse("resources_csv"), "CSV"), (reverse("resources_json"), "JSON")]


def shown(rows: list[Resource]) -> list[Resource]:
    """The rows with what the table shows beside their columns: the first tags, and how old what is known of them is."""
    now = timezone.now()
    for row in rows:
        tags = [f"{tag.key}={tag.value}" for tag in row.tags.all() if tag.key != NAME_TAG]
        old = now - freshness.known_of(row, row.read_at)
        vars(row).update(
            shown_tags=tags[:MOST_TAGS],
            more_tags=max(len(tags) - MOST_TAGS, 0),
            vendor_word=row.native_state if row.native_state != row.state else "",
            age=_words(old),
            is_old=old > 2 * places.interval_of(row.account),
        )
    return rows


def _words(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    return f"{minutes} min ago" if minutes < 120 else f"{minutes // 60:,} h ago"
