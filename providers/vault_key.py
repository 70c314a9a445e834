"""Where the vault key comes from: MULTICLOUD_VAULT_KEY, or the file vault.key in the home (0600), made at the first
start.

While keys are rotated there are two: the next one lies beside, in vault.key.next (or MULTICLOUD_VAULT_KEY_NEXT), and
everything that is sealed from then on is sealed with it. No Django here: what is sealed with which key is told by the
caller.
"""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Collection, Mapping
from pathlib import Path

from providers.vault import KEY_BYTES, KeyRing, VaultKey, wrong_key
from vocabulary.errors import VaultError

VARIABLE, NEXT_VARIABLE = "MULTICLOUD_VAULT_KEY", "MULTICLOUD_VAULT_KEY_NEXT"
FILE, NEXT_FILE = "vault.key", "vault.key.next"
MAKE_ONE = "Make one: openssl rand -base64 32"


def fresh_key() -> VaultKey:
    """A new random vault key."""
    return VaultKey(secrets.token_bytes(KEY_BYTES))


def ring_of(home: Path, environ: Mapping[str, str]) -> KeyRing | None:
    """The keys of an installation, read anew; None when it has none. Raises VaultError for one that cannot be used."""
    places = (
        _of_text(environ.get(NEXT_VARIABLE, ""), NEXT_VARIABLE),
        _of_text(environ.get(VARIABLE, ""), VARIABLE),
        _of_file(home / NEXT_FILE),
        _of_file(home / FILE),
    )
    keys = [key for key in places if key is not None]
    return KeyRing(keys[0], tuple(keys[1:])) if keys else None


def ready(home: Path, environ: Mapping[str, str], in_use: Collection[str]) -> KeyRing:
    """The keys, made when nothing is sealed yet. Raises VaultError when something is, and its key is not here.

    `in_use` are the ids of the keys that sealed something.
    """
    ring = ring_of(home, environ)
    if ring is None:
        if in_use:
            raise VaultError(
                "vault",
                "start",
                f"the vault key is missing, and secrets are sealed with it (key {', '.join(sorted(in_use))})",
                f"Put {home / FILE} back from the backup, or set {VARIABLE}.",
            )
        write_new(home / FILE, fresh_key())
        ring = ring_of(home, environ)
        assert ring is not None
    strange = set(in_use) - ring.ids
    if strange:
        raise wrong_key(strange, ring)
    return ring


def write_new(path: Path, key: VaultKey) -> None:
    """Write a key file, complete or not at all, and never over another."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(key.secret) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # A link fails when the name is taken: of two processes at a first start, one makes the key and both use it.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new or changed name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _of_file(path: Path) -> VaultKey | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise VaultError("vault", "key", f"{path} cannot be read: {error.strerror}", f"ls -l {path}") from None
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise VaultError(
                "vault", "key", f"others can read {path} (mode {mode:o})", f"chmod 600 {path}, then rotate the key"
            )
        text = file.read(1024).decode("ascii", "replace")
    key = _of_text(text, str(path))
    if key is None:
        raise VaultError("vault", "key", f"{path} is empty", "Put the key back from the backup.")
    return key


def _of_text(text: str, where: str) -> VaultKey | None:
    if not text.strip():
        return None
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise VaultError("vault", "key", f"{where} does not hold a key in base64", MAKE_ONE) from None
    if len(secret) != KEY_BYTES:
        raise VaultError("vault", "key", f"{where} holds {len(secret)} bytes, not {KEY_BYTES}", MAKE_ONE)
    return VaultKey(secret)
