"""How much a listener cares for a track, and which tracks speak for their taste; pure.

The terms and their weights are facts of the Jellyfin plugin jellyfin-harmonie; what each is made
of here follows from what we keep of listening (``domain/listening.py``).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harmonie_daemon.domain.listening import TrackListening
from harmonie_daemon.domain.track import TrackId

DAY_S = 86_400.0
FAVOURITE = 2.5
IN_A_PLAYLIST = 1.25
"""For the first playlist of the listener's own that has it; more count less and less."""
COMPLETION = 1.5
SKIPPING = 2.5
LISTENING_TIME = 0.75
LONG_LISTENING_S = 3600.0
"""Heard for so long in all, a track gets the whole of ``LISTENING_TIME``."""
HALF_LIVES = 3.0
"""Half-lives of recency in a window."""
PER_ARTIST = 2
PER_ALBUM = 1


class Emphasis(StrEnum):
    """What counts beside how much a track is liked."""

    RECENT = "recent"
    """Mostly how lately it was heard."""
    TOP = "top"
    """A little, so that of equals the fresher one comes first."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A track and what speaks for it."""

    track_id: TrackId
    score: float
    """Above 0: what is rather disliked is no signal."""


def seed_score(
    heard: TrackListening | None,
    *,
    now: float,
    window_s: float,
    is_favourite: bool = False,
    playlists: int = 0,
    emphasis: Emphasis = Emphasis.RECENT,
) -> float:
    """How well a track stands for what somebody likes; below 0 where they rather skip it.

    ``heard``: within the window of ``window_s`` seconds before the Unix time ``now``; ``None``: not
    at all. ``playlists``: how many of their own have it. The value is

        log2(1 + plays) + 2.5 favourite + 1.25 log2(1 + playlists) + 1.5 completion
        - 2.5 skipped + up to 0.75 for the time listened

    where ``completion`` is the mean share heard and ``skipped`` the share of early skips, both 0 to
    1; times 0.45 + 0.55 r, plus 2 r, for what is recent, and times 0.85 + 0.15 r for the top. r is
    the recency: 1 now, half of that with each third of the window gone by.
    """
    liking = (FAVOURITE if is_favourite else 0.0) + IN_A_PLAYLIST * math.log2(1 + playlists)
    recency = 0.0
    if heard is not None:
        starts = heard.plays + heard.skips
        liking += math.log2(1 + heard.plays) + COMPLETION * heard.completion
        liking -= SKIPPING * (heard.skips / starts if starts else 0.0)
        liking += LISTENING_TIME * min(1.0, heard.heard_s / LONG_LISTENING_S)
        age_s = max(0.0, now - heard.last_played_at)
        recency = 0.5 ** (HALF_LIVES * age_s / window_s)
    match emphasis:
        case Emphasis.RECENT:
            # what is skipped is not liked the more for having been skipped just now
            late = 2.0 * recency if liking > 0 else 0.0
            return liking * (0.45 + 0.55 * recency) + late
        case Emphasis.TOP:
            return liking * (0.85 + 0.15 * recency)


def signals(
    heard: Iterable[TrackListening],
    favourites: Collection[TrackId],
    playlists: Mapping[TrackId, int],
    *,
    now: float,
    window_s: float,
    emphasis: Emphasis = Emphasis.RECENT,
) -> list[Signal]:
    """What speaks for a listener's taste, the strongest first; of equals, the lower id.

    ``playlists``: how many of their own have a track.
    """
    listening = {one.track_id: one for one in heard}
    found = []
    for track_id in listening.keys() | set(favourites) | playlists.keys():
        score = seed_score(
            listening.get(track_id),
            now=now,
            window_s=window_s,
            is_favourite=track_id in favourites,
            playlists=playlists.get(track_id, 0),
            emphasis=emphasis,
        )
        if score > 0:
            found.append(Signal(track_id, score))
    return sorted(found, key=lambda one: (-one.score, one.track_id))


def disliked(heard: Iterable[TrackListening]) -> set[TrackId]:
    """Tracks that were skipped more often than heard: nothing new for their listener."""
    return {one.track_id for one in heard if one.skips > one.plays}


def varied(
    ranked: Sequence[Signal],
    artists_of: Callable[[TrackId], Collection[int]],
    albums_of: Callable[[TrackId], Collection[int]],
    count: int,
) -> list[Signal]:
    """The first ``count`` of these, at most two of an artist and one of an album.

    Where that leaves too few, the others follow in their order: somebody may hear one album alone.
    """
    artists: Counter[int] = Counter()
    albums: Counter[int] = Counter()
    chosen: list[Signal] = []
    others: list[Signal] = []
    for one in ranked:
        by, on = artists_of(one.track_id), albums_of(one.track_id)
        is_one_more = any(artists[code] >= PER_ARTIST for code in by)
        is_one_more |= any(albums[code] >= PER_ALBUM for code in on)
        (others if is_one_more else chosen).append(one)
        if not is_one_more:
            artists.update(by)
            albums.update(on)
    return [*chosen, *others][:count]
