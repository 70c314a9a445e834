"""What is in effect, where it came from, and how a mistake is named."""

from pathlib import Path

import pytest

from vocabulary.configuration import BUILT_IN, describe, load
from vocabulary.errors import ConfigurationError
from vocabulary.settings_table import Strategy
from vocabulary.types import CloudProvider

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "config" / "multicloud.yaml"

SPECIFIED = """\
multicloud:
  enabled: true
  default_strategy: "balanced"  # cost_optimized, performance_optimized, balanced

providers:
  aws:
    enabled: true
    priority: 1
    regions: ["us-east-1", "us-west-2", "eu-west-1"]
    cost_factor: 1.0
    performance_factor: 1.0

  azure:
    enabled: true
    priority: 2
    regions: ["East US", "West US 2", "West Europe"]
    cost_factor: 1.1
    performance_factor: 0.95

  gcp:
    enabled: true
    priority: 3
    regions: ["us-central1", "us-west1", "europe-west1"]
    cost_factor: 0.95
    performance_factor: 1.05

optimization:
  cost_threshold: 0.15  # Switch providers if cost difference > 15%
  performance_threshold: 0.20  # Switch if performance difference > 20%
  migration_cooldown: 3600  # Minimum seconds between migrations
"""


@pytest.mark.promise("CF-1", "CF-2", "CF-3", "CF-4", "CF-5", "CF-6", "CF-7", "CF-8", "CF-9", "CF-10")
def test_the_specifications_own_file_is_read_as_written(written):
    """CF-1 to CF-10"""
    found = written(SPECIFIED)
    azure = found.providers[CloudProvider.AZURE]
    assert (found.enabled, found.default_strategy) == (True, "balanced")
    assert (azure.enabled, azure.priority, azure.cost_factor, azure.performance_factor) == (True, 2, 1.1, 0.95)
    assert azure.regions == ("East US", "West US 2", "West Europe")
    assert azure.region_slugs == ("eastus", "westus2", "westeurope")
    assert found.providers["gcp"].regions == ("us-central1", "us-west1", "europe-west1")
    thresholds = found.optimization
    assert (thresholds.cost_threshold, thresholds.performance_threshold) == (0.15, 0.2)
    assert thresholds.migration_cooldown == 3600


def test_the_shipped_file_changes_no_factor_and_names_every_provider():
    found = load(SHIPPED, {})
    assert {(one.cost_factor, one.performance_factor) for one in found.providers.values()} == {(1.0, 1.0)}
    assert all(one.regions == () for one in found.providers.values())
    assert all(":" in found.source_of(f"providers.{provider}.priority") for provider in CloudProvider)
    nothing = load(None, {})
    assert {key: one.value for key, one in found.settings.items()} == {
        key: one.value for key, one in nothing.settings.items()
    }


def test_the_documented_values_ship_as_comments_that_can_be_switched_on(written):
    lines = SHIPPED.read_text().splitlines()
    switched_on = "\n".join(line.replace("# ", "", 1) if line.startswith("    # ") else line for line in lines)
    found = written(switched_on)
    assert found.providers[CloudProvider.AZURE].cost_factor == 1.1
    assert found.providers[CloudProvider.GCP].performance_factor == 1.05
    assert found.providers[CloudProvider.AWS].regions == ("us-east-1", "us-west-2", "eu-west-1")


@pytest.mark.promise("EN-1", "EN-2", "EN-3")
def test_the_general_variables_are_read(written):
    """EN-1 to EN-3"""
    environ = {
        "MULTICLOUD_ENABLED": "false",
        "MULTICLOUD_DEFAULT_STRATEGY": "cost_optimized",
        "MULTICLOUD_FAILOVER_ENABLED": "no",
    }
    found = written(SPECIFIED, environ)
    assert (found.enabled, found.default_strategy, found.failover_enabled) == (False, Strategy.COST_OPTIMIZED, False)
    assert found.source_of("multicloud.failover_enabled") == "environment MULTICLOUD_FAILOVER_ENABLED"


