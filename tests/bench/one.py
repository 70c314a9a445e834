"""`python -m tests.bench.one MODULE HOME RESULT`: one module's figures, measured in this process, as JSON in a file."""

import json
import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    module, home, result = sys.argv[1:]
    Path(home).mkdir(mode=0o700, parents=True, exist_ok=True)
    figures = import_module(f"tests.bench.{module}").measure(Path(home))
    Path(result).write_text(json.dumps(figures))
