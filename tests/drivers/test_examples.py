"""Each kind's example answer, written from the vendor's description, becomes exactly the facts it stands for."""

import json
from pathlib import Path
from typing import Any

import pytest

from providers.drivers.clouds import cloud
from providers.drivers.driver import Driver
from providers.drivers.kind import Found, Kind
from tests.conformance.bench import api_name, service_model
from tests.recordings.replay import ReplayEngine
from vocabulary.words import RESOURCE_TYPES, State, Verb

EXAMPLES = Path(__file__).parents[1] / "examples" / "aws"
KINDS = cloud("aws").kinds

#: The vendor's own lists of the words for a state.
VENDOR_STATES = {
    "instance": "InstanceStateName",
    "volume": "VolumeState",
    "image": "ImageState",
    "network": "VpcState",
    "subnet": "SubnetState",
}


def read(kind: Kind) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{kind.name}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_an_example_answer_becomes_the_facts_it_stands_for(kind: Kind) -> None:
    example = read(kind)
    engine = ReplayEngine({example["call"]: example["answer"], **example.get("details", {})})
    (found,) = Driver(cloud("aws"), engine, "111111111111").list(kind, "eu-west-1")
    assert isinstance(found, Found)
    expected = example["found"]
    facts = {name: getattr(found, name) for name in expected if name != "relations"}
    facts["relations"] = [[edge.edge, edge.kind, edge.native_id] for edge in found.relations]
    assert facts == expected
    assert "UserData" not in json.dumps(found.raw)
    assert not found.unknown


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_word_the_vendor_has_for_a_state_is_in_the_table(kind: Kind) -> None:
    if kind.name not in VENDOR_STATES:
        assert kind.steady is State.AVAILABLE
        return
    words = service_model("ec2").shape_for(VENDOR_STATES[kind.name]).enum
    assert set(words) == set(kind.states)
    assert State.UNKNOWN not in kind.states.values()


@pytest.mark.promise("ST-1", "ST-4", "ST-5", "ST-16")
def test_every_row_says_what_the_product_asks_of_a_row() -> None:
    for kind in KINDS:
        assert RESOURCE_TYPES[kind.name] is kind.service_type
        assert set(kind.permissions) == set(kind.calls), kind
        assert kind.vendor_url.startswith("https://docs.aws.amazon.com/")
        for verb in kind.calls:
            if verb.changes and verb not in (Verb.UPDATE, Verb.TAG):
                assert kind.effects.get(verb), f"{kind} {verb} does not say what it does"
        for param in (param for params in kind.params.values() for param in params):
            assert param.title
            assert not param.choices_from or param.choices_from in {one.name for one in KINDS}


def test_every_call_and_argument_of_a_row_is_one_that_the_vendor_describes() -> None:
    for kind in KINDS:
        for call in (*kind.details, *(call for calls in kind.calls.values() for call in calls)):
            service, method = call.method.split(".")
            shape = service_model(service).operation_model(api_name(service, method)).input_shape
            assert set(call.args) <= set(shape.members if shape else ()), call.method
