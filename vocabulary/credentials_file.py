"""Reads the file given to `--credentials-file`: AWS's own INI format with profiles, or JSON.

The file must be ours alone. Which fields a cloud needs is its `Cloud` row's business; here only the file is judged. No
error repeats anything of the contents, not even a profile's name, because a wrong path may lead to any file.
"""

import configparser
import json
import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from vocabulary.errors import InvalidParameter
from vocabulary.text import visible
from vocabulary.types import CloudProvider

OPTION = "--credentials-file"
MAX_BYTES = 64 * 1024
MAX_VALUE = 16 * 1024

#: How AWS's files and answers name a field, and how we do.
_AWS_NAMES = {
    "aws_access_key_id": "access_key_id",
    "accesskeyid": "access_key_id",
    "access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "secretaccesskey": "secret_access_key",
    "secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
    "aws_security_token": "session_token",
    "sessiontoken": "session_token",
    "session_token": "session_token",
    "role_arn": "role_arn",
    "rolearn": "role_arn",
    "external_id": "external_id",
    "externalid": "external_id",
    "source_profile": "source_profile",
}
_KEYS = ("access_key_id", "secret_access_key", "session_token")
#: The wrappers in which AWS's own commands answer (`sts get-session-token`, `iam create-access-key`).
_WRAPPERS = ("Credentials", "AccessKey")


def read(
    path: str | Path, profile: str = "default", provider: CloudProvider | str = CloudProvider.AWS
) -> dict[str, str]:
    """The fields of one profile, under our names: access_key_id, secret_access_key, session_token, role_arn and so on.

    For AWS the file may be INI or JSON; when the profile assumes a role, the keys of its `source_profile` come with it.
    For any other cloud the file is JSON, an object of fields or of profiles. Raises InvalidParameter with the command
    that mends it.
    """
    name = visible(str(path))
    text = _own_text(Path(path), name)
    is_json = text.lstrip().startswith("{")
    if not is_json and provider != CloudProvider.AWS:
        _refuse(name, "is not JSON", 'Write it as {"field": "value", …}.')
    profiles = _json_profiles(text, name, profile) if is_json else _ini_profiles(text, name)
    if profile not in profiles:
        _refuse(
            name, f"has no profile {visible(profile, 60)!r}", f"Give --profile one of the {len(profiles)} in the file."
        )
    if provider != CloudProvider.AWS:
        return _strings(profiles[profile], name)
    return _aws_fields(profiles, profile, name)


def _refuse(name: str, why: str, hint: str) -> NoReturn:
    # Parsers quote the line they stumble over, which may be a secret: their error never travels along with ours.
    raise InvalidParameter(name, OPTION, why, hint) from None


