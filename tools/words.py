"""Writes docs/words.md: the neutral words, from where the code has them. `python tools/words.py`; a test says when it
is old.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from vocabulary.types import CloudProvider, ServiceType  # noqa: E402 - the checkout is not installed as a package
from vocabulary.words import RESOURCE_TYPES, State, Verb  # noqa: E402

VERBS = {
    Verb.LIST: "see every one in a region or account",
    Verb.GET: "see one",
    Verb.CREATE: "make one",
    Verb.UPDATE: "change settings that need no restart, its name among them",
    Verb.DELETE: "remove it for good",
    Verb.START: "switch it on",
    Verb.STOP: "switch it off; what it keeps stays and is billed",
    Verb.REBOOT: "restart it",
    Verb.RESIZE: "give it another size or performance",
    Verb.TAG: "set and remove tags",
}
STATES = {
    State.PENDING: "being made",
    State.STARTING: "being switched on",
    State.RUNNING: "on",
    State.UPDATING: "being changed",
    State.STOPPING: "being switched off",
    State.STOPPED: "off",
    State.AVAILABLE: "there, and without a power switch",
    State.DEGRADED: "there, but not as it should be",
    State.DELETING: "being removed",
    State.GONE: "a complete listing did not have it any more",
    State.FAILED: "the cloud gave up on it",
    State.UNKNOWN: "the cloud used a word this product does not know, or has not answered yet",
}


def text() -> str:
    """The whole page."""
    lines = [
        "# Words",
        "",
        "The same words on every page, in the command line, in the library and in the database. A cloud's own words",
        "appear beside them, never instead of them. This page is made by `tools/words.py`.",
        "",
        "## Verbs",
        "",
        "| verb | what it does |",
        "|---|---|",
        *(f"| `{verb}` | {meaning} |" for verb, meaning in VERBS.items()),
        "",
        "## States",
        "",
        "| state | meaning |",
        "|---|---|",
        *(f"| `{state}` | {meaning} |" for state, meaning in STATES.items()),
        "",
        "## Resource types",
        "",
        "| service type | resource types |",
        "|---|---|",
    ]
    for service in ServiceType:
        kinds = ", ".join(f"`{kind}`" for kind, home in RESOURCE_TYPES.items() if home is service)
        lines.append(f"| `{service}` | {kinds} |")
    lines += [
        "",
        "Containers live under `container` and functions under `serverless`; asking for `compute` finds both as well.",
        "",
        "## Providers",
        "",
        "| slug | name |",
        "|---|---|",
        *(f"| `{provider}` | {provider.title} |" for provider in CloudProvider),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "words.md").write_text(text(), encoding="utf-8")
