"""Rules for text that people and clouds write: names, table cells, file names, and text that looks like a secret.

`checked_name` refuses what a person cannot see; `visible` shows it escaped where a cloud allows it. Markup is nobody's
business here: every face escapes what it prints.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from vocabulary.errors import InvalidParameter

MAX_NAME = 128

# Control, format (bidi marks, zero-width, soft hyphen), lone surrogate, private use, unassigned, line and paragraph
# separator.
_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Letters and marks that draw nothing: the combining grapheme joiner, Hangul and Khmer fillers, variation selectors.
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}

# A spreadsheet runs a cell that starts with one of these as a formula; the full-width forms count in some languages.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_QUOTED_FORMULA = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)

_WINDOWS_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)

_SECRETS = [
    (re.compile(pattern), title)
    for pattern, title in [
        (r"\b(?:AKIA|ASIA)[A-Z0-9]{16,}\b", "an AWS access key ID"),
        (r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY", "a private key"),
        (r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40})", "a GitHub token"),
        (r"\bglpat-[A-Za-z0-9_-]{20}", "a GitLab token"),
        (r"\bxox[abeoprs]-[A-Za-z0-9-]{10}", "a Slack token"),
        (r"\bAIza[A-Za-z0-9_-]{35}", "a Google API key"),
        (r"\bya29\.[A-Za-z0-9_-]{20}", "a Google access token"),
        (r"\bdo[opr]_v1_[a-f0-9]{64}", "a DigitalOcean token"),
        (r"\bLTAI[A-Za-z0-9]{12,}\b", "an Alibaba Cloud access key ID"),
        (r"\b[sr]k_live_[A-Za-z0-9]{16}", "a payment service key"),
        (r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.", "a signed token (JWT)"),
        (r"\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{20}", "an Azure connection string"),
        (r"[?&]sig=[A-Za-z0-9%+/]{20}", "a shared access signature"),
        (r"\bhttps?://[^\s/:@]{1,200}:[^\s/@]{1,200}@", "an address with a password"),
        (
            r"(?i)(?:secret|passw(?:or)?d|api[_-]?key|access[_-]?key|token)[\"']?\s{0,3}[:=]\s{0,3}[\"']?[^\s\"']{8}",
            "a secret with its label",
        ),
    ]
]
# 40 characters are also what a SHA-1 has, so a bare AWS secret must mix capitals, small letters and digits.
_FORTY = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])")


def checked_name(text: str, what: str = "name", limit: int = MAX_NAME) -> str:
    """The name in NFC and without blanks around it. Raises InvalidParameter, naming the character that is refused.

    Refused are control characters, bidirectional and zero-width marks, fillers, blanks other than the ordinary one,
    lone surrogates and unassigned characters; an empty name; and one longer than `limit` characters.
    """
    name = unicodedata.normalize("NFC", text).strip(" ")
    if not name:
        raise InvalidParameter(what, "name", "it is empty", f"Give the {what} at least one character.")
    if len(name) > limit:
        raise InvalidParameter(what, "name", f"it has {len(name)} characters", f"At most {limit} are allowed.")
    for position, character in enumerate(name, 1):
        if is_hidden(character) or (character.isspace() and character != " "):
            why = f"character {position} is {character_name(character)}"
            raise InvalidParameter(what, "name", why, "Type it again with visible characters and ordinary blanks.")
    return name


def is_hidden(character: str) -> bool:
    """Whether a character is one that a reader cannot see, or that moves what stands around it."""
    return unicodedata.category(character) in _REFUSED_CATEGORIES or ord(character) in _INVISIBLE


def character_name(character: str) -> str:
    """A character as an error names it: U+202E RIGHT-TO-LEFT OVERRIDE."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'with no name')}"


def visible(text: str, limit: int = 300) -> str:
    """The text in one line, hidden characters written as U+202E and the like, and cut to `limit` characters."""
    shown = "".join(f"<U+{ord(c):04X}>" if is_hidden(c) else c for c in text[:limit])
    return shown if len(text) <= limit else shown + "…"


def csv_safe(cell: Any) -> str:
    """A cell for an export that no spreadsheet runs as a formula. Numbers stay numbers; None is an empty cell.

    Text that starts with = + - @ tab or a line break gets an apostrophe in front; `csv_unsafe` takes it away again.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, Decimal) and cell.is_finite():
        return format(cell, "f")
    text = str(cell)
    # Text that already has the apostrophe gets one more, so that reading back gives exactly what was written.
    return f"'{text}" if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def csv_unsafe(cell: str) -> str:
    """The text that `csv_safe` was given, for an import."""
    return cell[1:] if _QUOTED_FORMULA.match(cell) else cell


def safe_filename(text: str, fallback: str = "file", limit: int = 100) -> str:
    """A file name in plain ASCII without folders, leading dots or names that Windows reserves. Keeps the ending."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", plain)
    name = re.sub(r"\.{2,}", ".", re.sub(r"-{2,}", "-", name)).strip(".-")
    stem, dot, ending = name.rpartition(".")
    if len(name) > limit:
        name = stem[: limit - len(ending) - 1] + dot + ending if stem and len(ending) <= 10 else name[:limit]
    if _WINDOWS_DEVICES.match(name):
        name = f"{fallback}-{name}"[:limit]
    return name.strip(".-") or fallback


def looks_like_secret(text: str) -> str:
    """What kind of secret the text seems to hold ("an AWS access key ID"), or "" when it seems to hold none.

    For a warning before a name, tag or note is stored; it neither proves nor rules out a secret. Reads the first 64
    KiB.
    """
    text = text[: 64 * 1024]
    for pattern, title in _SECRETS:
        if pattern.search(text):
            return title
    for match in _FORTY.finditer(text):
        if all(re.search(kind, match[0]) for kind in ("[A-Z]", "[a-z]", "[0-9]")):
            return "an AWS secret access key"
    return ""
