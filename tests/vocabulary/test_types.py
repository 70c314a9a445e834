"""The specification's types: their values, what they refuse, and that a secret never shows."""

import dataclasses
import json
import pickle

import pytest

from vocabulary.errors import InvalidParameter
from vocabulary.types import CloudProvider, CloudResource, ProviderConfig, Secrets, ServiceType
from vocabulary.words import RESOURCE_TYPES, State, Verb, covers

CANARY = "canary-secret-value"


@pytest.mark.promise("TY-1")
def test_there_are_eight_providers_whose_value_is_their_slug():
    """TY-1"""
    slugs = ["aws", "azure", "gcp", "alibaba", "ibm", "oracle", "digitalocean", "linode"]
    assert [provider.value for provider in CloudProvider] == slugs
    assert CloudProvider.AWS == "aws"
    assert f"{CloudProvider.GCP}" == "gcp"
    assert len({provider.title for provider in CloudProvider}) == 8


@pytest.mark.promise("TY-2")
def test_there_are_the_ten_service_types_of_the_specification():
    """TY-2"""
    names = "COMPUTE STORAGE DATABASE NETWORKING SECURITY AI_ML ANALYTICS MONITORING CONTAINER SERVERLESS"
    assert [service.name for service in ServiceType] == names.split()
    assert set(RESOURCE_TYPES.values()) == set(ServiceType)


@pytest.mark.promise("TY-3", "TY-7", "TY-8", "TY-9", "TY-10", "TY-11", "TY-12")
def test_the_documented_provider_config_is_taken_as_written():
    """TY-3, TY-7 to TY-12"""
    config = ProviderConfig(
        provider=CloudProvider.AWS,
        region="us-east-1",
        credentials={"access_key_id": "your-access-key", "secret_access_key": "your-secret-key"},
        priority=1,
        cost_factor=1.0,
        performance_factor=1.0,
    )
    assert (config.provider, config.region, config.priority) == (CloudProvider.AWS, "us-east-1", 1)
    assert (config.cost_factor, config.performance_factor) == (1.0, 1.0)
    assert dict(config.credentials) == {"access_key_id": "your-access-key", "secret_access_key": "your-secret-key"}
    assert config.mode == "manage"


@pytest.mark.parametrize("factor", ["cost_factor", "performance_factor"])
@pytest.mark.parametrize("value", [0, -1, -0.0, float("nan"), float("inf"), float("-inf"), True, "1.0", None])
def test_a_factor_that_makes_no_sense_is_refused_by_name(factor, value):
    with pytest.raises(InvalidParameter, match=factor) as refused:
        ProviderConfig(CloudProvider.AWS, "us-east-1", **{factor: value})
    assert factor in refused.value.hint


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "1", None])
def test_a_priority_that_makes_no_sense_is_refused(value):
    with pytest.raises(InvalidParameter, match="priority"):
        ProviderConfig(CloudProvider.AWS, "us-east-1", priority=value)


def test_a_mode_that_is_not_a_mode_is_refused():
    with pytest.raises(InvalidParameter, match="mode"):
        ProviderConfig(CloudProvider.AWS, "us-east-1", mode="admin")  # type: ignore[arg-type]  # the mistake under test


def test_a_secret_never_shows_when_a_configuration_is_printed():
    config = ProviderConfig(CloudProvider.AWS, "us-east-1", {"secret_access_key": CANARY})
    secrets = config.credentials
    shown = [repr(config), str(config), f"{config}", repr(secrets), str(secrets), f"{secrets}", f"{secrets!r:>80}"]
    shown += [f"{[secrets]} %s %r" % (secrets, secrets), repr(dataclasses.replace(config, priority=2))]
    assert not any(CANARY in text for text in shown)
    assert "secret_access_key" in repr(secrets)
    assert secrets["secret_access_key"] == CANARY


def test_a_secret_is_neither_pickled_nor_written_as_json():
    secrets = Secrets({"secret_access_key": CANARY})
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secrets)
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(secrets)


def test_changing_the_callers_dictionary_afterwards_changes_nothing():
    given = {"access_key_id": "a"}
    config = ProviderConfig(CloudProvider.AWS, "us-east-1", given)
    given["access_key_id"] = "b"
    assert config.credentials["access_key_id"] == "a"
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.region = "eu-west-1"  # type: ignore[misc]  # the mistake under test


@pytest.mark.promise("TY-4", "TY-5")
def test_a_resource_has_a_string_id_and_neutral_words():
    """TY-4, TY-5"""
    resource = CloudResource(
        "res-123", CloudProvider.AWS, ServiceType.COMPUTE, "instance", "web-server-1", "us-east-1", State.RUNNING
    )
    assert (resource.id, resource.state, resource.provider) == ("res-123", "running", "aws")
    assert not resource.simulated


def test_only_list_and_get_change_nothing():
    assert [verb for verb in Verb if not verb.changes] == [Verb.LIST, Verb.GET]


def test_compute_answers_for_containers_and_functions_but_not_the_other_way():
    assert covers(ServiceType.COMPUTE, ServiceType.CONTAINER)
    assert covers(ServiceType.COMPUTE, ServiceType.SERVERLESS)
    assert not covers(ServiceType.CONTAINER, ServiceType.COMPUTE)
    assert not covers(ServiceType.STORAGE, ServiceType.COMPUTE)
    assert all(covers(service, service) for service in ServiceType)


def test_a_bucket_is_never_on_its_way_and_a_starting_machine_is():
    assert not State.AVAILABLE.moving
    assert all(state.moving for state in (State.STARTING, State.DELETING))
