"""Every check of every kind and verb: `python -m tests.conformance [WORD …]` runs those whose name holds every word."""

import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.conformance import changing, looking
from tests.conformance.bench import started


def main(words: list[str]) -> int:
    cases = [case for case in (*looking.cases(), *changing.cases()) if all(word in name_of(*case) for word in words)]
    failed, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="conformance-") as home:
        bench = started(Path(home))
        try:
            for check, kind, verb in cases:
                try:
                    bench.fresh()
                    check(bench, kind, verb)
                except Exception as error:  # noqa: BLE001  # whatever a check ends with, the others are made too
                    failed += 1
                    where = traceback.extract_tb(error.__traceback__)[-1]
                    lines = (str(error) or where.line or "").splitlines()[:3]
                    print(f"FAILED {name_of(check, kind, verb)}: {type(error).__name__}: {' '.join(lines)}")
        finally:
            bench.sandbox.stop()
    print(f"in {time.monotonic() - began:.0f} s")
    print(f"conformance: {len(cases)} checks, {failed} failed")
    return 1 if failed else 0


def name_of(check: object, kind: object, verb: object) -> str:
    return f"aws.{kind}.{verb}: {getattr(check, '__name__', check)}".replace("_", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
