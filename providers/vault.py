"""Sealing secrets: AES-GCM under a data key per holder, which the vault key wraps.

Every sealed value is bound to its holder and field, so that a row copied to another place opens nothing. Pure functions
over bytes: where keys lie is `vault_key`'s business, where sealed values lie is `vault_store`'s.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vocabulary.errors import VaultError

KEY_BYTES = 32
NONCE_BYTES = 12

#: The first byte of every envelope: how the rest is to be read. 1: nonce of 12 bytes, then AES-256-GCM.
VERSION = b"\x01"

DAMAGED = "Restore the database together with the vault key of the same backup, or enter the secret anew."


@dataclass(frozen=True)
class VaultKey:
    """A key that wraps data keys. `id` tells which key it is, and tells nothing of the key."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise VaultError(
                "vault",
                "key",
                f"the key has {len(self.secret)} bytes, not {KEY_BYTES}",
                "Make one: openssl rand -base64 32",
            )

    @property
    def id(self) -> str:
        """16 hexadecimal digits, a function of the key."""
        return hmac.new(self.secret, b"multicloud vault key id", hashlib.sha256).hexdigest()[:16]


@dataclass(frozen=True)
class KeyRing:
    """The keys that may open what is sealed. New data keys are wrapped by `sealing`."""

    sealing: VaultKey
    others: tuple[VaultKey, ...] = ()

    def key(self, key_id: str) -> VaultKey:
        """The key with this id. Raises VaultError when it is not at hand: a wrong key, or a backup's."""
        for key in (self.sealing, *self.others):
            if key.id == key_id:
                return key
        raise wrong_key({key_id}, self)

    @property
    def ids(self) -> set[str]:
        """The ids of all keys."""
        return {self.sealing.id, *(key.id for key in self.others)}


def wrong_key(needed: Iterable[str], ring: KeyRing) -> VaultError:
    """The refusal when secrets are sealed with keys that are not at hand."""
    return VaultError(
        "vault",
        "open",
        f"secrets are sealed with vault key {', '.join(sorted(needed))}, the key here is {', '.join(sorted(ring.ids))}",
        "Put the right key back: MULTICLOUD_VAULT_KEY, or vault.key in MULTICLOUD_HOME.",
    )


def new_data_key() -> bytes:
    """A fresh random key for one holder's secrets."""
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)


def wrap(data_key: bytes, key: VaultKey, holder: str) -> bytes:
    """A data key, wrapped so that it opens only for its holder."""
    return _seal(data_key, key.secret, _bound("key", holder, key.id))


def unwrap(wrapped: bytes, key: VaultKey, holder: str) -> bytes:
    """The data key of a holder. Raises VaultError when it was changed, or belongs to another holder."""
    return _open(wrapped, key.secret, _bound("key", holder, key.id), f"the data key of {holder}")


def seal(value: str, data_key: bytes, holder: str, name: str) -> bytes:
    """One secret, sealed so that it opens only as this field of this holder."""
    return _seal(value.encode(), data_key, _bound("secret", holder, name))


def unseal(sealed: bytes, data_key: bytes, holder: str, name: str) -> str:
    """The secret. Raises VaultError when it was changed, or belongs to another field or holder."""
    return _open(sealed, data_key, _bound("secret", holder, name), f"{name} of {holder}").decode()


def _bound(*parts: str) -> bytes:
    # Each part with its length: "a", "bc" and "ab", "c" must not be the same text.
    return b"multicloud/vault/1/" + b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)


def _seal(plain: bytes, key: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _open(envelope: bytes, key: bytes, bound: bytes, what: str) -> bytes:
    if envelope[:1] != VERSION:
        raise VaultError(
            "vault", "open", f"{what} was sealed by a version this one cannot read", "Upgrade the product."
        )
    nonce, sealed = envelope[1 : 1 + NONCE_BYTES], envelope[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, bound)
    except (InvalidTag, ValueError):
        raise VaultError("vault", "open", f"{what} was damaged or moved, and does not open", DAMAGED) from None
