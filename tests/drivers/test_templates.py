"""Argument templates: a parameter is a value and never a template, and a reference comes from us alone."""

import pytest

from providers.drivers.template import LEFT_OUT, arguments_of, refuse_references, render, resolve
from vocabulary.errors import InvalidParameter


def test_a_placeholder_inside_a_parameter_stays_text() -> None:
    values = {"name": "{id} {token} {{7*7}}", "id": "i-1", "token": "t"}
    template = {"Name": "{name}", "Title": "Name it {name}"}
    assert arguments_of(template, values) == {
        "Name": "{id} {token} {{7*7}}",
        "Title": "Name it {id} {token} {{7*7}}",
    }


def test_a_whole_placeholder_keeps_the_parameter_s_type() -> None:
    assert render({"Size": "{size}", "On": "{on}"}, {"size": 8, "on": False}) == {"Size": 8, "On": False}


def test_what_was_not_given_is_left_out_and_leaves_no_empty_shell() -> None:
    template = {"A": "{a}", "B": {"C": "{c}"}, "D": ["{d}"], "E": {}}
    assert arguments_of(template, {"a": 1}) == {"A": 1, "E": {}}
    assert render("{a}-{b}", {"a": 1}) is LEFT_OUT


def test_an_id_that_is_known_later_becomes_a_reference_and_is_resolved() -> None:
    arguments = arguments_of({"GroupId": "{id}"}, {})
    assert arguments == {"GroupId": {"$ref": "id"}}
    assert resolve(arguments, {"id": "sg-1"}, lambda name: name) == {"GroupId": "sg-1"}
    with pytest.raises(InvalidParameter, match="id is not known yet"):
        resolve(arguments, {}, lambda name: name)


def test_a_secret_is_revealed_only_when_the_call_is_made() -> None:
    arguments = arguments_of({"UserData": "{data}"}, {"data": {"$secret": "vault-7"}})
    assert "hunter2" not in str(arguments)
    assert resolve(arguments, {}, {"vault-7": "hunter2"}.__getitem__) == {"UserData": "hunter2"}


@pytest.mark.parametrize("value", [{"$ref": "id"}, [{"$secret": "vault-1"}], {"a": [{"b": {"$ref": "token"}}]}])
def test_a_reference_from_outside_is_refused(value: object) -> None:
    with pytest.raises(InvalidParameter, match="is not a name that can be given"):
        refuse_references(value, "instance")
