"""What must be true of the home before the product serves it: tables up to date, a vault key, an admin, an estate.

A program of its own, so that the supervisor stays small and without Django. Its answer is one line of JSON on the file
descriptor given as its argument, since it may hold the one-time password: never a log, an argument or a file.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from vocabulary.errors import CloudError


def migrate_when_needed() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=1, stdout=sys.stderr)


def gather_static_files() -> None:
    """Compress the style sheets, scripts and fonts into the home, unless they lie there as they are."""
    root = Path(settings.STATIC_ROOT)
    folders = [Path(folder) for folder in settings.STATICFILES_DIRS]
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    facts = [f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files]
    sum_of_facts = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    stamp = root / "gathered"
    if stamp.exists() and stamp.read_text(encoding="ascii") == sum_of_facts:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, stdout=sys.stderr)
    stamp.write_text(sum_of_facts, encoding="ascii")


def prepare() -> dict[str, str | None]:
    """`username` and, at the first start only, `password`; or `error`, a sentence."""
    try:
        migrate_when_needed()
        gather_static_files()
        from multicloud_site import first_start  # its models can be read only now

        found = first_start.prepare()
    except CloudError as error:
        return {"error": f"{error} {error.hint}".strip()}
    except DatabaseError as error:
        return {"error": f"The database cannot be used: {error}."}
    except OSError as error:
        return {"error": f"{error.filename or 'MULTICLOUD_HOME'} cannot be used: {error.strerror}."}
    return {"username": found.username, "password": found.password}


def main() -> None:
    with os.fdopen(int(sys.argv[1]), "w", encoding="utf-8") as answer:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "multicloud_site.settings")
        os.environ["MULTICLOUD_GATHERS"] = "1"
        django.setup()
        json.dump(prepare(), answer)


if __name__ == "__main__":
    main()
