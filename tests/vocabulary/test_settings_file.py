"""What YAML allows but nobody means is refused with its line, and quickly."""

import os

import pytest

from vocabulary.configuration import BUILT_IN, load
from vocabulary.errors import ConfigurationError

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BOMB, "aliases and anchors are refused"),
        ("multicloud: &x {enabled: true}\n", "aliases and anchors are refused"),
        ("multicloud: *x\n", "aliases and anchors are refused"),
        ("multicloud: !!python/object/apply:os.system [id]\n", "the tag .* is refused"),
        ("multicloud: {enabled: !!bool yes}\n", "the tag .* is refused"),
        ("multicloud: {<<: {enabled: true}}\n", "'<<' is not known"),
        ("[" * 30_000, "nested deeper than 8 levels"),
        ("{a: " * 10_000, "nested deeper than 8 levels"),
        ("providers: {aws: {regions: [" + "a," * 6000 + "a]}}", "more than 5000 values"),
        ("multicloud:\n" + "# " + "x" * 70_000, "larger than 65536 bytes"),
        ("a: b: c\n", "is not YAML"),
        ("multicloud:\n\tenabled: true\n", "yaml:2: is not YAML"),
        ("multicloud:\n  enabled: 'x\n", "is not YAML"),
        (b"multicloud:\n  enabled: \xff\n", "yaml:2: is not UTF-8 text"),
        ("multicloud:\n  enabled: a\x00b\n", "yaml:2: is not YAML"),
        ("enabled\n", "is not a section"),
        ("- multicloud\n", "is not a section"),
        ("multicloud: true\n", "is not a section"),
        ("multicloud: {enabled: {now: true}}\n", "a section where a value belongs"),
        ("multicloud:\n  enabled:\n", "has no value"),
        ("? [a, b]\n: c\n", "a key must be a word"),
        ("multicloud: {}\n---\nmulticloud: {}\n", "is not YAML"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_yaml_allows_but_nobody_means_is_refused(written, text, why):
    with pytest.raises(ConfigurationError, match=why) as refused:
        written(text)
    assert refused.value.who.startswith("config/multicloud.yaml")
    assert refused.value.hint


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "multicloud:\n  # all comments\nproviders:\n", "\ufeffmulticloud: {}\n"]
)
def test_an_empty_file_or_section_changes_nothing(written, text):
    assert {source for _, source in written(text).settings.values()} == {BUILT_IN}


@pytest.mark.timeout(10)
def test_a_file_that_is_missing_or_a_pipe_is_refused_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, why in [("absent", "No such file"), ("pipe", "not a regular file"), (".", "not a regular file")]:
        with pytest.raises(ConfigurationError, match=why):
            load(tmp_path / path, {})
