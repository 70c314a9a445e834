"""docs/faults.md names a test for each fault and input of the list, and each of those tests exists."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
FAULTS = {*range(1, 10), *range(11, 23), *range(25, 35), *range(36, 40), 45, 46}
INPUTS = {5, 7, 8, 10, 11, 13, 15, 16, 20, 25, 26, 27, 31, 32, *range(35, 41)}


def rows() -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """The two tables: number to test ids."""
    faults, _, inputs = (CHECKOUT / "docs" / "faults.md").read_text(encoding="utf-8").partition("## Input")
    found = []
    for text in (faults, inputs):
        lines = re.findall(r"^\| (\d+) \|.*\| (tests/[^|]+) \|$", text, re.MULTILINE)
        found.append({int(number): tests.split() for number, tests in lines})
    return found[0], found[1]


def test_none_of_the_list_is_missing() -> None:
    faults, inputs = rows()
    assert set(faults) == FAULTS
    assert set(inputs) == INPUTS


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for tests in [*rows()[0].values(), *rows()[1].values()]:
        for test in tests:
            file, _, name = test.partition("::")
            path = CHECKOUT / file
            if not path.is_file() or f"def {name}(" not in path.read_text(encoding="utf-8"):
                missing.append(test)
    assert missing == []
