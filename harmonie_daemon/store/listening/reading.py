"""What was played. Tracks that are hidden, gone or cannot be decoded are left out.

Each function runs inside one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harmonie_daemon.domain.listening import (
    ListenerTally,
    Play,
    PlayOutcome,
    PlaySource,
    TrackListening,
)
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.listening import listeners
from harmonie_daemon.store.rows import fetch

_PLAYS = """
SELECT name, track_id, started_at, ended_at, heard_s, outcome, source
FROM plays JOIN listeners ON listeners.id = plays.listener_id
JOIN tracks ON tracks.id = plays.track_id
WHERE started_at >= ? AND started_at < ?
"""
_NEWEST = "ORDER BY started_at DESC, plays.id DESC LIMIT ?"
_COUNTS = """
SELECT track_id, count(*) FROM plays JOIN tracks ON tracks.id = plays.track_id
WHERE outcome = 'counted' AND started_at >= ?
"""
_OF = "AND listener_id = ?"
_BY_TRACK = "GROUP BY track_id ORDER BY track_id"
_TALLIES = """
SELECT
  listeners.name, sum(outcome = 'counted'), sum(outcome = 'skipped'), sum(outcome = 'partial'),
  count(DISTINCT track_id), sum(heard_s), max(started_at), (
    SELECT count(*) FROM listener_lists WHERE listener_id = listeners.id AND EXISTS (
      SELECT 1 FROM listener_list_items
      WHERE list_id = listener_lists.id AND NOT listener_list_items.is_muted
    )
  )
FROM plays JOIN listeners ON listeners.id = plays.listener_id
JOIN tracks ON tracks.id = plays.track_id
WHERE started_at >= ? AND started_at < ?
"""
_BY_LISTENER = "GROUP BY listeners.id ORDER BY listeners.key"
_SUMMARIES = """
SELECT
  track_id, sum(outcome = 'counted'), sum(outcome = 'skipped'),
  coalesce(avg(min(1.0, heard_s / max(tracks.duration_s, 0.001)))
    FILTER (WHERE source NOT LIKE '%_count'), 0.0),
  sum(heard_s), max(started_at), min(started_at)
FROM plays JOIN tracks ON tracks.id = plays.track_id
WHERE listener_id = ? AND started_at >= ?
GROUP BY track_id ORDER BY track_id
"""


def between(
    connection: Connection, since: float, until: float, listener: str | None, limit: int
) -> list[Play]:
    """Plays begun from ``since`` until before ``until``, the latest first."""
    of, whose = _of(connection, listener)
    rows = fetch(connection, f"{_PLAYS} {of} {_NEWEST}", (since, until, *whose, limit))
    return [_play(row) for row in rows]


def counts(connection: Connection, since: float, listener: str | None) -> dict[TrackId, int]:
    """How often each track was played so that it counts."""
    of, whose = _of(connection, listener)
    rows = fetch(connection, f"{_COUNTS} {of} {_BY_TRACK}", (since, *whose))
    return {TrackId(track_id): number for track_id, number in rows}


def tallies(
    connection: Connection, since: float, until: float, listener: str | None
) -> list[ListenerTally]:
    """What each listener began to play then; by name."""
    of, whose = _of(connection, listener)
    rows = fetch(connection, f"{_TALLIES} {of} {_BY_LISTENER}", (since, until, *whose))
    return [ListenerTally(*row) for row in rows]


def summaries(connection: Connection, listener: str, since: float) -> list[TrackListening]:
    """Each track that the listener began to play since then; ascending ids."""
    known = listeners.find(connection, listener)
    if known is None:
        return []
    rows = fetch(connection, _SUMMARIES, (known.id, since))
    return [TrackListening(TrackId(track_id), *figures) for track_id, *figures in rows]


def _of(connection: Connection, listener: str | None) -> tuple[str, Sequence[int]]:
    """What leaves only this listener's plays; nobody's for a name that is not known."""
    if listener is None:
        return "", ()
    known = listeners.find(connection, listener)
    return _OF, (0 if known is None else known.id,)


def _play(row: tuple[Any, ...]) -> Play:
    name, track_id, started_at, ended_at, heard_s, outcome, source = row
    return Play(
        name,
        TrackId(track_id),
        started_at,
        ended_at,
        heard_s,
        PlayOutcome(outcome),
        PlaySource(source),
    )
