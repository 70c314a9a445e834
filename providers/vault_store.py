"""The vault's rows: sealed values by holder and field. (Crypto: `providers.vault`.)"""

from collections.abc import Mapping

from providers.models import Credential
from vocabulary.types import Secrets


def fields_of(credential: Credential) -> Mapping[str, str]:
    """A credential's fields, secret ones included. Only an engine may ask."""
    return Secrets(credential.fields)


def reveal(reference: str) -> str:
    """The value behind a plan's vault reference."""
    return reference
