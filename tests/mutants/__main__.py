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
from pathlib import Path

from tests.mutants.planted import MUTANTS, Mutant

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache", "node_modules")
PATIENCE_SECONDS = 300
TESTS_FAILED = 1


def main() -> int:
    """Plant the bugs, one at a time."""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [mutant for mutant in MUTANTS if word in mutant.name]
    with tempfile.TemporaryDirectory(prefix="multicloud-mutants-") as folder:
        tree = Path(folder) / "main"
        shutil.copytree(CHECKOUT, tree, ignore=LEFT_OUT)
        healthy = {tests: _run(tree, tests) for tests in sorted({mutant.caught_by for mutant in chosen})}
        caught = 0
        for mutant in chosen:
            verdict = _verdict(tree, mutant, healthy[mutant.caught_by])
            caught += verdict == "caught"
            print(f"{verdict}: {mutant.name} ({mutant.file}), by {mutant.caught_by}", flush=True)
    print(f"mutants: {len(chosen)} planted, {caught} caught")
    return 0 if chosen and caught == len(chosen) else 1


def _verdict(tree: Path, mutant: Mutant, healthy: int) -> str:
    """Whether the tests notice. Tests that fail without the bug prove nothing."""
    if healthy:
        return "no verdict, the tests fail without it"
    file = tree / mutant.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(mutant.search, mutant.instead, 1), encoding="utf-8")
    try:
        return "caught" if _run(tree, mutant.caught_by) == TESTS_FAILED else "SURVIVED"
    finally:
        file.write_text(whole, encoding="utf-8")


def _run(tree: Path, tests: str) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--timeout", "60", *tests.split()]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        command,
        cwd=tree,
        env=environment,
        timeout=PATIENCE_SECONDS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
