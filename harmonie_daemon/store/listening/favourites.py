"""What somebody marked as a favourite at a server.

Each function runs inside one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import id_array
from harmonie_daemon.store.listening import listeners
from harmonie_daemon.store.listening.looks import first_look, is_older, last_look
from harmonie_daemon.store.rows import fetch

_FAVOURITES = """
SELECT track_id, min(noticed_at) FROM favourites JOIN tracks ON tracks.id = favourites.track_id
WHERE listener_id = ? AND NOT is_muted GROUP BY track_id ORDER BY track_id
"""
_ADD = """
INSERT INTO favourites (listener_id, place, track_id, noticed_at, is_muted)
SELECT ?, ?, files.id, ?, ? FROM files WHERE files.id IN (SELECT value FROM carray(?))
ON CONFLICT DO NOTHING RETURNING track_id
"""
_KEEP_ONLY = """
DELETE FROM favourites
WHERE listener_id = ? AND place = ? AND track_id NOT IN (SELECT value FROM carray(?))
AND track_id NOT IN (SELECT id FROM gone_files) RETURNING track_id
"""
_REMOVE = """
DELETE FROM favourites
WHERE listener_id = ? AND place = ? AND track_id IN (SELECT value FROM carray(?))
RETURNING track_id
"""


def load(connection: Connection, listener: str) -> dict[TrackId, float]:
    """The listener's favourites at any server, and when each was first noticed."""
    known = listeners.find(connection, listener)
    rows = [] if known is None else fetch(connection, _FAVOURITES, (known.id,))
    return {TrackId(track_id): noticed_at for track_id, noticed_at in rows}


def replace(
    connection: Connection, listener: str, ids: Collection[TrackId], at: float, place: str
) -> bool:
    """These are all favourites at this server as of ``at``; whether anything changed.

    Nothing does if a look that was not earlier has been taken in: single changes came after it.
    Those of files that are gone stay: a server may have lost the track for the same reason.
    """
    known = listeners.know(connection, listener)
    last = last_look(connection, known.id, place, "favourites")
    if is_older(at, last):
        return False
    is_first = first_look(connection, known.id, place, "favourites", at)
    is_muted = is_first and known.forgotten_at is not None
    wanted = id_array(sorted(ids))
    gone = fetch(connection, _KEEP_ONLY, (known.id, place, wanted))
    new = fetch(connection, _ADD, (known.id, place, at, is_muted, wanted))
    return _noted(connection, bool(gone or new))


def change(
    connection: Connection, listener: str, marks: Mapping[TrackId, bool], at: float, place: str
) -> bool:
    """Some became favourites or are none any more; whether anything changed."""
    known = listeners.know(connection, listener)
    liked = id_array([id_ for id_, is_liked in marks.items() if is_liked])
    disliked = id_array([id_ for id_, is_liked in marks.items() if not is_liked])
    gone = fetch(connection, _REMOVE, (known.id, place, disliked))
    new = fetch(connection, _ADD, (known.id, place, at, False, liked))
    return _noted(connection, bool(gone or new))


def _noted(connection: Connection, is_changed: bool) -> bool:
    if is_changed:
        listeners.changed(connection)
    return is_changed
