"""The planted bugs still fit the code: what they search for is there, once."""

from pathlib import Path

import pytest

from tests.mutants.planted import MUTANTS, Mutant

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def test_there_are_at_least_ten_and_no_two_alike() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 10


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_bug_still_fits_and_still_compiles(mutant: Mutant) -> None:
    text = (CHECKOUT / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.search) == 1
    compile(text.replace(mutant.search, mutant.instead), mutant.file, "exec")
    for tests in mutant.caught_by.split():
        file, _, test = tests.partition("::")
        assert (CHECKOUT / file).is_file()
        assert test.partition("::")[0].partition("[")[0] in (CHECKOUT / file).read_text(encoding="utf-8")
