"""The neutral words, and the page that prints them."""

import importlib.util
from pathlib import Path

import pytest

from vocabulary.types import ServiceType
from vocabulary.words import RESOURCE_TYPES, State, Verb, covers

ROOT = Path(__file__).resolve().parents[2]


def words_page():
    spec = importlib.util.spec_from_file_location("words", ROOT / "tools" / "words.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_words_is_current():
    assert (ROOT / "docs" / "words.md").read_text(encoding="utf-8") == words_page().text()


def test_every_verb_and_state_is_explained():
    page = words_page()
    assert set(page.VERBS) == set(Verb)
    assert set(page.STATES) == set(State)


@pytest.mark.promise("TY-2")
def test_every_service_type_has_a_resource_type():
    assert set(RESOURCE_TYPES.values()) == set(ServiceType)


@pytest.mark.parametrize("inner", [ServiceType.CONTAINER, ServiceType.SERVERLESS])
def test_compute_answers_for_containers_and_functions_but_not_the_other_way(inner):
    assert covers(ServiceType.COMPUTE, inner)
    assert not covers(inner, ServiceType.COMPUTE)


def test_only_list_and_get_change_nothing():
    assert [verb for verb in Verb if not verb.changes] == [Verb.LIST, Verb.GET]