def _own_text(path: Path, name: str) -> str:
    quoted = shlex.quote(name)
    try:
        path = path.expanduser()
    except RuntimeError:
        _refuse(name, "names a home folder that is not there", "Write the path in full.")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        if path.is_symlink():
            _refuse(name, "is a symbolic link", f"Give the file it leads to: readlink -f {quoted}")
        why = getattr(error, "strerror", None) or "not a path"
        _refuse(name, f"cannot be read: {why}", f"Check the path: ls -l {quoted}")
    try:
        # Asked of the open file, not of the path, so that nothing can be put in its place in between.
        _refuse_foreign(os.fstat(descriptor), name, quoted)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > MAX_BYTES:
        _refuse(name, f"is larger than {MAX_BYTES} bytes", f"Is it the right file? ls -l {quoted}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(name, "is not UTF-8 text", f"See what it is: file {quoted}")


def _refuse_foreign(found: os.stat_result, name: str, quoted: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        _refuse(name, "is not a regular file", f"Give a file, not a folder, pipe or device: ls -ld {quoted}")
    if os.geteuid() not in (0, found.st_uid):
        _refuse(name, "belongs to someone else", f"Copy it: install -m 600 {quoted} ~/credentials")
    if found.st_mode & 0o077:
        _refuse(name, "can be read or changed by others", f"Run: chmod 600 {quoted}")


def _ini_profiles(text: str, name: str) -> dict[str, Mapping[str, Any]]:
    parser = configparser.RawConfigParser(default_section="\0")
    try:
        parser.read_string(text)
    except configparser.Error as error:
        # The parser's own message quotes the line, which may be a secret.
        lines = getattr(error, "errors", None)
        line = lines[0][0] if lines else getattr(error, "lineno", None) or 1
        why = (
            "the same twice"
            if isinstance(error, configparser.DuplicateSectionError | configparser.DuplicateOptionError)
            else ""
        )
        _refuse(name, f"line {line} {'says ' + why if why else 'is neither [profile] nor name = value'}", _edit(name))
    # The configuration file beside the credentials writes [profile name]; the credentials file [name].
    return {section.removeprefix("profile ").strip(): dict(parser[section]) for section in parser.sections()}


def _json_profiles(text: str, name: str, profile: str) -> dict[str, Mapping[str, Any]]:
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        _refuse(name, f"is not JSON at line {error.lineno}, column {error.colno}", _edit(name))
    except RecursionError:
        _refuse(name, "is nested too deeply", _edit(name))
    except ValueError:
        _refuse(name, "has a name twice in one object, or a number that is too long", _edit(name))
    for wrapper in _WRAPPERS:
        if isinstance(found.get(wrapper), dict):
            found = found[wrapper]
    if found and all(isinstance(value, dict) for value in found.values()):
        return found  # type: ignore[no-any-return]  # every value is an object: profiles by name
    # A file of one set of fields answers for whichever profile is asked for, as long as none was named on purpose.
    return {"default": found} if profile == "default" else {}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _strings(fields: Mapping[str, Any], name: str) -> dict[str, str]:
    for value in fields.values():
        if not isinstance(value, str) or not value.strip() or len(value) > MAX_VALUE or "\0" in value:
            _refuse(name, "has a field that is not text, is empty or is too long", _edit(name))
    return {key: str(value) for key, value in fields.items()}


def _aws_fields(profiles: Mapping[str, Mapping[str, Any]], profile: str, name: str) -> dict[str, str]:
    fields = _named(profiles[profile], name)
    source = fields.get("source_profile")
    if "role_arn" in fields and source and source != profile:
        if source not in profiles:
            _refuse(name, "has no such profile as its source_profile names", _edit(name))
        base = _named(profiles[source], name)
        if "role_arn" in base:
            _refuse(
                name, "chains one role to another", "Add the account with --method profile, which the AWS SDK resolves."
            )
        fields = {**{key: value for key, value in base.items() if key in _KEYS}, **fields}
    for field in ("access_key_id", "secret_access_key"):
        if field not in fields:
            hint = f"{_edit(name)} If this profile signs in without keys (SSO, a process), use --method profile."
            _refuse(name, f"profile {visible(profile, 60)!r} has no {field}", hint)
    return fields


def _named(fields: Mapping[str, Any], name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in fields.items():
        ours = _AWS_NAMES.get(key.lower())
        if ours is None:
            continue
        text = _one_value(ours, value, name)
        if found.setdefault(ours, text) != text:
            _refuse(name, f"says {ours} twice, and differently", _edit(name))
    return found


def _one_value(field: str, value: Any, name: str) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > MAX_VALUE:
        _refuse(name, f"{field} is not text, is empty or is too long", _edit(name))
    if field != "source_profile" and not (text.isascii() and text.isprintable() and " " not in text):
        _refuse(name, f"{field} has a blank or a character that none has", _edit(name))
    if text[0] in "\"'":
        why = f"{field} is in quotes"
        _refuse(name, why, f"Take them away, since AWS would count them as part of it. {_edit(name)}")
    return text


def _edit(name: str) -> str:
    return f"Correct it: ${{EDITOR:-vi}} {shlex.quote(name)}"
