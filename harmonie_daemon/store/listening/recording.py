"""Taking in plays: one that several sources saw is kept once, as the best of them told it.

Each function runs inside one transaction.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from harmonie_daemon.domain.errors import TooManyListenersError
from harmonie_daemon.domain.listening import Play, PlaySource
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.listening import listeners
from harmonie_daemon.store.listening.listeners import KnownListener
from harmonie_daemon.store.rows import fetch

SAME_START_S = 30.0
"""Two sources put the start of one play so near to each other: looks are 15 seconds apart."""
SAME_SHARE = 0.5
"""Or they tell of so much of the shorter one at the same time: one who jumped ahead or paused seems
to have begun at another time to whoever knows only where it ended."""
MOST_NEAR = 50
"""Plays that are looked at for being the same: so many of one track and listener overlap only where
a player is wrong about how long they were, and a thousand of those would take a thousand times as
long."""
SAME_REPORT_S = 1.0
"""One source tells the same play twice only with the same start."""
COUNT_SLACK_S = 60.0
"""So far outside of a play its server's clock may put it."""

_log = logging.getLogger(__name__)

_IS_FILE = "SELECT 1 FROM files WHERE id = ?"
_NEAR = """
SELECT id, started_at, ended_at, source, seen_by FROM plays
WHERE listener_id = ? AND track_id = ? AND started_at <= ? AND ended_at >= ?
ORDER BY abs(started_at - ?), id LIMIT ?
"""
_ADD = """
INSERT INTO plays (
  listener_id, track_id, started_at, ended_at, heard_s, outcome, source, seen_by
) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_SEEN_BY = "SELECT seen_by FROM plays WHERE id = ?"
_SEEN = "UPDATE plays SET seen_by = ? WHERE id = ?"
_BETTER = """
UPDATE plays SET started_at = ?, ended_at = ?, heard_s = ?, outcome = ?, source = ?, seen_by = ?
WHERE id = ?
"""


class _Kept(NamedTuple):
    """A play that is there already."""

    id: int
    started_at: float
    ended_at: float
    source: PlaySource
    seen_by: Mapping[str, float]
    """The sources that told of it, and when each says that it began."""


def record(connection: Connection, plays: Sequence[Play], *, strict: bool = True) -> int:
    """Keep these plays; returns how many of them nobody had told of before.

    Left out are plays of files that are not known, and of before their listener was forgotten;
    unless ``strict``, those of a listener too many as well.
    """
    new, known = 0, dict[str, KnownListener]()
    for play in plays:
        if not fetch(connection, _IS_FILE, (int(play.track_id),)):
            continue
        if play.listener not in known:
            try:
                known[play.listener] = listeners.know(connection, play.listener)
            except TooManyListenersError as error:
                if strict:
                    raise
                _log.warning("a play is not kept: %s", error)
                continue
        listener = known[play.listener]
        if listener.forgotten_at is None or play.started_at >= listener.forgotten_at:
            new += _keep(connection, listener.id, play)
    if known:
        listeners.changed(connection)
    return new


def add(connection: Connection, listener_id: int, plays: Sequence[Play]) -> None:
    """Keep plays of which it is known that nobody told of them before."""
    for play in plays:
        if fetch(connection, _IS_FILE, (int(play.track_id),)):
            columns = (*_columns(play), json.dumps({play.source: play.started_at}))
            connection.execute(_ADD, (listener_id, int(play.track_id), *columns))


def unseen_between(
    connection: Connection,
    listener_id: int,
    track_id: int,
    source: PlaySource,
    since: float,
    until: float,
) -> list[int]:
    """Plays begun then (by id) that this source, a counter, has not told of; the latest first."""
    found = _near(connection, listener_id, track_id, since, until, until)
    return [one.id for one in found if source not in one.seen_by and since <= one.started_at]


def mark_seen(connection: Connection, play_id: int, source: PlaySource, at: float) -> None:
    """Note that this source told of the play, too."""
    ((seen_by,),) = fetch(connection, _SEEN_BY, (play_id,))
    connection.execute(_SEEN, (json.dumps({**json.loads(seen_by), source: at}), play_id))


def _keep(connection: Connection, listener_id: int, play: Play) -> bool:
    """Whether it is a new one."""
    same = _same(connection, listener_id, play)
    if same is None:
        add(connection, listener_id, [play])
        return True
    seen_by = json.dumps({**same.seen_by, play.source: play.started_at})
    if play.source.rank < same.source.rank:
        connection.execute(_BETTER, (*_columns(play), seen_by, same.id))
    else:
        connection.execute(_SEEN, (seen_by, same.id))
    return False


def _same(connection: Connection, listener_id: int, play: Play) -> _Kept | None:
    """The kept play that this one is, the nearest of those its source has not told of."""
    slack = COUNT_SLACK_S
    near = _near(
        connection,
        listener_id,
        int(play.track_id),
        play.started_at - slack,
        play.ended_at + slack,
        play.started_at,
        most=MOST_NEAR,
    )
    return next((kept for kept in near if _is_same(kept, play)), None)


def _is_same(kept: _Kept, play: Play) -> bool:
    told_at = kept.seen_by.get(play.source)
    if told_at is not None:
        return abs(told_at - play.started_at) < SAME_REPORT_S
    if kept.source.is_count or play.source.is_count:
        return True  # they touch, give or take the slack
    if abs(kept.started_at - play.started_at) <= SAME_START_S:
        return True
    shared_s = min(kept.ended_at, play.ended_at) - max(kept.started_at, play.started_at)
    shorter_s = min(kept.ended_at - kept.started_at, play.ended_at - play.started_at)
    return shared_s > SAME_SHARE * shorter_s


def _near(
    connection: Connection,
    listener_id: int,
    track_id: int,
    since: float,
    until: float,
    around: float,
    *,
    most: int = -1,
) -> list[_Kept]:
    """Plays that touch this stretch of time, those begun nearest to ``around`` first."""
    return [
        _Kept(id_, started_at, ended_at, PlaySource(source), json.loads(seen_by))
        for id_, started_at, ended_at, source, seen_by in fetch(
            connection, _NEAR, (listener_id, track_id, until, since, around, most)
        )
    ]


def _columns(play: Play) -> tuple[Any, ...]:
    return (
        float(play.started_at),
        float(play.ended_at),
        float(play.heard_s),
        str(play.outcome),
        str(play.source),
    )
