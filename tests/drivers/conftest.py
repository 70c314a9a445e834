"""One simulated cloud for the tests of the driver."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.bench import Bench, started


@pytest.fixture(scope="package")
def one_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = started(Path(tmp_path_factory.mktemp("drivers")))
    yield bench
    bench.sandbox.stop()


@pytest.fixture
def bench(one_bench: Bench) -> Bench:
    """A simulated cloud as good as new, and a desk."""
    one_bench.fresh()
    return one_bench
