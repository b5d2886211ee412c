"""What a server's users like and play; each function runs inside one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from harmonie_daemon.domain.catalogue import RemoteUser, UserItem
from harmonie_daemon.domain.listening import PlayTotal
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.catalogue_matches import PLACED
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import text_array
from harmonie_daemon.store.keys import clean_real, clean_text
from harmonie_daemon.store.rows import fetch, stream

MOST_PLAYS = 2**31 - 1
"""Beyond it, a server's count is nonsense."""
MOST_USERS = 500
LONGEST_NAME = 200

_USERS = "SELECT user, name FROM catalogue_users WHERE catalogue_id = ? ORDER BY name, user"
_ADD_USER = """
INSERT INTO catalogue_users (catalogue_id, user, name) VALUES (?, ?, ?)
ON CONFLICT (catalogue_id, user) DO UPDATE SET name = excluded.name
"""
_FORGET_USERS = """
DELETE FROM catalogue_users
WHERE catalogue_id = ? AND user NOT IN (SELECT value FROM carray(?))
"""
_ASKED = "UPDATE catalogue_users SET asked_at = ? WHERE (catalogue_id, user) = (?, ?)"
_ASKED_AT = "SELECT asked_at FROM catalogue_users WHERE (catalogue_id, user) = (?, ?)"
_FORGET = "DELETE FROM catalogue_user_items WHERE (catalogue_id, user) = (?, ?)"
_SAVE = """
INSERT OR REPLACE INTO catalogue_user_items
  (catalogue_id, user, item_id, is_favorite, plays, last_played_at)
SELECT catalogue_id, ?, id, ?, ?, ? FROM catalogue_items WHERE (catalogue_id, remote_id) = (?, ?)
"""
_FAVOURITES = """
SELECT DISTINCT catalogue_matches.track_id FROM catalogue_user_items
JOIN catalogue_matches ON catalogue_matches.item_id = catalogue_user_items.item_id
WHERE (catalogue_user_items.catalogue_id, user) = (?, ?) AND is_favorite
ORDER BY catalogue_matches.track_id
"""
_TOTALS = """
SELECT track_id, plays, last_played_at FROM (
  SELECT catalogue_matches.track_id, plays, last_played_at, row_number() OVER (
    PARTITION BY catalogue_user_items.item_id
    ORDER BY how NOT IN (SELECT value FROM carray(?)), catalogue_matches.track_id
  ) AS rank
  FROM catalogue_user_items
  JOIN catalogue_matches ON catalogue_matches.item_id = catalogue_user_items.item_id
  WHERE (catalogue_user_items.catalogue_id, user) = (?, ?) AND plays > 0
) WHERE rank = 1 ORDER BY track_id
"""


def save_users(connection: Connection, catalogue: int, users: Sequence[RemoteUser]) -> None:
    """Exactly these; what was known of others goes."""
    kept = users[:MOST_USERS]
    connection.execute(_FORGET_USERS, (catalogue, text_array([user.id for user in kept] or [""])))
    rows = [(catalogue, user.id, clean_text(user.name[:LONGEST_NAME]) or user.id) for user in kept]
    connection.executemany(_ADD_USER, rows)


def users(connection: Connection, catalogue: int) -> list[RemoteUser]:
    """By name."""
    return [RemoteUser(*row) for row in fetch(connection, _USERS, (catalogue,))]


def asked_at(connection: Connection, catalogue: int, user: str) -> float | None:
    """When the user's favourites and plays were last asked for."""
    found = fetch(connection, _ASKED_AT, (catalogue, user))
    return found[0][0] if found else None


def save_items(
    connection: Connection, catalogue: int, user: str, items: Sequence[UserItem], now: float
) -> None:
    """Exactly these, of those that are items of the catalogue."""
    connection.execute(_FORGET, (catalogue, user))
    connection.executemany(
        _SAVE,
        [
            (
                user, int(item.is_favorite), max(0, min(item.plays, MOST_PLAYS)),
                clean_real(item.last_played_at), catalogue, item.item_id,
            )
            for item in items
        ],
    )  # fmt: skip
    connection.execute(_ASKED, (now, catalogue, user))


def favourites(connection: Connection, catalogue: int, user: str) -> list[TrackId]:
    """Those of our tracks that the user has marked, ascending."""
    return [TrackId(id_) for (id_,) in fetch(connection, _FAVOURITES, (catalogue, user))]


def totals(connection: Connection, catalogue: int, user: str) -> dict[TrackId, PlayTotal]:
    """Those of our tracks that the user has played, ascending; of several that are one item there,
    the one as which it is played (``catalogue_matches.track_of``)."""
    rows = stream(connection, _TOTALS, (text_array(PLACED), catalogue, user))
    return {TrackId(id_): PlayTotal(plays, at) for id_, plays, at in rows}
