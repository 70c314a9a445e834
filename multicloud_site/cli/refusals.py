"""How a refusal looks and which exit code it has: two lines to stderr, and with --json an object to stdout as well."""

import errno
import json
import re
import sys
from collections.abc import Mapping
from typing import Any

import click

from vocabulary import errors
from vocabulary.errors import CloudError, ConfigurationError, NotFound, ProviderDown
from vocabulary.text import visible

OK, REFUSED, USAGE, NOT_FOUND, NEEDS_PERSON, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

LONGEST = 2000
_SECRET_OPTION = re.compile(r"secret|passw|token|(access|api|private|vault)[-_]?key|credentials?$", re.IGNORECASE)


class Declined(CloudError):
    """The person said no. `hint` says what stays."""


class OperationEnded(CloudError):
    """An operation did not succeed: failed, cancelled or expired."""


class NeedsPerson(CloudError):
    """Nobody knows how an operation ended, or only a person can decide."""


def code_of(error: CloudError) -> int:
    """The exit code of an error."""
    if isinstance(error, NotFound):
        return NOT_FOUND
    if isinstance(error, ProviderDown):
        return UNREACHABLE
    if isinstance(error, NeedsPerson):
        return NEEDS_PERSON
    return USAGE if isinstance(error, ConfigurationError) or error.call.startswith("--") else REFUSED


def told(problem: BaseException, as_json: bool) -> int | None:
    """Say what went wrong, and return the exit code; None, and nothing said, for what is a mistake of ours."""
    if isinstance(problem, CloudError):
        return _say(problem, code_of(problem), as_json)
    if isinstance(problem, click.Abort):
        if isinstance(problem.__cause__, KeyboardInterrupt):
            return INTERRUPTED
        nobody = CloudError(
            "Multicloud",
            "ask",
            "nobody answered",
            "Answer on a terminal, or give what it asks for as an option: see --help.",
        )
        return _say(nobody, USAGE, as_json)
    if isinstance(problem, click.UsageError):
        return _say(_usage(problem), USAGE, as_json)
    if isinstance(problem, click.ClickException):
        return _say(CloudError("Multicloud", "command line", problem.format_message()), USAGE, as_json)
    if isinstance(problem, OSError) and not isinstance(problem, BrokenPipeError):
        return _say(_of_system(problem), REFUSED, as_json)
    return _of_database(problem, as_json)


def _say(error: CloudError, code: int, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": {**error.as_dict(), "exit_code": code}}, indent=2))
    print(f"paas-cli: {visible(str(error), LONGEST)}", file=sys.stderr)
    if error.hint:
        print(f"hint: {visible(error.hint, LONGEST)}", file=sys.stderr)
    return code


def _usage(problem: click.UsageError) -> CloudError:
    option = problem.option_name if isinstance(problem, click.NoSuchOption) else ""
    if _SECRET_OPTION.search(option):
        return CloudError(
            "Multicloud",
            "command line",
            f"{option} is not an option: a secret in an argument is seen by everyone on this machine",
            "Give --credentials-file FILE (mode 0600), type it when asked, or set AWS_SECRET_ACCESS_KEY. "
            "If a secret stood there, take it out of the shell's history and replace it.",
        )
    path = problem.ctx.command_path if problem.ctx else "paas-cli"
    return CloudError(path, "command line", problem.format_message().rstrip("."), f"{path} --help")


def _of_system(problem: OSError) -> CloudError:
    where = str(problem.filename) if problem.filename else "MULTICLOUD_HOME"
    hint = (
        "Make room on that disk."
        if problem.errno in (errno.ENOSPC, errno.EDQUOT)
        else "Check its path, owner and mode."
    )
    return CloudError(where, "file", (problem.strerror or type(problem).__name__).lower(), hint)


def _of_database(problem: BaseException, as_json: bool) -> int | None:
    database: Any = sys.modules.get("django.db")
    if database is None or not isinstance(problem, database.Error):
        return None
    text = str(problem)
    hint = "See docs/runbook.md; `paas-cli doctor` looks at it."
    if "no such table" in text or "no such column" in text:
        hint = "It is not set up, or from another version: paas-cli setup"
    elif "locked" in text:
        hint = "Something writes to it for long; try again."
    return _say(CloudError("Multicloud", "database", text, hint), REFUSED, as_json)


def rebuilt(values: Mapping[str, Any], who: str = "") -> CloudError:
    """An error as it was written down, of its class again, so that it has the same exit code."""
    made = getattr(errors, str(values.get("type")), CloudError)
    kind = made if isinstance(made, type) and issubclass(made, CloudError) else CloudError
    return kind(
        who or str(values.get("who", "")),
        str(values.get("call", "")),
        str(values.get("why", "")),
        str(values.get("hint", "")),
    )
