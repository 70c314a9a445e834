"""What `paas-cli --help` costs against a bare click program, and importing the library against `python -c pass`."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).resolve().parents[2]
RUNS = 15

OURS = (sys.executable, "-c", "from multicloud_site.cli import main; main()", "--help")
LIBRARY = (sys.executable, "-c", "import src.multicloud")
NOTHING = (sys.executable, "-c", "pass")
BARE = """
import click

@click.group()
def program():
    "A bare program."

for number in range(30):
    @program.command(f"command-{number}", short_help=f"Does thing {number}.")
    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
    @click.argument("name")
    def command(name, as_json):
        "Does one thing."

program()
"""
PEER = (sys.executable, "-c", BARE, "--help")


def measure(home: Path, runs: int = RUNS) -> dict[str, float]:
    """`cli_vs_click` and, where the library is there, `import_vs_python`: medians of whole processes, interleaved."""
    commands: dict[str, Sequence[str]] = {"ours": OURS, "peer": PEER, "nothing": NOTHING}
    if (CHECKOUT / "src" / "multicloud" / "__init__.py").exists():
        commands["library"] = LIBRARY
    environment = {**os.environ, "MULTICLOUD_HOME": str(home), "PYTHONPATH": str(CHECKOUT)}
    times = _interleaved(commands, environment, runs)
    found = {"cli_vs_click": times["ours"] / times["peer"]}
    if "library" in times:
        found["import_vs_python"] = times["library"] / times["nothing"]
    return {name: round(value, 2) for name, value in found.items()}


def _interleaved(commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], runs: int) -> dict[str, float]:
    """The median seconds of each command. One run of each is thrown away: it fills caches and writes bytecode."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            begun = time.perf_counter()
            subprocess.run(command, env=environment, cwd=CHECKOUT, stdout=subprocess.DEVNULL, check=True)
            if number:
                times[name].append(time.perf_counter() - begun)
    return {name: median(values) for name, values in times.items()}


if __name__ == "__main__":
    print(measure(Path(os.environ.get("MULTICLOUD_HOME", "var"))))
