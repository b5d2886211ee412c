"""Which tracks are in somebody's own playlists at a server.

Each function runs inside one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import text_array
from harmonie_daemon.store.listening import listeners
from harmonie_daemon.store.listening.looks import first_look, last_look
from harmonie_daemon.store.rows import fetch

MOST_ENTRIES_KEPT = 200_000
"""Of all lists together: some 10 MB. What is read beyond that is not kept."""
MISSED = 3
"""A list that so many looks in a row did not show is gone; before, the server may be starting."""

_SHOWN = """
INSERT INTO listener_lists (listener_id, place, remote_id, mark, is_muted) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (listener_id, place, remote_id) DO UPDATE
SET mark = excluded.mark, missed = 0, is_tried = 0
"""
_MISS = """
UPDATE listener_lists SET missed = missed + 1
WHERE (listener_id, place) = (?, ?) AND remote_id NOT IN (SELECT value FROM carray(?))
"""
_FORGET_MISSED = (
    "DELETE FROM listener_lists WHERE (listener_id, place) = (?, ?) AND missed >= ? RETURNING id"
)
_IDS = "SELECT remote_id FROM listener_lists WHERE (listener_id, place) = (?, ?)"
_UNREAD = """
SELECT listeners.name, remote_id, mark FROM listener_lists
JOIN listeners ON listeners.id = listener_lists.listener_id
WHERE place = ? AND NOT is_tried AND (read_mark IS NOT mark OR read_at < ?)
ORDER BY read_at, listener_lists.id LIMIT ?
"""
_TRIED = "UPDATE listener_lists SET is_tried = 1 WHERE (listener_id, place, remote_id) = (?, ?, ?)"
_ROW = "SELECT id, is_muted FROM listener_lists WHERE (listener_id, place, remote_id) = (?, ?, ?)"
_KEPT = "SELECT coalesce(sum(entries), 0) FROM listener_lists WHERE id <> ?"
_MUTE_AGAIN = """
UPDATE listener_lists SET is_muted = is_muted
  OR EXISTS (SELECT 1 FROM listener_list_items WHERE list_id = ? AND is_muted)
WHERE id = ?
"""
_KEEP_ONLY = """
DELETE FROM listener_list_items
WHERE list_id = ? AND remote_id NOT IN (SELECT value FROM carray(?))
"""
_ADD = """
INSERT INTO listener_list_items (list_id, remote_id, is_muted) VALUES (?, ?, ?)
ON CONFLICT DO NOTHING
"""
_HEARD_OUT = "UPDATE listener_lists SET is_muted = 0 WHERE id = ?"
_READ = """
UPDATE listener_lists SET read_mark = ?, read_at = ?, entries = ? WHERE id = ?
"""
_COUNTS = """
SELECT catalogue_matches.track_id, count(DISTINCT listener_lists.id) FROM listener_lists
JOIN listener_list_items ON list_id = listener_lists.id AND NOT listener_list_items.is_muted
JOIN catalogue_items ON catalogue_items.remote_id = listener_list_items.remote_id
  AND catalogue_items.catalogue_id = (
    SELECT id FROM catalogues WHERE target = place ORDER BY used_at DESC, id DESC LIMIT 1
  )
JOIN catalogue_matches ON catalogue_matches.item_id = catalogue_items.id
JOIN tracks ON tracks.id = catalogue_matches.track_id
WHERE listener_id = ? GROUP BY catalogue_matches.track_id ORDER BY catalogue_matches.track_id
"""


@dataclass(frozen=True, slots=True)
class UnreadList:
    """A list whose contents are not known, or not as they are now."""

    listener: str
    remote_id: str
    mark: str


def looked_at(connection: Connection, listener: str, place: str) -> float | None:
    """When it was last asked which lists the listener has; ``None``: never."""
    known = listeners.find(connection, listener)
    return None if known is None else last_look(connection, known.id, place, "playlists")


def ids(connection: Connection, listener: str, place: str) -> set[str]:
    """The lists that are known to be the listener's."""
    known = listeners.find(connection, listener)
    rows = [] if known is None else fetch(connection, _IDS, (known.id, place))
    return {remote_id for (remote_id,) in rows}


def show(
    connection: Connection, listener: str, place: str, lists: Mapping[str, str], at: float
) -> None:
    """These are the listener's lists, each with its mark; what they hold is read afterwards.

    What is in those of the first look after the listener was forgotten is from before.
    """
    known = listeners.know(connection, listener)
    is_first = first_look(connection, known.id, place, "playlists", at)
    is_muted = is_first and known.forgotten_at is not None
    whose = known.id, place
    rows = [(*whose, remote_id, mark, is_muted) for remote_id, mark in lists.items()]
    connection.executemany(_SHOWN, rows)
    connection.execute(_MISS, (*whose, text_array(list(lists) or [""])))
    if fetch(connection, _FORGET_MISSED, (*whose, MISSED)):
        listeners.changed(connection)


def unread(connection: Connection, place: str, before: float, limit: int) -> list[UnreadList]:
    """Lists to read: changed, never read or read before that Unix time; the longest unread first.

    None that was tried in vain since its listener's lists were last looked at.
    """
    rows = fetch(connection, _UNREAD, (place, before, limit))
    return [UnreadList(*row) for row in rows]


def note_tried(connection: Connection, place: str, one: UnreadList) -> None:
    """It could not be read now; what was known of it stays."""
    known = listeners.find(connection, one.listener)
    if known is not None:
        connection.execute(_TRIED, (known.id, place, one.remote_id))


def save(
    connection: Connection,
    place: str,
    one: UnreadList,
    items: Collection[str] | None,
    at: float,
) -> bool:
    """The list holds these items (``None``: too many to say anything); whether they are kept.

    They are not if all lists together hold too much, or the list was forgotten meanwhile.
    """
    known = listeners.find(connection, one.listener)
    found = [] if known is None else fetch(connection, _ROW, (known.id, place, one.remote_id))
    if not found:
        return False
    ((list_id, is_muted),) = found
    ((others,),) = fetch(connection, _KEPT, (list_id,))
    is_kept = items is not None and others + len(items) <= MOST_ENTRIES_KEPT
    kept: Sequence[str] = sorted(set(items or ())) if is_kept else ()
    if not is_kept:  # what was from before would be new when it is kept again
        connection.execute(_MUTE_AGAIN, (list_id, list_id))
    connection.execute(_KEEP_ONLY, (list_id, text_array(kept or [""])))
    connection.executemany(_ADD, [(list_id, item, is_muted) for item in kept])
    if is_kept:
        connection.execute(_HEARD_OUT, (list_id,))
    connection.execute(_READ, (one.mark, at, len(kept), list_id))
    listeners.changed(connection)
    return is_kept


def counts(connection: Connection, listener: str) -> dict[TrackId, int]:
    """How many of the listener's lists, at any server, have each track; ascending ids."""
    known = listeners.find(connection, listener)
    rows = [] if known is None else fetch(connection, _COUNTS, (known.id,))
    return {TrackId(track_id): number for track_id, number in rows}