@pytest.mark.promise("EN-4", "EN-5", "EN-6", "EN-7", "EN-8", "EN-9", "EN-10", "EN-11", "EN-12")
@pytest.mark.parametrize("provider", CloudProvider)
def test_every_provider_has_its_three_variables(provider):
    """EN-4 to EN-12, and the same three for the other five clouds"""
    name = provider.upper()
    environ = {f"{name}_PRIORITY": "7", f"{name}_COST_FACTOR": "0.95", f"{name}_PERFORMANCE_FACTOR": "1.05"}
    found = load(None, environ)
    settings = found.providers[provider]
    assert (settings.priority, settings.cost_factor, settings.performance_factor) == (7, 0.95, 1.05)
    assert found.source_of(f"providers.{provider}.priority") == f"environment {name}_PRIORITY"


def test_a_flag_wins_over_the_environment_over_the_file_over_the_built_in(written):
    key, variable = "multicloud.default_strategy", "MULTICLOUD_DEFAULT_STRATEGY"
    text = "multicloud:\n  default_strategy: compliance_first\n"
    environ, flags = {variable: "cost_optimized"}, {key: "performance_optimized"}
    answers = [load(None, {}), written(text), written(text, environ), written(text, environ, flags)]
    assert [found.default_strategy for found in answers] == [
        "balanced",
        "compliance_first",
        "cost_optimized",
        "performance_optimized",
    ]
    assert [found.source_of(key) for found in answers] == [
        BUILT_IN,
        "config/multicloud.yaml:2",
        f"environment {variable}",
        "flag",
    ]


def test_a_flag_that_was_not_given_and_an_empty_variable_change_nothing():
    found = load(None, {"AWS_PRIORITY": " "}, {"providers.aws.priority": None})
    assert found.source_of("providers.aws.priority") == BUILT_IN


def test_a_bad_value_is_refused_even_where_a_higher_layer_wins(written):
    with pytest.raises(ConfigurationError):
        written("providers: {aws: {priority: 0}}", {"AWS_PRIORITY": "2"}, {"providers.aws.priority": 3})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            ("cost_factor", bad)
            for bad in ["0", "-1", ".nan", ".inf", "-.inf", "true", "1e999", "1_0", "010", "1:30", "abc"]
        ),
        *(
            ("priority", bad)
            for bad in ["0", "-1", "1.5", ".nan", "true", "0x10", "010", "1_0", "9" * 5000, "1001", "[1]"]
        ),
        *(("enabled", bad) for bad in ["1", "0", "2", "maybe", "[true]", "1.0"]),
        *(("regions", bad) for bad in ["[]", "[1]", "[[a]]", '["us east"]', '["../x"]', '["ｕs"]', "[null]", "5"]),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_file_line_key_and_what_is_allowed(written, key, value):
    with pytest.raises(ConfigurationError) as refused:
        written(f"providers:\n  aws:\n    {key}: {value}\n")
    error = refused.value
    assert error.who == "config/multicloud.yaml:3"
    assert error.call == f"providers.aws.{key}"
    assert error.hint.startswith("Allowed: ")
    assert len(str(error)) < 200


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "Infinity", "1e999", "true", "1,1", "１", "0x1", "--1"])
@pytest.mark.parametrize("variable", ["AWS_COST_FACTOR", "LINODE_PRIORITY", "ORACLE_PERFORMANCE_FACTOR"])
def test_a_variable_that_makes_no_sense_is_refused_by_its_name(variable, value):
    with pytest.raises(ConfigurationError, match=variable) as refused:
        load(None, {variable: value})
    assert "above 0" in refused.value.hint or "whole number from 1" in refused.value.hint


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), 0, -0.0, object(), b"1"])
def test_a_flag_that_makes_no_sense_is_refused(value):
    with pytest.raises(ConfigurationError, match="flag"):
        load(None, {}, {"providers.aws.cost_factor": value})


