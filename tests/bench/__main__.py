"""`make bench`: every figure beside its bar, and as the last line one line of JSON. `ONLY=name` measures one.

Each module is measured in a process and a home of its own, so that Django is set up afresh and nothing of one measure
is warm for the next.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.bars import BARS, Bar

CHECKOUT = Path(__file__).resolve().parents[2]


def main(only: str = "") -> int:
    bars = [bar for bar in BARS if only in ("", bar.name)]
    if not bars:
        print(
            f"bench: there is no measure {only!r}; choose one of: {', '.join(bar.name for bar in BARS)}",
            file=sys.stderr,
        )
        return 2
    figures: dict[str, float] = {}
    for module in dict.fromkeys(bar.module for bar in bars):
        figures |= measured(module)
    values = {bar.name: figures.get(bar.name, math.nan) for bar in bars}
    print(f"load of the last minute {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    for bar in bars:
        print(line_of(bar, values[bar.name]))
    print(json.dumps({name: None if math.isnan(value) else round(value, 3) for name, value in values.items()}))
    return 0 if all(bar.holds(values[bar.name]) for bar in bars) else 1


def measured(module: str) -> dict[str, float]:
    """The figures of one module; none, with its words on the terminal, when it fails."""
    with tempfile.TemporaryDirectory(prefix=f"multicloud-bench-{module}-") as home:
        result = Path(home) / "figures.json"
        command = [sys.executable, "-m", "tests.bench.one", module, str(Path(home) / "home"), str(result)]
        done = subprocess.run(command, cwd=CHECKOUT, env=environment(Path(home) / "home"), check=False)
        if done.returncode or not result.exists():
            print(f"bench: {module} failed with exit code {done.returncode}", file=sys.stderr)
            return {}
        return dict(json.loads(result.read_text()))


def environment(home: Path) -> dict[str, str]:
    """Nobody's own keys, settings or state come into a measure."""
    ours = ("AWS_", "MULTICLOUD_", "CRASH_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**clean, "MULTICLOUD_HOME": str(home), "DJANGO_SETTINGS_MODULE": "multicloud_site.settings"}


def line_of(bar: Bar, value: float) -> str:
    """One row of the table."""
    verdict = "ok" if bar.holds(value) else "missed"
    return f"{bar.name:<20} {value:>10.2f}  {bar.wanted:<8} {verdict:<7} {bar.what}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
