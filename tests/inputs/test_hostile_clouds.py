"""What a cloud sends is input like any other: names that are markup, ids that are paths, far too many tags."""

import pytest

from resources.models import Resource, ResourceTag
from tests.faults.test_listings import read_again
from tests.faults.world import REGION, World

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{{7*7}}",
    "../../etc/passwd",
    "=HYPERLINK(1)",
    "' OR 1=1 --",
    "a\u202eb",
    "line\r\nbreak: yes",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_and_tag_are_kept_as_text(world: World, text: str) -> None:
    """Input 39. Input 40: stored as it came, so that each face shows it as text; and nothing else comes of it."""
    machine = world.machine()
    world.control.alter(machine, tags={"Name": text, text[:100]: text})
    world.account.regions = [REGION]
    world.account.save()
    assert read_again(world) == "complete"
    row = Resource.objects.get(native_id=machine)
    assert row.name.strip() == text.strip()
    assert ResourceTag.objects.filter(resource=row, key=text[:100], value=text).count() == 1


def test_ten_thousand_tags_neither_end_the_listing_nor_fill_the_database(world: World) -> None:
    """Input 39."""
    machine = world.machine()
    world.control.alter(machine, tags={f"key-{number}": "x" * 40 for number in range(10_000)})
    world.account.regions = [REGION]
    world.account.save()
    assert read_again(world) == "complete"
    assert ResourceTag.objects.count() <= 10_100
