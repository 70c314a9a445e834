"""The configuration in effect: what is switched on, which strategy is the default, and how providers are weighed.

A value comes from a flag, else from the environment, else from config/multicloud.yaml, else from the built-in table
(EN-1 to EN-12, CF-1 to CF-10, as settled). Every value knows where it came from. The rows are in `settings_table`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from vocabulary.errors import ConfigurationError
from vocabulary.settings_table import SETTINGS, Refused, Setting, Strategy, region_slug
from vocabulary.types import CloudProvider

BUILT_IN = "built-in"

#: Where the file lies in a checkout, from its root.
DEFAULT_FILE = Path("config") / "multicloud.yaml"


@dataclass(frozen=True)
class ProviderSettings:
    """How one provider is weighed, and where it may be used.

    `priority`: lower is preferred. The factors multiply a score's terms, never a shown price. `regions` are as they
    were given, Azure display names included; none means every region.
    """

    enabled: bool
    priority: int
    regions: tuple[str, ...]
    cost_factor: float
    performance_factor: float
    region_slugs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Optimization:
    """When a move is worth advising. The thresholds are shares (0.15 is 15 %), the cooldown is in seconds."""

    cost_threshold: float
    performance_threshold: float
    migration_cooldown: int


class InEffect(NamedTuple):
    """One setting's value, and its source.

    A source is "flag", "environment AWS_PRIORITY", "config/multicloud.yaml:12" or "built-in".
    """

    value: Any
    source: str


class Described(NamedTuple):
    """One setting as the documentation and `paas-cli config show` print it."""

    key: str
    variable: str
    default: str
    allowed: str
    meaning: str


@dataclass(frozen=True)
class Configuration:
    """What is in effect.

    `settings` has every value again by its dotted key, with its source, in the order of the file.
    """

    enabled: bool
    default_strategy: Strategy
    failover_enabled: bool
    providers: Mapping[CloudProvider, ProviderSettings]
    optimization: Optimization
    settings: Mapping[str, InEffect] = field(repr=False)

    def source_of(self, key: str) -> str:
        """Where the value of a key such as "providers.aws.priority" came from.

        Raises ConfigurationError for an unknown key.
        """
        if key not in self.settings:
            raise _unknown_key("configuration", key)
        return self.settings[key].source

    def allows(self, provider: CloudProvider, region: str = "") -> bool:
        """Whether calls may leave for this provider, and for this region when one is named.

        A region may be given as the vendor's code or as an Azure display name. A provider that the configuration does
        not know (one from an extension) is bound by `multicloud.enabled` alone.
        """
        if not self.enabled:
            return False
        settings = self.providers.get(provider)
        if settings is None:
            return True
        if not settings.enabled:
            return False
        return not region or not settings.region_slugs or region_slug(provider, region) in settings.region_slugs


def load(
    path: Path | None, environ: Mapping[str, str], flags: Mapping[str, Any] = MappingProxyType({})
) -> Configuration:
    """The configuration from flags, environment, file and built-in values, in this precedence.

    `path` None: no file. `flags` are keyed by the dotted key; a flag of None was not given, and an empty variable
    counts as not set. Every layer is checked, also where a higher one wins. Raises ConfigurationError, naming the
    place, the key and what is allowed, for the first value that makes no sense.
    """
    for key in flags:
        if key not in SETTINGS:
            raise _unknown_key("flag", key)
    settings = {setting.key: _decide(setting, layers) for setting, layers in _layers(path, environ, flags)}
    values = {key: found.value for key, found in settings.items()}
    return Configuration(
        enabled=values["multicloud.enabled"],
        default_strategy=values["multicloud.default_strategy"],
        failover_enabled=values["multicloud.failover_enabled"],
        providers={provider: _provider(provider, values) for provider in CloudProvider},
        optimization=Optimization(
            cost_threshold=values["optimization.cost_threshold"],
            performance_threshold=values["optimization.performance_threshold"],
            migration_cooldown=values["optimization.migration_cooldown"],
        ),
        settings=settings,
    )


def describe() -> list[Described]:
    """Every setting: key, environment variable ("" for none), built-in value, what is allowed, what it means."""
    return [
        Described(row.key, row.variable, text_of(row.default) or "every region", row.allowed, row.meaning)
        for row in SETTINGS.values()
    ]


def text_of(value: Any) -> str:
    """A value as it would be written in the environment or the file: true, 0.15, "East US, West Europe"."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)


class _Layer(NamedTuple):
    value: Any
    source: str
    item_sources: tuple[str, ...] = ()


def _layers(
    path: Path | None, environ: Mapping[str, str], flags: Mapping[str, Any]
) -> Iterator[tuple[Setting, list[_Layer]]]:
    """For each setting the values that were given, lowest precedence first."""
    written, name = {}, ""
    if path is not None:
        from vocabulary import settings_file  # brings the YAML reader, which a program without a file does not pay for

        written, name = settings_file.read(path, SETTINGS.keys()), settings_file.display_name(path)
    for setting in SETTINGS.values():
        layers = []
        if (found := written.get(setting.key)) is not None:
            items = tuple(f"{name}:{line}" for line in found.item_lines)
            layers.append(_Layer(found.value, f"{name}:{found.line}", items))
        if setting.variable and environ.get(setting.variable, "").strip():
            layers.append(_Layer(environ[setting.variable], f"environment {setting.variable}"))
        if flags.get(setting.key) is not None:
            layers.append(_Layer(flags[setting.key], "flag"))
        yield setting, layers


def _decide(setting: Setting, layers: list[_Layer]) -> InEffect:
    decided = InEffect(setting.default, BUILT_IN)
    for layer in layers:
        try:
            decided = InEffect(setting.read(layer.value), layer.source)
        except Refused as refused:
            item = refused.item
            where = layer.item_sources[item] if item is not None and layer.item_sources else layer.source
            raise ConfigurationError(where, setting.key, str(refused), f"Allowed: {setting.allowed}.") from None
    return decided


def _provider(provider: CloudProvider, values: Mapping[str, Any]) -> ProviderSettings:
    key = f"providers.{provider}"
    regions: tuple[str, ...] = values[f"{key}.regions"]
    return ProviderSettings(
        enabled=values[f"{key}.enabled"],
        priority=values[f"{key}.priority"],
        regions=regions,
        cost_factor=values[f"{key}.cost_factor"],
        performance_factor=values[f"{key}.performance_factor"],
        region_slugs=tuple(region_slug(provider, region) for region in regions),
    )


def _unknown_key(where: str, key: str) -> ConfigurationError:
    from difflib import get_close_matches  # only a mistake needs it

    close = get_close_matches(key, SETTINGS, n=1)
    hint = f"Did you mean {close[0]}?" if close else "`paas-cli config show` lists every key."
    return ConfigurationError(where, key, "this key is not known", hint)
