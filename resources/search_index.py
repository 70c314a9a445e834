"""The index behind free-text search: an FTS5 table of trigrams in SQLite, kept by triggers within each transaction.

It has no text of its own (external content: `Resource.search_text`). Django rebuilds a SQLite table to alter it and
drops its triggers with it, so `install` runs after every migration and mends what is missing.
"""

from typing import Any

TABLE = "resources_search"

_CREATE = f"""
CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(
    search_text, content='resources_resource', content_rowid='id', tokenize='trigram', detail='none', columnsize=0
)"""

_TRIGGERS = {
    f"{TABLE}_insert": f"""AFTER INSERT ON resources_resource BEGIN
        INSERT INTO {TABLE}(rowid, search_text) VALUES (new.id, new.search_text); END""",
    f"{TABLE}_delete": f"""AFTER DELETE ON resources_resource BEGIN
        INSERT INTO {TABLE}({TABLE}, rowid, search_text) VALUES ('delete', old.id, old.search_text); END""",
    f"{TABLE}_update": f"""AFTER UPDATE OF search_text ON resources_resource
        WHEN old.search_text <> new.search_text BEGIN
        INSERT INTO {TABLE}({TABLE}, rowid, search_text) VALUES ('delete', old.id, old.search_text);
        INSERT INTO {TABLE}(rowid, search_text) VALUES (new.id, new.search_text); END""",
}


def install(connection: Any) -> None:
    """Make the index and its triggers where they are missing, and fill it. Databases other than SQLite do without."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE %s", [f"{TABLE}%"])
        there = {name for (name,) in cursor.fetchall()}
        if {TABLE, *_TRIGGERS} <= there:
            return
        cursor.execute(_CREATE)
        for name, body in _TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} {body}")
        cursor.execute(f"INSERT INTO {TABLE}({TABLE}) VALUES ('rebuild')")


def remove(connection: Any) -> None:
    """Take the index away, for the way back of a migration."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for name in _TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
