"""The registry of clouds: dotted paths, so that a cloud nobody uses costs nothing."""

from functools import cache
from importlib import import_module

from providers.drivers.kind import Cloud
from vocabulary.errors import NotYetSupported

CLOUDS: dict[str, str] = {
    "aws": "providers.drivers.aws",
}

ENGINES: dict[str, str] = {
    "boto": "providers.drivers.engines.boto:BotoEngine",
}


@cache
def cloud(provider: str) -> Cloud:
    """The tables of one cloud. Raises NotYetSupported for a cloud without tables."""
    if provider not in CLOUDS:
        raise NotYetSupported(
            provider, "cloud", "is not connected yet", f"So far these clouds have drivers: {', '.join(CLOUDS)}."
        )
    found = import_module(CLOUDS[provider]).CLOUD
    assert isinstance(found, Cloud)
    return found


def clouds() -> tuple[Cloud, ...]:
    """Every cloud that has tables, in the order of the registry."""
    return tuple(cloud(provider) for provider in CLOUDS)
