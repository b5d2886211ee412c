"""What readers do not see: files of folders that are no library any more.

While some are hidden, temporary views of a reader's connection stand in front of all tables that
speak of tracks, so that no query can forget to leave them out. What must see everything writes
``main.`` before the names of its tables.
"""

from __future__ import annotations

from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.rows import fetch

KEYS = {"files": "id", "tracks": "id"}
"""The column that is the track's id; ``track_id`` in every other table that has one."""
OPEN = frozenset({"changes"})
"""Says which tracks changed, appeared or went: also those that were hidden."""

_IS_KNOWN = "SELECT 1 FROM main.sqlite_schema WHERE name = 'hidden_files'"
HIDES = "SELECT EXISTS (SELECT 1 FROM main.hidden_files)"
SCHEMA = "PRAGMA main.schema_version"
_VEILED = """
SELECT tables.name FROM main.sqlite_schema AS tables
JOIN pragma_table_info(tables.name, 'main') AS columns
WHERE tables.type = 'table' AND columns.name = 'track_id'
"""
_VIEWS = "SELECT name FROM temp.sqlite_schema WHERE type = 'view'"

# The names come from the schema.
_DROP = 'DROP VIEW temp."{table}"'
_DRAW = """
CREATE TEMP VIEW "{table}" AS SELECT * FROM main."{table}"
WHERE "{key}" NOT IN (SELECT id FROM main.hidden_files)
"""


class Veil:
    """The veil of one reader's connection; used where that connection is."""

    def __init__(self) -> None:
        self._drawn = (False, 0)

    def fits(self, connection: Connection) -> bool:
        """Whether it hides what this read must not see; asked inside the read."""
        return self._drawn == _wanted(connection)

    def draw(self, connection: Connection) -> None:
        """Make it fit; inside a transaction of its own."""
        wanted = _wanted(connection)
        connection.pragma("query_only", False)
        try:
            for (view,) in fetch(connection, _VIEWS):
                connection.execute(_DROP.format(table=view))
            if wanted[0]:
                for table, key in _keys(connection).items():
                    connection.execute(_DRAW.format(table=table, key=key))
        finally:
            connection.pragma("query_only", True)
        self._drawn = wanted


def _wanted(connection: Connection) -> tuple[bool, int]:
    """Whether anything is hidden and, if so, the schema: new tables must be veiled, too."""
    ((hides,),) = fetch(connection, HIDES)
    if not hides:
        return False, 0
    ((schema,),) = fetch(connection, SCHEMA)
    return True, int(schema)


def is_known(connection: Connection) -> bool:
    """Whether the schema is one that can hide files."""
    return bool(fetch(connection, _IS_KNOWN))


def _keys(connection: Connection) -> dict[str, str]:
    of_tracks = {name: "track_id" for (name,) in fetch(connection, _VEILED) if name not in OPEN}
    return of_tracks | KEYS
