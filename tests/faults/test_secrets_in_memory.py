"""A crash with a secret in memory leaves no file with it."""

import os
import subprocess
import sys
from pathlib import Path

from sandbox.testing import CHECKOUT

CRASHES = """
import os, resource
os.environ["PORT"] = "none at all"
from multicloud_site import supervisor
assert supervisor.serve() == 1  # refuses the port, after it has set the limits that every child inherits
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
secret = "sandbox-production-" + "secret"
os.abort()
"""


def test_a_process_that_aborts_leaves_no_core_file(tmp_path: Path) -> None:
    """Fault 46."""
    environment = {**os.environ, "MULTICLOUD_HOME": str(tmp_path / "home"), "PYTHONPATH": str(CHECKOUT)}
    ran = subprocess.run(
        [sys.executable, "-c", CRASHES], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == -6, ran.stderr
    assert "sandbox-production-secret" not in ran.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == []
