"""From looks at what sessions play to plays: pauses, jumps, repeats, absences; pure.

A look is as good as it is frequent. Between two of them a position that has moved as far as time
has passed, or less, was heard; one that has moved ``SEEK_S`` further was jumped to, and only the
time that passed was heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harmonie_daemon.domain.listening import (
    ABANDONED_S,
    NEAR_END_S,
    SEEK_S,
    OpenPlay,
    Play,
    PlayOutcome,
    PlaySource,
    judge,
)
from harmonie_daemon.domain.track import TrackId

ABSENCE_S = 90.0
"""So long a session may be away without having ended: a server that restarts knows none until
their players report again."""
REPEAT_SLACK_S = 5.0
"""A track that begins again is so little further than it can be; players report late."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one session shows at one moment."""

    session: str
    listener: str
    track_id: TrackId | None
    """``None``: nothing plays, or something that is no track of ours."""
    position_s: float | None = None
    """``None``: nothing plays."""
    duration_s: float = 0.0
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Word that a session has stopped playing a track."""

    session: str
    listener: str
    track_id: TrackId
    duration_s: float
    position_s: float | None
    """Where it stopped; ``None`` where nobody says."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What goes on after a look, by session, and what has ended."""

    going_on: Mapping[str, OpenPlay]
    ended: tuple[Play, ...] = ()


def look(
    before: Mapping[str, OpenPlay],
    sights: Sequence[Sight],
    at: float,
    source: PlaySource,
    *,
    since: float | None,
    is_whole: bool,
) -> Turn:
    """What these sights make of what went on before.

    ``since`` is when the look before was, if there was one; ``is_whole``: sessions that are not
    among the sights are away.
    """
    shown = {sight.session: sight for sight in sights}
    now: list[OpenPlay] = []
    ended: list[Play] = []
    for known in before.values():
        if known.session not in shown:
            now.append(_away(known, at) if is_whole else known)
    for sight in shown.values():
        known_before = before.get(sight.session)
        further = None if known_before is None else _further(known_before, sight, at)
        if further is not None:
            now.append(further)
            continue
        if known_before is not None:
            ended.append(_left(known_before, sight, at, source))
        if sight.track_id is not None and not sight.is_paused:
            last = since if known_before is None else known_before.seen_at
            now.append(_begun(sight, sight.track_id, at, last))
    over = [one for one in now if _is_over(one, at)]
    ended += [play for one in over for play in _given_up(one, source)]
    return Turn({one.session: one for one in now if one not in over}, tuple(ended))


def stop(before: Mapping[str, OpenPlay], told: Stop, at: float, source: PlaySource) -> Turn:
    """What word of a stop makes of what went on before.

    Where something else goes on in the session by now, the word comes late and says nothing new.
    """
    going_on = dict(before)
    known = going_on.pop(told.session, None)
    if known is not None and known.track_id != told.track_id:
        return Turn(before)
    if known is None and told.position_s is None:
        return Turn(going_on)
    if known is None:
        sight = Sight(told.session, told.listener, told.track_id, told.position_s, told.duration_s)
        return Turn(going_on, (_ended(_begun(sight, told.track_id, at, None), at, source),))
    position_s = told.position_s
    if position_s is None:
        passed_s = 0.0 if known.is_paused else at - known.seen_at
        position_s = min(told.duration_s, known.position_s + passed_s)
    heard_s = known.heard_s + _heard(known, position_s, at)
    known = replace(known, position_s=position_s, heard_s=heard_s, duration_s=told.duration_s)
    return Turn(going_on, (_ended(known, at, source),))


def _away(known: OpenPlay, at: float) -> OpenPlay:
    return known if known.missing_since is not None else replace(known, missing_since=at)


