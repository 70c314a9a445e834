"""A public id is a function of what the resource is."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocabulary.ids import fresh_id, resource_id

WEB = ("aws", "aws", "111111111111", "us-east-1", "instance", "i-0123456789abcdef0")


@pytest.mark.promise("TY-5")
def test_a_resource_keeps_its_id_for_good():
    """TY-5. A change of this value would orphan every stored link, note and bookmark."""
    assert resource_id(*WEB) == "res-26nbw3kq2fsj"
    assert resource_id("azure", "public", "sub", "eastus", "instance", "/a/b") == "res-uin3zdo6jxxy"


def test_every_fact_counts_and_the_borders_between_them_too():
    changed = [resource_id(*WEB[:place], f"{WEB[place]}x", *WEB[place + 1 :]) for place in range(len(WEB))]
    again = resource_id(*WEB, created_at="2026-01-01T00:00:00Z")
    shifted = resource_id("aws", "aws1", "11111111111", "us-east-1", "instance", "i-0123456789abcdef0")
    assert len({resource_id(*WEB), *changed, again, shifted}) == len(WEB) + 3


def test_azure_ids_are_the_same_in_any_case_and_other_clouds_are_not():
    assert resource_id("azure", "p", "a", "r", "k", "/Sub/VM") == resource_id("azure", "p", "a", "r", "k", "/sub/vm")
    assert resource_id("aws", "p", "a", "r", "k", "Bucket") != resource_id("aws", "p", "a", "r", "k", "bucket")


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_native_id_gives_an_id_of_one_shape(native_id):
    assert re.fullmatch("res-[a-z2-7]{12}", resource_id("aws", "aws", "1", "r", "k", native_id))


def test_fresh_ids_do_not_repeat():
    made = {fresh_id("op") for _ in range(2000)}
    assert len(made) == 2000
    assert all(re.fullmatch("op-[a-z2-7]{16}", one) for one in made)
