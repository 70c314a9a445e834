"""`make mutants`: plant each bug in a copy of the tree, run the tests that must notice, and say which bugs survived.

    python -m tests.mutants             all of them
    python -m tests.mutants token       those whose name has this word

Ends with `mutants: N planted, N caught`, and with exit code 1 when one survived.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.planted import MUTANTS, Mutant

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache", "node_modules")
PATIENCE_SECONDS = 600
TESTS_FAILED = 1


def main() -> int:
    """Plant the bugs, one at a time."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [mutant for mutant in MUTANTS if word in mutant.name]
    with tempfile.TemporaryDirectory(prefix="multicloud-mutants-") as folder:
        tree = Path(folder) / "main"
        shutil.copytree(CHECKOUT, tree, ignore=LEFT_OUT)
        named = dict.fromkeys(test for mutant in chosen for test in mutant.caught_by.split())
        healthy = _run(tree, list(named))
        if healthy.returncode:
            print(healthy.stdout[-3000:])
            print("the tests fail without any planted bug: they prove nothing")
            return 1
        caught = 0
        for mutant in chosen:
            noticed = _is_noticed(tree, mutant)
            caught += noticed
            verdict = "caught" if noticed else "SURVIVED"
            print(f"{verdict}: {mutant.name} ({mutant.file}), by {mutant.caught_by}", flush=True)
    print(f"mutants: {len(chosen)} planted, {caught} caught")
    return 0 if chosen and caught == len(chosen) else 1


def _is_noticed(tree: Path, mutant: Mutant) -> bool:
    """Whether the tests turn red with the bug in the tree."""
    file = tree / mutant.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(mutant.search, mutant.instead, 1), encoding="utf-8")
    try:
        return _run(tree, mutant.caught_by.split()).returncode == TESTS_FAILED
    finally:
        file.write_text(whole, encoding="utf-8")


def _run(tree: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--timeout", "60", *tests]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    # To a file and not to a pipe: a process that a test has left behind would hold a pipe open.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        ran = subprocess.run(
            command, cwd=tree, env=environment, timeout=PATIENCE_SECONDS, stdout=said, stderr=said, check=False
        )
        said.seek(0)
        return subprocess.CompletedProcess(command, ran.returncode, said.read())


if __name__ == "__main__":
    sys.exit(main())
