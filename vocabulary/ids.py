"""Public ids: short, stable, and the same with and without a database."""

import base64
import hashlib
import secrets


def resource_id(
    provider: str, partition: str, account: str, region: str, kind: str, native_id: str, created_at: str = ""
) -> str:
    """The public id of a resource: `res-` and 12 base32 characters of a SHA-256 over what the resource is.

    `created_at` (ISO 8601) is given only for kinds whose cloud reuses names. Azure ids are compared in lower case.
    """
    if provider == "azure":
        native_id = native_id.lower()
    parts = [provider, partition, account, region, kind, native_id]
    if created_at:
        parts.append(created_at)
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return "res-" + base64.b32encode(digest).decode().lower()[:12]


def fresh_id(prefix: str) -> str:
    """A new random id, for example `op-` and 16 base32 characters (80 bits)."""
    return f"{prefix}-{base64.b32encode(secrets.token_bytes(10)).decode().lower()}"