def _further(known: OpenPlay, sight: Sight, at: float) -> OpenPlay | None:
    """The same play, as it is now; ``None`` if it is another."""
    position_s = sight.position_s
    if sight.track_id != known.track_id or sight.listener != known.listener or position_s is None:
        return None
    passed_s = at - known.seen_at
    is_back = position_s < known.position_s
    if is_back and (_is_repeated(known, position_s, passed_s) or passed_s > ABSENCE_S):
        return None
    return replace(
        known,
        seen_at=at,
        moved_at=known.moved_at if position_s == known.position_s else at,
        position_s=position_s,
        heard_s=known.heard_s + _heard(known, position_s, at),
        is_paused=sight.is_paused,
        duration_s=sight.duration_s or known.duration_s,
        missing_since=None,
    )


def _is_repeated(known: OpenPlay, position_s: float, passed_s: float) -> bool:
    """Whether a position further back means that the track has ended and begun anew."""
    could_end = known.position_s + passed_s >= known.duration_s - NEAR_END_S
    return not known.is_paused and could_end and position_s <= passed_s + REPEAT_SLACK_S


def _heard(known: OpenPlay, position_s: float, at: float) -> float:
    """Seconds heard since the last look, whose position now is this."""
    passed_s, moved_s = max(0.0, at - known.seen_at), position_s - known.position_s
    if 0 <= moved_s < passed_s + SEEK_S:
        return moved_s
    return 0.0 if known.is_paused else passed_s


def _begun(sight: Sight, track_id: TrackId, at: float, since: float | None) -> OpenPlay:
    """A play that was not there at the look before."""
    position_s = sight.position_s or 0.0
    started_at = at - position_s
    if since is not None:
        started_at = max(started_at, min(since, at))
    return OpenPlay(
        sight.session,
        sight.listener,
        track_id,
        sight.duration_s,
        started_at=started_at,
        seen_at=at,
        moved_at=at,
        position_s=position_s,
        heard_s=min(position_s, at - started_at),
        is_paused=sight.is_paused,
    )


def _left(known: OpenPlay, sight: Sight, at: float, source: PlaySource) -> Play:
    """The play that something else, or nothing, has taken the place of."""
    if sight.position_s is None:
        return _played_until(known, at, source, is_followed=False)
    began_at = max(known.seen_at, at - sight.position_s)
    return _played_until(known, began_at, source, is_followed=True)


def _played_until(known: OpenPlay, end: float, source: PlaySource, *, is_followed: bool) -> Play:
    """Played on until ``end`` if another track began then, or if its own end came before."""
    passed_s = max(0.0, end - known.seen_at)
    left_s = max(0.0, known.duration_s - known.position_s)
    if known.is_paused or not (is_followed or left_s <= passed_s):
        return _ended(known, known.seen_at, source)
    played_s = min(passed_s, left_s)
    known = replace(known, position_s=known.position_s + played_s, heard_s=known.heard_s + played_s)
    return _ended(known, known.seen_at + played_s, source)


def _is_over(one: OpenPlay, at: float) -> bool:
    if at - one.moved_at >= ABANDONED_S:
        return True
    return (
        one.missing_since is not None and not one.is_paused and at - one.missing_since >= ABSENCE_S
    )


def _given_up(one: OpenPlay, source: PlaySource) -> Iterator[Play]:
    """The play of a session that stays away. One that was abandoned was not skipped."""
    end = one.seen_at if one.missing_since is None else one.missing_since
    play = _played_until(one, end, source, is_followed=False)
    was_abandoned = one.is_paused or one.missing_since is None
    if was_abandoned and play.outcome is PlayOutcome.SKIPPED:
        play = replace(play, outcome=PlayOutcome.PARTIAL)
    if play.heard_s > 0:
        yield play


def _ended(one: OpenPlay, at: float, source: PlaySource) -> Play:
    outcome = judge(one.heard_s, one.position_s, one.duration_s)
    ended_at = max(at, one.started_at)
    return Play(one.listener, one.track_id, one.started_at, ended_at, one.heard_s, outcome, source)
