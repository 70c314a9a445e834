"""`paas-cli config show`: every setting in effect, and where it came from. Nothing of Django is needed."""

import os
from pathlib import Path

from multicloud_site.cli.columns import table
from multicloud_site.cli.session import Session, command


@command("show", acts=False, examples=("config show", "AWS_PRIORITY=2 paas-cli config show --json"))
def show(session: Session) -> None:
    """Every setting: its value in effect and where it came from, its variable, and what is allowed."""
    from vocabulary import configuration

    given = os.environ.get("MULTICLOUD_CONFIG", "")
    built_in = Path(__file__).resolve().parents[2] / configuration.DEFAULT_FILE
    path = Path(given) if given else built_in
    effective = configuration.load(path if given or path.exists() else None, os.environ)
    found = [
        {
            "key": row.key,
            "value": configuration.text_of(effective.settings[row.key].value) or "every region",
            "source": effective.settings[row.key].source,
            "variable": row.variable,
            "default": row.default,
            "allowed": row.allowed,
            "meaning": row.meaning,
        }
        for row in configuration.describe()
    ]
    rows = [[entry["key"], entry["value"], entry["source"], entry["variable"]] for entry in found]
    session.show(found, lambda: table(("KEY", "VALUE", "FROM", "VARIABLE"), rows))
