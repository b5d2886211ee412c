"""When a listener's favourites, totals or playlists at a server were last looked at as a whole."""

from __future__ import annotations

from typing import Literal

from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.rows import fetch

_LAST = "SELECT looked_at FROM listener_looks WHERE (listener_id, place, what) = (?, ?, ?)"
_LOOK = """
INSERT INTO listener_looks (listener_id, place, what, looked_at) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET looked_at = excluded.looked_at
"""

DAY_S = 86_400.0

Looked = Literal["favourites", "totals", "playlists"]


def last_look(connection: Connection, listener_id: int, place: str, what: Looked) -> float | None:
    """When it was; ``None`` if there was none."""
    found = fetch(connection, _LAST, (listener_id, place, what))
    return found[0][0] if found else None


def is_older(at: float, last: float | None) -> bool:
    """Whether a look came before the last one; by more than a day only our clock did, which was
    wrong then."""
    return last is not None and 0 <= last - at < DAY_S


def first_look(
    connection: Connection, listener_id: int, place: str, what: Looked, at: float
) -> bool:
    """Note a look; whether it is the first one."""
    is_first = last_look(connection, listener_id, place, what) is None
    connection.execute(_LOOK, (listener_id, place, what, at))
    return is_first
