"""`python -m sandbox aws`: start a simulated cloud."""

import argparse
import os
import sys
from pathlib import Path

from sandbox.server import AlreadyRunning, die_with_parent, run


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A simulated cloud on 127.0.0.1, for tests and trying things out."
    )
    parser.add_argument("cloud", choices=["aws"])
    parser.add_argument("--port", type=int, default=0, help="0: the port of last time when it is free, else any")
    parser.add_argument(
        "--home", type=Path, default=Path(os.environ.get("MULTICLOUD_HOME", "var")), help="where the state lies"
    )
    parser.add_argument(
        "--speed", type=float, default=20.0, help="what durations are divided by (20: a stop takes 1.5 s)"
    )
    parser.add_argument(
        "--empty", action="store_true", help="at the first start: accounts and networks only, no estate"
    )
    parser.add_argument(
        "--die-with-parent", action="store_true", help="end when the process that started this one ends"
    )
    options = parser.parse_args()
    if options.speed <= 0:
        parser.error("--speed must be above 0")
    if options.die_with_parent:
        die_with_parent()
    try:
        run(options.home, options.port, options.speed, options.empty)
    except AlreadyRunning as refused:
        print(f"sandbox: {refused}", file=sys.stderr)
        return 1
    except OSError as failed:
        print(f"sandbox: cannot listen or keep state: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
