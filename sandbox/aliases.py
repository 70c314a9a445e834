"""The specification's example ids (res-123 …) and the resources of the estate that they stand for."""

import json
from pathlib import Path

from sandbox.ledger import folder

#: The ids that the specification's snippets use.
EXAMPLE_IDS = ("res-123", "source-resource-id", "resource-id")


def read(home: str | Path, cloud: str = "aws") -> dict[str, dict[str, str]]:
    """Example id -> provider, account, region, kind and native_id. Empty when there is no estate."""
    path = folder(home, cloud) / "aliases.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}
