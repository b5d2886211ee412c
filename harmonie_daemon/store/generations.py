"""The log of changes from which an index in memory is brought up to date."""

from __future__ import annotations

from collections.abc import Iterable

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.rows import fetch

LOG_LENGTH = 20_000
"""Entries kept. An index that is further behind is quicker to load anew."""

_NEXT = "UPDATE generations SET current = current + 1 RETURNING current"
_LOG = "INSERT INTO changes (generation, track_id) VALUES (?, ?)"
_TRIM = """
DELETE FROM changes
WHERE sequence <= (SELECT max(sequence) FROM changes) - ? RETURNING generation
"""
_FORGET = "UPDATE generations SET forgotten = max(forgotten, ?)"
_STATE = "SELECT current, forgotten FROM generations"
_SINCE = "SELECT DISTINCT track_id FROM changes WHERE generation > ? ORDER BY track_id"


def record(connection: Connection, ids: Iterable[int]) -> None:
    """Note that these tracks changed, appeared or went, once per write transaction."""
    ((generation,),) = fetch(connection, _NEXT)
    connection.executemany(_LOG, [(generation, track_id) for track_id in ids])
    trimmed = fetch(connection, _TRIM, (LOG_LENGTH,))
    if trimmed:
        connection.execute(_FORGET, (max(generation for (generation,) in trimmed),))


def start_anew(connection: Connection) -> None:
    """Note a change so large that every index is quicker to load anew than to follow it."""
    ((generation,),) = fetch(connection, _NEXT)
    connection.execute("DELETE FROM changes")
    connection.execute(_FORGET, (generation,))


def current(connection: Connection) -> int:
    """The number of the last change; 0 in a new database."""
    ((generation, _),) = fetch(connection, _STATE)
    return int(generation)


def since(connection: Connection, generation: int) -> list[TrackId] | None:
    """Ids changed after ``generation``, ascending; ``None`` if the log does not reach back.

    The log does not know a generation from the future either: that comes from another database.
    """
    ((newest, forgotten),) = fetch(connection, _STATE)
    if not forgotten <= generation <= newest:
        return None
    return [TrackId(track_id) for (track_id,) in fetch(connection, _SINCE, (generation,))]
