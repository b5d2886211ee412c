"""What somebody hears again and again, and what they loved and have not heard for long; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from harmonie_daemon.domain.listening import TrackListening
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.taste import DAY_S, Emphasis, Signal, signals

WINDOW_S = 45 * DAY_S
LEAST_PLAYS = 3
"""Counted plays in the window from which on a track is on repeat."""
CARRIED_S = 2 * WINDOW_S
"""For so long since its last play a track stays on the list, if there is room."""
FIRST_LENGTH = 5
"""Tracks on repeat without which the list is not begun."""

UNHEARD_S = 90 * DAY_S
"""A favourite that was not heard for so long is forgotten."""
OFTEN = 5
"""Plays in all from which on a track counts as a favourite of once."""


def on_repeat(
    heard: Iterable[TrackListening],
    former: Collection[TrackId],
    *,
    now: float,
    cap: int,
    never: Collection[TrackId] = (),
) -> tuple[TrackId, ...]:
    """The tracks that are on repeat at Unix time ``now``, the one unheard for longest first.

    ``heard``: within ``CARRIED_S``, each with its plays within ``WINDOW_S``. ``former``: what the
    list held so far; it is not begun with fewer than ``FIRST_LENGTH``. What is no longer on repeat
    stays while there is room, and goes the stalest first.
    """
    known = [one for one in heard if one.track_id not in never]
    present = [one for one in known if one.plays >= LEAST_PLAYS and _age_s(one, now) <= WINDOW_S]
    if not former and len(present) < FIRST_LENGTH:
        return ()
    is_present = {one.track_id for one in present}
    carried = [
        one
        for one in known
        if one.track_id in former
        and one.track_id not in is_present
        and _age_s(one, now) <= CARRIED_S
    ]
    by_freshness = [*sorted(present, key=_freshest_first), *sorted(carried, key=_freshest_first)]
    stay = by_freshness[:cap]
    return tuple(one.track_id for one in sorted(stay, key=_stalest_first))


def forgotten(
    heard: Iterable[TrackListening],
    favourites: Collection[TrackId],
    playlists: Mapping[TrackId, int],
    *,
    now: float,
) -> list[Signal]:
    """Favourites, and what was heard often once, unheard for ``UNHEARD_S``; the dearest first.

    ``heard``: of all time. What was skipped rather than heard is no favourite of once. How many
    ``playlists`` of the listener's own have a track makes it dearer, and no favourite.
    """
    known = list(heard)
    recent = {one.track_id for one in known if _age_s(one, now) < UNHEARD_S}
    loved = set(favourites) | {
        one.track_id for one in known if one.plays >= OFTEN and one.plays > one.skips
    }
    ranked = signals(
        (one for one in known if one.track_id in loved),
        favourites,
        {track: number for track, number in playlists.items() if track in loved},
        now=now,
        window_s=4 * UNHEARD_S,
        emphasis=Emphasis.TOP,
    )
    return [one for one in ranked if one.track_id not in recent]


def in_turn(ranked: Sequence[Signal], turn: int, count: int) -> list[Signal]:
    """``count`` of these, others each turn, so that all have been offered after some turns."""
    if len(ranked) <= count:
        return list(ranked)
    begin = turn * count % len(ranked)
    return [*ranked[begin:], *ranked[:begin]][:count]


def _age_s(heard: TrackListening, now: float) -> float:
    return now - heard.last_played_at


def _freshest_first(heard: TrackListening) -> tuple[float, int]:
    return -heard.last_played_at, heard.track_id


def _stalest_first(heard: TrackListening) -> tuple[float, int]:
    return heard.last_played_at, heard.track_id
