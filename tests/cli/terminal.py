"""A terminal for tests: `paas-cli` on a home of its own, beside a simulated AWS."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.testing import CHECKOUT, Running

KEYS = "[default]\naws_access_key_id = your-access-key\naws_secret_access_key = your-secret-key\n"
ONE_REGION = 'providers:\n  aws:\n    regions: ["us-east-1"]\n'
PROGRAM = (sys.executable, "-c", "from multicloud_site.cli import main; main()")


@dataclass(frozen=True)
class Done:
    """How one run ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Terminal:
    """Runs commands on one home. `sandbox` is the cloud behind its accounts."""

    home: Path
    sandbox: Running
    process: subprocess.Popen[str]

    def __call__(self, *arguments: str, type: str | None = None, **variables: str) -> Done:
        """One command, given as one text or as words; `type` is what the person types.

        A mistake of the program fails the test.
        """
        words = arguments[0].split() if len(arguments) == 1 else list(arguments)
        asked = {"arguments": words, "input": type, "variables": variables}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert not answer["mistake"], answer["mistake"]
        return Done(answer["code"], answer["out"], answer["err"])

    def file(self, name: str, text: str, mode: int = 0o600) -> Path:
        path = self.home.parent / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


def environment(home: Path) -> dict[str, str]:
    config = home.parent / "one-region.yaml"
    config.write_text(ONE_REGION)
    return {
        **os.environ,
        "MULTICLOUD_HOME": str(home),
        "MULTICLOUD_CONFIG": str(config),
        "MULTICLOUD_DEMONSTRATION": "no",
        "MULTICLOUD_SANDBOX_SPEED": "1000",
        "MULTICLOUD_ENDPOINT_AWS": "sandbox",
        "PYTHONPATH": str(CHECKOUT),
    }


def run(home: Path, *arguments: str, **variables: str) -> Done:
    """One command in a process of its own, as a person's shell starts it."""
    done = subprocess.run(
        [*PROGRAM, *arguments], env=environment(home) | variables, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def open_terminal(home: Path, sandbox: Running) -> Terminal:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.many"], env=environment(home), cwd=CHECKOUT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return Terminal(home, sandbox, process)
