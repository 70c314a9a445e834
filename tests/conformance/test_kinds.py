"""The conformance suite as tests: the main claim of every verb of every kind, and a seeded sample of all other checks.

`python -m tests.conformance` makes them all; CONFORMANCE_SEED draws another sample.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from providers.drivers.kind import Kind
from tests.conformance import changing, looking
from tests.conformance.bench import Bench, started
from vocabulary.words import Verb

SAMPLE = 60
ALWAYS = (
    changing.it_brings_about_what_it_says,
    changing.deleting_twice_is_no_error,
    looking.a_listing_has_every_resource_and_no_other,
)


def drawn() -> list[Any]:
    every = [*looking.cases(), *changing.cases()]
    always = [case for case in every if case[0] in ALWAYS]
    others = [case for case in every if case[0] not in ALWAYS]
    sample = Random(int(os.environ.get("CONFORMANCE_SEED", "2026"))).sample(others, SAMPLE)
    return [pytest.param(*case, id=f"{case[1]}-{case[2]}-{case[0].__name__}") for case in (*always, *sample)]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = started(Path(tmp_path_factory.mktemp("conformance")))
    yield bench
    bench.sandbox.stop()


@pytest.mark.promise("RE-4", "RE-5")
@pytest.mark.parametrize(("check", "kind", "verb"), drawn())
def test_every_kind_keeps_its_word(bench: Bench, check: Any, kind: Kind, verb: Verb) -> None:
    bench.fresh()
    check(bench, kind, verb)
