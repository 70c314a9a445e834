"""From a simulated cloud, through the SDK, into the inventory: the demonstration estate, twice."""

from collections.abc import Iterator

import pytest

from providers.models import Account
from resources import work
from resources.models import Reading, Resource
from sandbox.testing import Running, start
from tests.simulated_aws import driver_for


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("estate"))
    yield running
    running.stop()


@pytest.mark.django_db
def test_the_demonstration_estate_is_read_region_by_region_and_again_without_a_change(
    account: Account, sandbox: Running
) -> None:
    account.regions = []
    account.save()
    first = work.read_account(account.pk, driver_for(sandbox))
    assert first.refused == {}
    kinds = set(Resource.objects.values_list("kind", flat=True))
    assert kinds >= {"instance", "volume", "bucket", "firewall", "network", "subnet"}
    assert Resource.objects.values("region").distinct().count() > 1
    assert not Resource.objects.filter(state="unknown").exists()
    assert not Reading.objects.exclude(unreadable=[]).exists()
    rows = list(Resource.objects.order_by("pk").values_list("public_id", "fingerprint", "changed_at"))
    Reading.objects.update(due_at=None)
    second = work.read_account(account.pk, driver_for(sandbox))
    assert (second.resources, second.gone) == (first.resources, 0)
    assert list(Resource.objects.order_by("pk").values_list("public_id", "fingerprint", "changed_at")) == rows
