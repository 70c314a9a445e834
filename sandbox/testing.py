"""A sandbox for a test: a process of its own, with its own home, gone when the test is."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sandbox.control import Control

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass
class Running:
    """A sandbox that answers. `stop` ends it in order, `kill` as a crash would; both wait until it is gone."""

    address: str
    control: Control
    home: Path
    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=20)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


def start(
    home: str | Path, *, cloud: str = "aws", speed: float = 1000.0, empty: bool = False, port: int = 0
) -> Running:
    """Start a sandbox on this home and wait until it listens. Raises RuntimeError with its words when it refuses."""
    command = [sys.executable, "-m", "sandbox", cloud, "--home", str(home), "--speed", str(speed), "--port", str(port)]
    command += ["--die-with-parent"] + (["--empty"] if empty else [])
    log = Path(home) / "sandbox.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors:
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait()
        process.stdout.close()
        raise RuntimeError(f"the sandbox did not start: {log.read_text()[-2000:]}")
    address = json.loads(line)["address"]
    return Running(address, Control(address), Path(home), process)
