"""Plays that go on; each function runs inside one transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from harmonie_daemon.domain.listening import OpenPlay, PlaySource, listener_key
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.listening import listeners
from harmonie_daemon.store.rows import fetch

_LOAD = """
SELECT
  session, listener, track_id, duration_s, started_at, seen_at, moved_at, position_s, heard_s,
  is_paused, missing_since
FROM open_plays WHERE source = ? ORDER BY session
"""
_CLEAR = "DELETE FROM open_plays WHERE source = ?"
_SAVE = """
INSERT INTO open_plays (
  session, listener, track_id, duration_s, started_at, seen_at, moved_at, position_s, heard_s,
  is_paused, missing_since, source
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_ALL = "SELECT source, session, listener FROM open_plays"
_FORGET = "DELETE FROM open_plays WHERE (source, session) = (?, ?)"


def load(connection: Connection, source: PlaySource) -> list[OpenPlay]:
    """What went on at this source when it was last looked at."""
    return [OpenPlay(*row) for row in fetch(connection, _LOAD, (source,))]


def save(connection: Connection, source: PlaySource, going_on: Sequence[OpenPlay]) -> None:
    """All that goes on there now, but for what began before its listener was forgotten."""
    connection.execute(_CLEAR, (source,))
    kept = [one for one in going_on if not _is_forgotten(connection, one)]
    connection.executemany(_SAVE, [(*dataclasses.astuple(one), source) for one in kept])


def forget(connection: Connection, listener: str) -> None:
    """Forget all of this listener's."""
    key = listener_key(listener)
    for source, session, name in fetch(connection, _ALL):
        if listener_key(name) == key:
            connection.execute(_FORGET, (source, session))


def _is_forgotten(connection: Connection, one: OpenPlay) -> bool:
    known = listeners.find(connection, one.listener)
    forgotten_at = None if known is None else known.forgotten_at
    return forgotten_at is not None and one.started_at < forgotten_at
