"""Where the state lies: MULTICLOUD_HOME, its folders, and the key that signs sessions. No Django here."""

import os
import secrets
import socket
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent


def home_of(environ: "os._Environ[str] | dict[str, str]" = os.environ) -> Path:
    """MULTICLOUD_HOME, or `var` in the checkout."""
    return Path(environ.get("MULTICLOUD_HOME") or BASE / "var").absolute()


def made(home: Path) -> Path:
    """The home with its folders, readable by nobody else."""
    for folder in (home, home / "queue", home / "logs"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def signing_key(home: Path) -> str:
    """The key that signs sessions and forms, from MULTICLOUD_SECRET_KEY or a 0600 file that is made once."""
    given = os.environ.get("MULTICLOUD_SECRET_KEY")
    if given:
        return given
    path = home / "signing.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def hosts(environ: "os._Environ[str] | dict[str, str]" = os.environ) -> list[str]:
    """The host names the site answers to: loopback, this machine's own name never, and what MULTICLOUD_HOSTS lists."""
    listed = [name.strip() for name in environ.get("MULTICLOUD_HOSTS", "").split(",") if name.strip()]
    return [*listed, "127.0.0.1", "localhost", "[::1]"]


def host_name() -> str:
    """This machine's name, for worker names and for the refusal of a second host."""
    return socket.gethostname()
