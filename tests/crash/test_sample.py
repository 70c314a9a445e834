"""A seeded sample of what `make crash` does in full: 40 points, over every changing verb of every kind."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.crash.cases import CASES
from tests.faults.world import World, at_home

SEED, CHUNKS, POINTS = 7, 4, 10


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    home: Path = tmp_path_factory.mktemp("crash")
    with django_db_blocker.unblock(), at_home(home), World(home, SEED) as world:
        yield world


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_worker_killed_at_any_point_is_recovered_from(rehearsal: World, chunk: int) -> None:
    """Faults 1 to 6 and 9 at every kind and verb: 0 twice, 0 orphans, 0 stuck, 0 by hand."""
    points = [point for case in CASES[chunk::CHUNKS] for point in rehearsal.every_point(case.subject)]
    chosen = sorted(random.Random(SEED).sample(points, POINTS))
    problems = {str(point): rehearsal.problems_at(point) for point in chosen}
    assert {point: found for point, found in problems.items() if found} == {}
    assert rehearsal.chain_problems() == []
