"""`make crash`: every journal point, each once, and once more with a second kill during recovery.

    python -m tests.crash                   everything
    python -m tests.crash --sample 40       a sample; --seed chooses which
    python -m tests.crash --only bucket.create

Ends with `crash: N points, N failed`, and with exit code 1 when any failed.
"""

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Run the chosen points and say how many failed."""
    options = argparse.ArgumentParser(prog="python -m tests.crash")
    options.add_argument("--sample", type=int, default=0, help="how many points; 0 is all")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--only", default="", help="a kind and verb, such as bucket.create")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="multicloud-crash-") as folder:
        os.environ.update(
            MULTICLOUD_HOME=folder, DJANGO_SETTINGS_MODULE="multicloud_site.settings", MULTICLOUD_SANDBOX_SPEED="1000"
        )
        from tests.crash.walk import Rehearsal

        with Rehearsal(Path(folder), chosen.seed) as rehearsal:
            points = rehearsal.every_point(chosen.only)
            if chosen.sample:
                points = sorted(random.Random(chosen.seed).sample(points, min(chosen.sample, len(points))))
            failed = 0
            for point in points:
                problems = rehearsal.problems_at(point)
                failed += bool(problems)
                for problem in problems:
                    print(f"{point}: {problem}", flush=True)
            broken = rehearsal.chain_problems()
            for problem in broken:
                print(problem)
    print(f"crash: {len(points)} points, {failed} failed")
    return 1 if failed or broken or not points else 0


if __name__ == "__main__":
    sys.exit(main())
