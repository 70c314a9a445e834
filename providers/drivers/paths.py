"""JMESPath as plain functions: the expressions our tables are made of, compiled once.

A listing evaluates some twenty paths per resource, and the interpreter of the library costs more than the rest of the
mapping. What is not among the nodes below (a function, a slice, a multi-select) is left to the library; both give the
same answers, and a test compares them on every path of every table.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import jmespath

Find = Callable[[Any], Any]
Node = dict[str, Any]


@cache
def finder(expression: str) -> Find:
    """The function that finds what an expression names in a value; it returns None when there is nothing."""
    parsed = jmespath.compile(expression)
    find: Find = _made(parsed.parsed) or parsed.search
    return find


def _made(node: Node) -> Find | None:
    """The function of a node, or None for a node that the library has to do."""
    makers: dict[str, Callable[[Node], Find | None]] = {
        "field": _field,
        "identity": _identity,
        "subexpression": _chain,
        "pipe": _chain,
        "index_expression": _chain,
        "index": _index,
        "flatten": _flatten,
        "projection": _projection,
        "filter_projection": _filter,
    }
    maker = makers.get(node["type"])
    return maker(node) if maker else None


def _field(node: Node) -> Find | None:
    name = node["value"]

    def find(value: Any) -> Any:
        try:
            return value.get(name)
        except AttributeError:
            return None

    return find


def _identity(node: Node) -> Find | None:
    return lambda value: value


def _chain(node: Node) -> Find | None:
    finds = [_made(child) for child in node["children"]]
    steps = [find for find in finds if find is not None]
    if len(steps) != len(finds):
        return None
    if len(steps) == 2:
        first, second = steps
        return lambda value: second(first(value))

    def find(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return find


def _index(node: Node) -> Find | None:
    position = node["value"]

    def find(value: Any) -> Any:
        if not isinstance(value, list):
            return None
        try:
            return value[position]
        except IndexError:
            return None

    return find


def _flatten(node: Node) -> Find | None:
    inner = _made(node["children"][0])
    if inner is None:
        return None

    def find(value: Any) -> Any:
        base = inner(value)
        if not isinstance(base, list):
            return None
        merged: list[Any] = []
        for item in base:
            if isinstance(item, list):
                merged += item
            else:
                merged.append(item)
        return merged

    return find


def _projection(node: Node) -> Find | None:
    left, right = (_made(child) for child in node["children"])
    if left is None or right is None:
        return None

    def find(value: Any) -> Any:
        base = left(value)
        if not isinstance(base, list):
            return None
        return [found for item in base if (found := right(item)) is not None]

    return find


def _filter(node: Node) -> Find | None:
    """Only `[?Key=='word']`: a field that equals a text."""
    left, right = _made(node["children"][0]), _made(node["children"][1])
    test = node["children"][2]
    if left is None or right is None or test["type"] != "comparator" or test["value"] != "eq":
        return None
    tested, word = test["children"]
    if tested["type"] != "field" or word["type"] != "literal" or not isinstance(word["value"], str):
        return None
    key, wanted = _field(tested), word["value"]
    assert key is not None

    def find(value: Any) -> Any:
        base = left(value)
        if not isinstance(base, list):
            return None
        chosen = [item for item in base if key(item) == wanted]
        return [found for item in chosen if (found := right(item)) is not None]

    return find
