"""Makes the environment that the product runs in: a venv with the locked packages, and this checkout on its path.

Runs with the machine's own Python (`setup/python` finds it) and nothing else, before anything is installed. It does
its work again only when what is locked, the Python or the place has changed. Every failure is one sentence; what the
tools said is in `install.log`.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LOCKED = {"run": CHECKOUT / "requirements.txt", "dev": CHECKOUT / "requirements-dev.txt"}
UV_LOCKED = CHECKOUT / "setup" / "uv.txt"
NEEDED_BYTES = {"run": 400 * 2**20, "dev": 800 * 2**20}
LONGEST_SHEBANG = 120

# What pip and uv say, and the one sentence that we say instead. The first that matches wins.
REASONS = (
    (r"No space left on device|os error 28|Errno 28", "the disk is full; make room or name another place with VENV=."),
    (
        r"hash mismatch|do not match the hashes|Hash mismatch",
        "a package differs from the locked one; do not use this index.",
    ),
    (
        "Failed to fetch|error sending request|dns error|Temporary failure|timed out|Max retries|No matching distrib",
        "no package index could be reached; connect to a network, or set index-url in pip's configuration.",
    ),
    (r"Permission denied|Read-only file system", "the place cannot be written; name another with VENV=."),
)


class CannotInstall(Exception):
    """Why there is no environment, in one sentence for the terminal."""


def make(venv: Path, level: str) -> None:
    """Brings `venv` to what `level` ("run" or "dev") locks; returns at once when it is there already."""
    stamp = venv / "multicloud.json"
    done = _read_stamp(stamp)
    if level == "run" and done.get("level") == "dev":
        level = "dev"  # the larger set holds the smaller; removing it would cost the next `make test` a minute
    wanted = {
        "level": level,
        "locked": _checksum(level),
        "python": sys.version,
        "place": str(venv),
        "from": str(CHECKOUT),
    }
    if done == wanted:
        return
    _check_room(venv, NEEDED_BYTES[level])
    print(f"Making the environment in {venv} (once, about a minute) ...", file=sys.stderr, flush=True)
    with _alone():
        if _read_stamp(stamp) == wanted:
            return
        stamp.unlink(missing_ok=True)
        if done.get("python", sys.version) != sys.version or not _works(venv):
            _make_venv(venv)
        _install(venv, level)
        _put_checkout_on_path(venv)
        stamp.write_text(json.dumps(wanted))


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """`make run` and `make test` may be started at once. The checkout's folder is the lock: it can be read-only."""
    folder = os.open(CHECKOUT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _works(venv: Path) -> bool:
    """False for one that was cut off while it was made, or whose Python has been removed."""
    try:
        asked = [str(venv / "bin" / "python"), "-m", "pip", "--version"]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _read_stamp(stamp: Path) -> dict[str, str]:
    try:
        found = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _checksum(level: str) -> str:
    return hashlib.sha256(LOCKED[level].read_bytes() + UV_LOCKED.read_bytes()).hexdigest()


def _check_room(venv: Path, needed: int) -> None:
    try:
        venv.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=venv) as probe:
            probe.write(b"\0" * 4096)
    except OSError as error:
        raise CannotInstall(f"{venv} cannot be written ({error.strerror}); name another place with VENV=.") from error
    free = shutil.disk_usage(venv).free
    if free < needed:
        raise CannotInstall(
            f"{free // 2**20} MB are free at {venv}, {needed // 2**20} MB are needed; "
            "make room or name another place with VENV=."
        )


def _make_venv(venv: Path) -> None:
    try:
        import ensurepip  # noqa: F401 - Debian ships Python without it
        import venv as _  # noqa: F401
    except ImportError as error:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise CannotInstall(
            f"This Python ({sys.executable}) lacks the module {error.name}; install it, "
            f"e.g. apt-get install python{version}-venv, or name another Python with PYTHON=."
        ) from error
    for left in venv.iterdir():
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    _run(venv, [sys.executable, "-m", "venv", str(venv)])


def _install(venv: Path, level: str) -> None:
    python = str(venv / "bin" / "python")
    # Beside the environment and not in it, since `uv pip sync` removes what is not locked.
    tools = venv / "installer"
    pip = [python, "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "20", "--upgrade"]
    _run(venv, [*pip, "--target", str(tools), "--require-hashes", "-r", str(UV_LOCKED)])
    sync = [
        str(tools / "bin" / "uv"),
        "pip",
        "sync",
        "--quiet",
        "--python",
        python,
        "--require-hashes",
        str(LOCKED[level]),
    ]
    _run(venv, sync, _index_for_uv(venv))


def _index_for_uv(venv: Path) -> dict[str, str]:
    """uv does not read pip's configuration. Passed in the environment, since an address may hold a password."""
    listed = subprocess.run(
        [str(venv / "bin" / "python"), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    settings = dict(re.findall(r"^(?:global|install|:env:)\.([\w-]+)='(.*)'$", listed, re.MULTILINE))
    passed = {"UV_HTTP_TIMEOUT": "30", "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    if settings.get("index-url"):
        passed["UV_DEFAULT_INDEX"] = settings["index-url"]
    if settings.get("cert"):
        passed["SSL_CERT_FILE"] = settings["cert"]
    if not os.access(os.environ.get("UV_CACHE_DIR") or Path.home(), os.W_OK):
        passed["UV_NO_CACHE"] = "1"
    return {name: value for name, value in passed.items() if name not in os.environ}


def _put_checkout_on_path(venv: Path) -> None:
    """What an editable install would do, without downloading a build backend and without writing into the checkout."""
    python = venv / "bin" / "python"
    (packages,) = (venv / "lib").glob("python3*/site-packages")
    (packages / "_multicloud.pth").write_text(f"{CHECKOUT}\n")
    script = venv / "bin" / "paas-cli"
    start = f"#!{python}\n"
    if len(start) > LONGEST_SHEBANG or " " in start:  # kernels cut longer ones; sh and Python both read this
        start = f"#!/bin/sh\n'''exec' '{python}' \"$0\" \"$@\"\n' '''\n"
    script.write_text(f"{start}import sys\n\nfrom multicloud_site.cli import main\n\nsys.exit(main())\n")
    script.chmod(0o755)


def _run(venv: Path, command: list[str], more_environment: dict[str, str] | None = None) -> None:
    log = venv / "install.log"
    with log.open("ab") as output:
        start = output.tell()
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **(more_environment or {})}, check=False,
        )  # fmt: skip
    if done.returncode == 0:
        return
    said = log.read_bytes()[start:].decode("utf-8", "replace")
    for pattern, sentence in REASONS:
        if re.search(pattern, said):
            raise CannotInstall(f"The packages cannot be installed: {sentence} Details: {log}")
    raise CannotInstall(f"The packages cannot be installed; {Path(command[0]).name} failed. Details: {log}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("venv", type=Path)
    parser.add_argument("level", choices=sorted(LOCKED))
    arguments = parser.parse_args()
    try:
        make(arguments.venv.expanduser().absolute(), arguments.level)
    except CannotInstall as refusal:
        print(f"multicloud: {refusal}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"multicloud: The environment cannot be made: {error.strerror} ({error.filename}).", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
