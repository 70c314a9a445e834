"""Parameters as a person gives them: --set NAME=VALUE and a file of JSON. No secret in an argument."""

import json
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NoReturn

from vocabulary.errors import ConfigurationError

MOST_BYTES = 1024 * 1024


def parameters_of(settings: Sequence[str], config: str, secret: Collection[str] = ()) -> dict[str, Any]:
    """The file's parameters, and over them those of --set. Raises ConfigurationError, which never repeats a value."""
    values = file_of(config) if config else {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ConfigurationError("paas-cli", "--set", "it is not NAME=VALUE", "For example: --set name=web-2")
        if name in secret:
            raise ConfigurationError(
                "paas-cli",
                "--set",
                f"{name} is a secret, and an argument is seen by everyone on this machine",
                f'Write {{"{name}": …}} into a file of mode 0600 and give --config FILE.',
            )
        values[name] = json_of(value, "--set", name) if value[:1] in ("[", "{") else value
    return values


def file_of(path: str) -> dict[str, Any]:
    """The JSON object in a file, or on stdin for "-". Errors repeat nothing of its contents."""
    if path == "-":
        text = sys.stdin.read(MOST_BYTES + 1)
    else:
        if not Path(path).is_file():
            _refuse(path, "there is no such file", "Give a file with a JSON object.")
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            _refuse(path, "it is not UTF-8 text")
    if len(text) > MOST_BYTES:
        _refuse(path, f"it is larger than {MOST_BYTES} bytes")
    found = json_of(text, "--config", path)
    if not isinstance(found, dict):
        _refuse(path, "it is not a JSON object", 'Write {"name": "web-server-1", …}.')
    return found


def json_of(text: str, option: str, where: str) -> Any:
    """Strict JSON: no NaN, no name twice in one object, not nested without end."""
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        _refuse(where, f"it is not JSON at line {error.lineno}, column {error.colno}: {error.msg}", option=option)
    except RecursionError:
        _refuse(where, "it is nested too deeply", option=option)
    except ValueError as error:
        _refuse(where, str(error), option=option)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _refuse(where: str, why: str, hint: str = "", option: str = "--config") -> NoReturn:
    raise ConfigurationError(where, option, why, hint) from None
