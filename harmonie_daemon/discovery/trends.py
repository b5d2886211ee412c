"""What is listened to most now; what was added lately where nobody has listened.

A trend's score is 0.7 times its plays beside the most played one's, and 0.3 times the share that
this stretch of time has of the plays in it and in the one before: 0.5 for what is played as ever,
1 for what is new. Without plays it is the freshness of what was added last, which halves every
thirty days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from harmonie_daemon.discovery.answers import genres_of, track_name
from harmonie_daemon.domain.text import folded_key
from harmonie_daemon.domain.track import Track, TrackId
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.tracks import Tracks

DAY_S = 86_400.0
MOST_TRACKS = 2_000
"""Tracks that are looked at: the most played, or the newest."""
SHARE_OF_PLAYS, SHARE_OF_RISE = 0.7, 0.3
HALF_FRESH_S = 30 * DAY_S
NO_PLAYS = "nothing was played in this time; these were added last"


class TrendSubject(StrEnum):
    """What trends are of."""

    MUSIC = "music"
    ARTIST = "artist"
    GENRE = "genre"


class TrendPeriod(StrEnum):
    """How far back plays count."""

    CURRENT = "current"
    WEEK = "week"
    MONTH = "month"

    @property
    def days(self) -> int:
        """Its length."""
        return {TrendPeriod.CURRENT: 3, TrendPeriod.WEEK: 7, TrendPeriod.MONTH: 30}[self]


@dataclass(frozen=True, slots=True)
class Trend:
    """A track, an artist or a genre that is listened to, or new."""

    name: str
    artist: str | None
    """Of a track, and an artist's own name."""
    score: float
    """0 to 1."""
    reason: str
    plays: int
    """In this time."""
    plays_before: int
    """In as much time before."""
    track_id: TrackId
    """The track; of an artist or a genre the one that is played most, or newest."""


@dataclass(frozen=True, slots=True)
class Trends:
    """All of them, the strongest first."""

    items: tuple[Trend, ...]
    since: float
    until: float
    """Unix times of the stretch of time."""
    plays: int
    """All that count in it, of whatever track."""
    has_plays: bool
    """Otherwise these are what was added last, and nothing that anybody plays."""


@dataclass(slots=True)
class _Tally:
    """What is counted under one name."""

    name: str
    artist: str | None
    lead: TrackId
    tracks: int = 0
    plays: int = 0
    before: int = 0
    added_at: float = 0.0


class Trendsetter:
    """Counts plays; ``clock`` gives Unix time."""

    def __init__(self, tracks: Tracks, plays: Plays, clock: Callable[[], float]) -> None:
        self._tracks, self._plays, self._clock = tracks, plays, clock

    async def trends(self, subject: TrendSubject, period: TrendPeriod) -> Trends:
        """Of all listeners together; of the 2,000 tracks that are played most, or newest."""
        until = self._clock()
        since = until - period.days * DAY_S
        counts = await self._plays.counts(since)
        if not counts:
            newest = await self._tracks.get_many(await self._tracks.newest(MOST_TRACKS))
            tallies = _tallied(newest, subject, {}, {})
            fresh = [_fresh(one, subject, until) for one in tallies]
            return Trends(_strongest(fresh), since, until, 0, has_plays=False)
        both = await self._plays.counts(since - period.days * DAY_S)
        before = {id_: number - counts.get(id_, 0) for id_, number in both.items()}
        most = sorted(counts, key=lambda id_: (-counts[id_], id_))[:MOST_TRACKS]
        tallies = _tallied(await self._tracks.get_many(most), subject, counts, before)
        top = max((one.plays for one in tallies), default=1)
        played = [_played(one, top, period) for one in tallies]
        return Trends(_strongest(played), since, until, sum(counts.values()), has_plays=True)


def _tallied(
    tracks: Iterable[Track],
    subject: TrendSubject,
    counts: Mapping[TrackId, int],
    before: Mapping[TrackId, int],
) -> list[_Tally]:
    """The tracks under their names; the first of a name leads it."""
    tallies: dict[object, _Tally] = {}
    for track in tracks:
        for key, name, artist in _names(track, subject):
            tally = tallies.setdefault(key, _Tally(name, artist, track.id))
            tally.tracks += 1
            tally.plays += counts.get(track.id, 0)
            tally.before += before.get(track.id, 0)
            tally.added_at = max(tally.added_at, track.added_at)
    return list(tallies.values())


def _names(track: Track, subject: TrendSubject) -> list[tuple[object, str, str | None]]:
    """What a track counts for: key, name and artist of each."""
    artists = track.tags.artists or track.tags.album_artists
    match subject:
        case TrendSubject.MUSIC:
            return [(track.id, track_name(track), artists[0] if artists else None)]
        case TrendSubject.ARTIST:
            return [(folded_key(name), name, name) for name in artists]
        case TrendSubject.GENRE:
            return [(folded_key(name), name, None) for name in genres_of(track)[:1]]


def _played(tally: _Tally, top: int, period: TrendPeriod) -> Trend:
    rise = tally.plays / (tally.plays + tally.before)
    score = SHARE_OF_PLAYS * tally.plays / top + SHARE_OF_RISE * rise
    reason = (
        f"{_times(tally.plays)} in the last {period.days} days, "
        f"{_times(tally.before)} in the {period.days} before"
    )
    return _trend(tally, score, f"played {reason}")


def _fresh(tally: _Tally, subject: TrendSubject, now: float) -> Trend:
    score = 0.5 ** (max(0.0, now - tally.added_at) / HALF_FRESH_S)
    day = datetime.fromtimestamp(tally.added_at, UTC).date()
    reason = (
        f"added on {day}"
        if subject is TrendSubject.MUSIC
        else f"{tally.tracks} of the newest tracks, the last added on {day}"
    )
    return _trend(tally, score, reason)


def _trend(tally: _Tally, score: float, reason: str) -> Trend:
    return Trend(
        tally.name, tally.artist, round(score, 4), reason, tally.plays, tally.before, tally.lead
    )


def _strongest(trends: Sequence[Trend]) -> tuple[Trend, ...]:
    """By score; equals in the order in which they were found."""
    return tuple(sorted(trends, key=lambda trend: -trend.score))


def _times(number: int) -> str:
    return {0: "never", 1: "once"}.get(number, f"{number} times")