@pytest.mark.parametrize("key", ["cost_threshold", "performance_threshold", "migration_cooldown"])
@pytest.mark.parametrize("value", ["0", "-1", ".nan", ".inf", "true", "15%"])
def test_a_threshold_that_makes_no_sense_is_refused(written, key, value):
    with pytest.raises(ConfigurationError, match=f"optimization.{key}"):
        written(f"optimization: {{{key}: {value}}}")


def test_a_bad_region_is_named_with_its_own_line(written):
    with pytest.raises(
        ConfigurationError, match=r"config/multicloud\.yaml:5: 'East US' is not a region as AWS writes it"
    ):
        written("providers:\n  aws:\n    regions:\n      - us-east-1\n      - East US\n")


@pytest.mark.parametrize(
    ("text", "line", "meant"),
    [
        ("multicloud:\n  enabeld: true\n", 2, "Did you mean enabled?"),
        ("providers:\n  azur:\n    priority: 1\n", 2, "Did you mean azure?"),
        ("providers:\n  aws:\n    cost_faktor: 1\n", 3, "Did you mean cost_factor?"),
        ("multi_cloud:\n  enabled: true\n", 1, "Did you mean multicloud?"),
        ("providers:\n  hetzner: {}\n", 2, "Allowed here: aws, azure, gcp"),
    ],
)
def test_an_unknown_key_is_refused_with_the_likeliest_one(written, text, line, meant):
    with pytest.raises(ConfigurationError, match=f"config/multicloud.yaml:{line}: ") as refused:
        written(text)
    assert meant in refused.value.hint


def test_an_unknown_key_in_a_flag_or_a_question_is_refused():
    with pytest.raises(ConfigurationError, match="flag") as refused:
        load(None, {}, {"providers.aws.priorty": 1})
    assert refused.value.hint == "Did you mean providers.aws.priority?"
    with pytest.raises(ConfigurationError):
        load(None, {}).source_of("providers.aws.colour")


def test_a_key_that_stands_twice_is_refused_with_both_lines(written):
    with pytest.raises(ConfigurationError, match=r"yaml:3: enabled stands here and on line 2"):
        written("multicloud:\n  enabled: true\n  enabled: false\n")


@pytest.mark.parametrize("given", ["East US", "eastus", "EAST US", " East  US "])
def test_an_azure_region_is_the_same_by_display_name_and_code(written, given):
    found = written('providers: {azure: {regions: ["East US", "eastus", "westeurope"]}}')
    assert found.providers[CloudProvider.AZURE].regions == ("East US", "westeurope")
    assert found.allows(CloudProvider.AZURE, given)
    assert not found.allows(CloudProvider.AZURE, "West US 2")


def test_regions_limit_only_the_provider_that_names_them(written):
    found = written("providers: {aws: {regions: [us-east-1]}}")
    assert found.allows(CloudProvider.AWS, "us-east-1")
    assert found.allows(CloudProvider.AWS)
    assert not found.allows(CloudProvider.AWS, "eu-west-1")
    assert found.allows(CloudProvider.GCP, "europe-west1")


def test_a_switched_off_provider_or_product_allows_nothing(written):
    found = written("providers: {aws: {enabled: false}}")
    assert not found.allows(CloudProvider.AWS)
    assert found.allows(CloudProvider.AZURE)
    off = load(None, {"MULTICLOUD_ENABLED": "false"})
    assert not any(off.allows(provider) for provider in CloudProvider)


def test_the_description_has_every_setting_and_every_documented_variable():
    rows = describe()
    assert [row.key for row in rows] == list(load(None, {}).settings)
    variables = {row.variable for row in rows if row.variable}
    assert len(variables) == 3 + 3 * len(CloudProvider)
    assert {"MULTICLOUD_FAILOVER_ENABLED", "GCP_PERFORMANCE_FACTOR", "DIGITALOCEAN_COST_FACTOR"} <= variables
    assert all(row.allowed and row.meaning and row.default for row in rows)
    assert {row.default for row in rows if row.key.endswith("_factor")} == {"1.0"}


def test_reading_without_a_file_does_not_load_the_yaml_reader():
    import subprocess
    import sys

    code = "import sys; from vocabulary.configuration import load; load(None, {}); print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
