"""How often a server has counted plays: taken in once, and as plays where it counts on.

Each function runs inside one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping

from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource, PlayTotal
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.listening import listeners, recording
from harmonie_daemon.store.listening.listeners import KnownListener
from harmonie_daemon.store.listening.looks import first_look, is_older, last_look
from harmonie_daemon.store.rows import fetch

PLACES: Mapping[PlaySource, str] = {
    PlaySource.JELLYFIN_COUNT: "jellyfin",
    PlaySource.SUBSONIC_COUNT: "subsonic",
}
MOST_AT_ONCE = 100
"""Plays that a counter may have gone up by between two looks; beyond it, somebody set it."""

_TOTALS = """
SELECT track_id, sum(imported), max(last_played_at)
FROM play_totals JOIN tracks ON tracks.id = play_totals.track_id
WHERE listener_id = ? GROUP BY track_id HAVING sum(imported) > 0 ORDER BY track_id
"""
_COUNTED = """
SELECT track_id, counted, last_played_at FROM play_totals WHERE (listener_id, place) = (?, ?)
"""
_SAVE = """
INSERT INTO play_totals (listener_id, place, track_id, imported, counted, last_played_at)
SELECT ?, ?, files.id, ?, ?, ? FROM files WHERE files.id = ?
ON CONFLICT DO UPDATE SET counted = excluded.counted, last_played_at = excluded.last_played_at
"""


def load(connection: Connection, listener: str) -> dict[TrackId, PlayTotal]:
    """What servers had counted before we began to listen."""
    known = listeners.find(connection, listener)
    rows = [] if known is None else fetch(connection, _TOTALS, (known.id,))
    return {TrackId(track_id): PlayTotal(plays, last) for track_id, plays, last in rows}


def note(
    connection: Connection,
    listener: str,
    totals: Mapping[TrackId, PlayTotal],
    at: float,
    source: PlaySource,
    *,
    is_whole: bool,
) -> int:
    """What a server counts now; returns how many plays nobody else had told of.

    The first look at all of them (``is_whole``) is taken in as totals. Later on each step up is
    a play, if no better source has told of one since the look before.
    """
    known, place = listeners.know(connection, listener), PLACES[source]
    before = last_look(connection, known.id, place, "totals")
    is_old = is_older(at, before)
    before = before if is_old or before is None else min(before, at)
    if is_whole and not is_old:
        first_look(connection, known.id, place, "totals", at)
    if (is_whole and is_old) or (before is None and not is_whole):
        return 0
    rows = fetch(connection, _COUNTED, (known.id, place))
    counted = {id_: PlayTotal(plays, last) for id_, plays, last in rows}
    changed = {
        id_: total for id_, total in totals.items() if _is_news(total, counted.get(int(id_)))
    }
    new = 0
    for track_id, total in changed.items():
        steps = 0 if before is None else _steps(total, counted.get(int(track_id)), before)
        imported = 0
        if int(track_id) not in counted and known.forgotten_at is None:
            imported = total.plays - steps
        columns = (known.id, place, imported, total.plays, total.last_played_at, int(track_id))
        connection.execute(_SAVE, columns)
        if before is not None and steps:
            last = min(at, at if total.last_played_at is None else total.last_played_at)
            new += _add(connection, known, listener, track_id, steps, before, last, source)
    if changed:
        listeners.changed(connection)
    return new


def _is_news(total: PlayTotal, counted: PlayTotal | None) -> bool:
    """Not so what is older than what is known: a look at everything takes minutes, in which single
    tracks are told of; whoever went back to it would count the same step once more."""
    if counted is None or total.plays >= counted.plays:
        return counted is None or total.plays > counted.plays
    last, known = total.last_played_at, counted.last_played_at
    return last is None or known is None or last >= known


def _steps(total: PlayTotal, counted: PlayTotal | None, before: float) -> int:
    """Plays since the look before. A track that was not there then may have come with a history
    of its own: only its last play can be said to be new."""
    if counted is None:
        was_played = total.last_played_at is not None and total.last_played_at > before
        return 1 if was_played and total.plays > 0 else 0
    steps = total.plays - counted.plays
    return steps if 0 < steps <= MOST_AT_ONCE else 0


def _add(
    connection: Connection,
    known: KnownListener,
    listener: str,
    track_id: TrackId,
    steps: int,
    before: float,
    last: float,
    source: PlaySource,
) -> int:
    """Keep plays that a counter went up by, but for those that are known from elsewhere."""
    slack = recording.COUNT_SLACK_S
    seen = recording.unseen_between(
        connection, known.id, int(track_id), source, before - slack, last + slack
    )[:steps]
    for play_id in seen:
        recording.mark_seen(connection, play_id, source, last)
    # the last of them has a time; the others lie anywhere since the look before
    times = [last - max(0.0, last - before) * n / steps for n in range(len(seen), steps)]
    plays = [
        Play(listener, track_id, time, time, 0.0, PlayOutcome.COUNTED, source) for time in times
    ]
    recording.add(connection, known.id, plays)
    return len(plays)
