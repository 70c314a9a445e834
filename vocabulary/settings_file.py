"""Reads config/multicloud.yaml into values with their lines, and refuses what YAML allows but nobody means.

Aliases and anchors, tags, doubled keys, unknown keys, a second document, deep nesting and large files are refused with
the line. What a value may be is `vocabulary.settings_table`'s business.
"""

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from vocabulary.errors import ConfigurationError
from vocabulary.settings_table import number, shown

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
MAX_NODES = 5000

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Written:
    """A value as the file has it, the line it stands on, and the lines of a list's items."""

    value: Any
    line: int
    item_lines: tuple[int, ...] = ()


def read(path: Path, known: Collection[str]) -> dict[str, Written]:
    """The file's values by dotted key.

    Raises ConfigurationError, naming file and line, for a file that cannot be meant.
    """
    name = display_name(path)
    text = _text(path, name)
    try:
        _refuse_tricks(text, name)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise _not_yaml(error, text, name) from None
    return dict(_flatten(root, "", name, known)) if root is not None else {}


def display_name(path: Path) -> str:
    """The file as a person finds it: from the working directory when it lies below, or else in full."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def did_you_mean(word: str, allowed: Collection[str]) -> str:
    """A sentence that says what is allowed, and starts with the likeliest one when there is any."""
    from difflib import get_close_matches  # only a mistake needs it, and starting the CLI should not pay for it

    close = get_close_matches(word.lower(), allowed, n=1, cutoff=0.6)
    listed = f"Allowed here: {', '.join(allowed)}."
    return f"Did you mean {close[0]}? {listed}" if close else listed


def _text(path: Path, name: str) -> str:
    try:
        # Not waiting for a writer, so that a FIFO cannot hold the program. A symbolic link is fine: mounted files often
        # are.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a path"
        raise ConfigurationError(name, "file", f"cannot be read: {why}", f"Check the path: ls -l {name}") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigurationError(name, "file", "is not a regular file", "Give the path of a YAML file.")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > MAX_BYTES:
        raise ConfigurationError(name, "file", f"is larger than {MAX_BYTES} bytes", "Is it the right file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{name}:{line}", "file", "is not UTF-8 text", "Save it as UTF-8.") from None


def _refuse_tricks(text: str, name: str) -> None:
    depth = nodes = 0
    # Events come one at a time, so a bomb is refused before anything is built from it.
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        where = f"{name}:{event.start_mark.line + 1 if event.start_mark else 1}"
        if getattr(event, "anchor", None):  # an alias carries the name of its anchor
            raise ConfigurationError(where, "file", "aliases and anchors are refused", "Write the value out.")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise ConfigurationError(
                where, "file", f"the tag {shown(tag)} is refused", "Write the value without a tag."
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            raise ConfigurationError(
                where, "file", f"nested deeper than {MAX_DEPTH} levels", "Three levels are needed."
            )
        if nodes > MAX_NODES:
            raise ConfigurationError(where, "file", f"has more than {MAX_NODES} values", "Is it the right file?")


def _not_yaml(error: yaml.YAMLError, text: str, name: str) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None)
    # A forbidden character is reported by its position in the text, everything else by a mark.
    line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    return ConfigurationError(
        f"{name}:{line}", "file", f"is not YAML: {problem}", "Mend that line, or the one above it."
    )


def _flatten(node: yaml.Node, prefix: str, name: str, known: Collection[str]) -> Iterator[tuple[str, Written]]:
    where = f"{name}:{node.start_mark.line + 1}"
    allowed = _next_words(prefix, known)
    if isinstance(node, yaml.ScalarNode) and node.tag == _TAG + "null":
        return  # a section whose every line is a comment
    if not isinstance(node, yaml.MappingNode):
        raise ConfigurationError(where, prefix or "file", "is not a section", did_you_mean("", allowed))
    seen: dict[str, int] = {}
    for key_node, value in node.value:
        line = key_node.start_mark.line + 1
        word = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
        key = f"{prefix}.{word}" if prefix else word
        if word in seen:
            why = f"{word} stands here and on line {seen[word]}"
            raise ConfigurationError(f"{name}:{line}", key, why, "Keep one of the two.")
        seen[word] = line
        if word not in allowed:
            why = f"{shown(word)} is not known" if word else "a key must be a word"
            raise ConfigurationError(f"{name}:{line}", key, why, did_you_mean(word, allowed))
        if key in known:
            yield key, _leaf(value, key, f"{name}:{value.start_mark.line + 1}")
        else:
            yield from _flatten(value, key, name, known)


def _next_words(prefix: str, known: Collection[str]) -> list[str]:
    start = f"{prefix}." if prefix else ""
    return list(dict.fromkeys(key[len(start) :].split(".")[0] for key in known if key.startswith(start)))


def _leaf(node: yaml.Node, key: str, where: str) -> Written:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        raise ConfigurationError(where, key, "has a section where a value belongs", "Write the value on the same line.")
    if isinstance(node, yaml.SequenceNode):
        items = [_scalar(item) if isinstance(item, yaml.ScalarNode) else None for item in node.value]
        return Written(items, line, tuple(item.start_mark.line + 1 for item in node.value))
    value = _scalar(node) if isinstance(node, yaml.ScalarNode) else None
    if value is None:
        raise ConfigurationError(
            where, key, "has no value", "Give it one, or remove the line to keep the built-in value."
        )
    return Written(value, line)


def _scalar(node: yaml.ScalarNode) -> Any:
    if node.tag == _TAG + "null":
        return None
    if node.tag == _TAG + "bool":
        return node.value.lower() in ("true", "yes", "on")
    return number(node.value) if node.tag in (_TAG + "int", _TAG + "float") else node.value
