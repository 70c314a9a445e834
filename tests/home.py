"""A home of its own for each test process: no test may touch the home of a person, nor another test process's.

Loaded as a plugin (`-p tests.home`), because pytest-django reads the settings before any conftest.py.
"""

import os
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="multicloud-tests-"))
os.environ["MULTICLOUD_HOME"] = str(HOME)
(HOME / "static").mkdir()  # the server of static files complains about a missing folder
for name in [name for name in os.environ if name.startswith(("AWS_", "MULTICLOUD_ENDPOINT", "CRASH_"))]:
    del os.environ[name]
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(HOME / "no-such-file")
