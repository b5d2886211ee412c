"""Forgetting what is too old; inside one transaction."""

from __future__ import annotations

from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.listening import listeners
from harmonie_daemon.store.rows import fetch

_OLD_PLAYS = "DELETE FROM plays WHERE started_at < ? RETURNING id"
_UNHEARD = """
DELETE FROM gone_files
WHERE NOT EXISTS (SELECT 1 FROM plays WHERE track_id = gone_files.id) RETURNING id
"""
_OF_UNHEARD = (
    "DELETE FROM favourites WHERE track_id NOT IN "
    "(SELECT id FROM files UNION ALL SELECT id FROM gone_files)",
    "DELETE FROM play_totals WHERE track_id NOT IN "
    "(SELECT id FROM files UNION ALL SELECT id FROM gone_files)",
)


def prune(connection: Connection, before: float) -> int:
    """Forget plays begun before then, and files that are gone and have no play left.

    Returns how many plays that were.
    """
    gone = fetch(connection, _OLD_PLAYS, (before,))
    if fetch(connection, _UNHEARD):
        for statement in _OF_UNHEARD:
            connection.execute(statement)
    if gone:
        listeners.changed(connection)
    return len(gone)
