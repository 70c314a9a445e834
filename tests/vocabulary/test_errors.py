"""The tree of errors is the one in its docstring, and an error keeps all it knows on every way."""

import inspect
import pickle
import re

import pytest

from vocabulary import errors
from vocabulary.errors import CloudError

CLASSES = {
    name: found
    for name, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, CloudError) and found.__module__ == errors.__name__
}


def drawn() -> dict[str, str]:
    """The docstring's drawing: each class with its parent."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.fullmatch(r"    ([│├└─ ]*)([A-Z][A-Za-z]+)(?: {2,}.*)?", line)
        if found:
            depth = len(found[1]) // 4
            path = [*path[:depth], found[2]]
            parents[found[2]] = path[-2] if depth else "Exception"
    return parents


def test_the_drawn_tree_and_the_classes_are_the_same():
    assert drawn() == {name: found.__base__.__name__ for name, found in CLASSES.items()}


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_every_error_says_who_which_call_why_and_what_to_do_and_survives_a_queue(kind):
    error = kind(
        "aws/production",
        "ec2.run_instances",
        "the limit is 32",
        "Ask for more.",
        code="VcpuLimitExceeded",
        request_id="r-1",
        retry_after_seconds=2.5,
        sent=True,
    )
    assert str(error) == "aws/production: the limit is 32 (ec2.run_instances)"
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert again.as_dict() == error.as_dict()
    assert (again.sent, again.retry_after_seconds, str(again)) == (True, 2.5, str(error))
    assert error.as_dict()["type"] == kind.__name__
    assert 400 <= kind.status < 600


def test_only_what_may_have_been_sent_says_so():
    sent = {name for name, found in CLASSES.items() if found.sent}
    assert sent == {"ProviderDown", "BadAnswer"}


def test_only_what_may_pass_by_itself_is_asked_again():
    retried = {name for name, found in CLASSES.items() if found.retryable}
    assert retried == {"RateLimited", "ProviderDown", "Unreachable", "CircuitOpen", "BadAnswer", "AuditUnavailable"}
