"""Which calls the configuration lets out: all of them, none for a provider that is switched off, or those of some
regions."""

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from vocabulary.configuration import Configuration, load
from vocabulary.errors import NotAllowed
from vocabulary.settings_table import SETTINGS
from vocabulary.types import CloudProvider


def configuration() -> Configuration:
    """The configuration in effect. A changed file is read again. Raises ConfigurationError for one that makes no
    sense.
    """
    path = Path(settings.MULTICLOUD_CONFIG)
    named = bool(os.environ.get("MULTICLOUD_CONFIG"))
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        changed = 0
    variables = tuple((row.variable, os.environ.get(row.variable, "")) for row in SETTINGS.values() if row.variable)
    return _loaded(path if changed or named else None, changed, variables)


def require_allowed(provider: str, region: str = "", who: str = "") -> None:
    """Raise NotAllowed, naming the setting, when no call may leave for this provider or region."""
    config = configuration()
    if config.allows(CloudProvider(provider), region):
        return
    key, why = f"providers.{provider}.regions", f"region {region} is not among the regions in use"
    if not config.enabled:
        key, why = "multicloud.enabled", "all calls to clouds are switched off"
    elif not config.providers[CloudProvider(provider)].enabled:
        key, why = f"providers.{provider}.enabled", f"calls to {CloudProvider(provider).title} are switched off"
    raise NotAllowed(who or provider, "connect", why, f"Set {key} (now set by: {config.source_of(key)}).")


def allowed_regions(provider: str, regions: Iterable[str]) -> list[str]:
    """Those of the regions that the configuration lets calls out for."""
    config = configuration()
    return [region for region in regions if config.allows(CloudProvider(provider), region)]


@lru_cache(maxsize=4)
def _loaded(path: Path | None, changed: int, variables: tuple[tuple[str, str], ...]) -> Configuration:
    return load(path, dict(variables))
