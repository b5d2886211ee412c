"""Hiding files and showing them again; each function runs inside one transaction."""

from __future__ import annotations

import os
from collections.abc import Sequence

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store import generations
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import id_array
from harmonie_daemon.store.rows import fetch

_HIDE = """
INSERT INTO hidden_files (id, since)
SELECT files.id, ? FROM files WHERE files.id IN (SELECT value FROM carray(?))
ON CONFLICT DO NOTHING RETURNING id
"""
_BELOW = """
SELECT hidden_files.id FROM hidden_files
JOIN files ON files.id = hidden_files.id
WHERE files.path = ? OR (files.path >= ? AND files.path < ?)
"""
_SHOW = "DELETE FROM hidden_files WHERE id IN (SELECT value FROM carray(?)) RETURNING id"
_HIDDEN_BEFORE = "SELECT id FROM hidden_files WHERE since <= ?"
_COUNT = "SELECT count(*) FROM hidden_files"


def hide(connection: Connection, now: float, ids: Sequence[TrackId]) -> int:
    """Hide these files from ``now`` on; returns how many were not hidden yet."""
    return _changed(connection, fetch(connection, _HIDE, (now, id_array(ids))))


def show_below(connection: Connection, roots: Sequence[str]) -> int:
    """Show the hidden files at or below these absolute paths again; returns how many."""
    found: list[int] = []
    for root in map(os.fsencode, roots):
        folder = root.rstrip(b"/")
        bounds = root, folder + b"/", folder + b"0"  # "0" is what follows "/"
        found += (id_ for (id_,) in fetch(connection, _BELOW, bounds))
    return show(connection, found)


def show(connection: Connection, ids: Sequence[int]) -> int:
    """Show these files again; returns how many were hidden."""
    return _changed(connection, fetch(connection, _SHOW, (id_array(ids),)))


def hidden_before(connection: Connection, time: float) -> list[TrackId]:
    """Files hidden at that Unix time or earlier."""
    return [TrackId(id_) for (id_,) in fetch(connection, _HIDDEN_BEFORE, (time,))]


def count(connection: Connection) -> int:
    """How many are hidden."""
    ((number,),) = fetch(connection, _COUNT)
    return int(number)


def _changed(connection: Connection, rows: Sequence[tuple[int]]) -> int:
    if rows:
        generations.record(connection, [id_ for (id_,) in rows])
    return len(rows)
