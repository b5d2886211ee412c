"""A week of Alice and Bob listening to music: plays, skips, seeks, pauses; what they come to.

``WEEK`` is the truth, second by second. ``plays_of`` says what has to be kept of it; other tests
put their playlists on top of that: ``await Plays(database, clock).record(plays_of(ids))``.
The library is that of ``world.Store.add_albums(ALBUMS)``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource, judge
from harmonie_daemon.domain.track import TrackId
from tests.mediaservers.made_up_player import Doing, Listen

ALBUMS = 8
PER_ALBUM = 5
LENGTH_S = 180.0
START = 1_700_006_400.0
"""Midnight of the first day, Unix time."""
DAY_S, HOUR_S = 86_400.0, 3_600.0

WHOLE: tuple[Doing, ...] = (("play", LENGTH_S),)
SKIP: tuple[Doing, ...] = (("play", 20.0),)
LEFT: tuple[Doing, ...] = (("play", 75.0),)
"""Too long for a skip, too short to count."""
PAUSED: tuple[Doing, ...] = (("play", 60.0), ("pause", 300.0), ("play", 120.0))
TO_THE_END: tuple[Doing, ...] = (("play", 25.0), ("seek", 150.0), ("play", 30.0))
"""It ends, but most of it was jumped over."""
AHEAD: tuple[Doing, ...] = (("play", 30.0), ("seek", 60.0), ("play", 120.0))
"""Half a minute is jumped over: it counts."""
AGAIN: tuple[Doing, ...] = (("play", 100.0), ("seek", 0.0), ("play", 180.0))
"""Back to the beginning."""

Programme = Sequence[tuple[str, tuple[Doing, ...]]]

_ALICE: Mapping[float, Programme] = {
    18.0: [("0-1", WHOLE), ("0-2", WHOLE), ("0-3", SKIP), ("0-4", WHOLE), ("1-1", WHOLE)],
    18.0 + 24: [("1-2", WHOLE), ("0-1", PAUSED), ("2-1", LEFT), ("1-1", WHOLE)],
    18.0 + 48: [("0-2", AHEAD), ("0-3", SKIP), ("0-4", WHOLE), ("1-2", WHOLE), ("3-1", TO_THE_END)],
    # the same track three times over
    18.0 + 72: [("1-3", WHOLE), ("1-3", WHOLE), ("1-3", WHOLE)],
    18.0 + 96: [("0-1", AGAIN), ("0-2", WHOLE), ("0-4", WHOLE)],
    18.0 + 120: [("1-1", WHOLE), ("1-2", WHOLE), ("4-1", SKIP), ("4-2", SKIP), ("3-2", WHOLE)],
    18.0 + 144: [("2-2", WHOLE), ("2-3", WHOLE), ("0-3", SKIP)],
}
"""What she puts on at her phone, by the hour of the week."""
_ALICE_IN_THE_KITCHEN: Mapping[float, Programme] = {
    18.02 + 48: [("2-4", WHOLE), ("2-5", WHOLE)],
}
"""While her phone plays in the other room."""
_BOB: Mapping[float, Programme] = {
    18.01: [("5-1", WHOLE), ("5-2", WHOLE), ("5-3", WHOLE), ("5-4", WHOLE), ("5-5", WHOLE)],
    18.0 + 48: [("5-1", WHOLE), ("5-2", PAUSED), ("5-3", WHOLE), ("6-1", SKIP), ("6-2", LEFT)],
    18.03 + 96: [("5-4", WHOLE), ("5-5", WHOLE), ("7-1", WHOLE), ("3-2", WHOLE)],
    18.0 + 144: [("5-1", WHOLE), ("5-2", AHEAD), ("5-3", WHOLE), ("5-4", WHOLE), ("5-5", WHOLE)],
}

FAVOURITES: Mapping[str, frozenset[str]] = {
    "alice": frozenset({"0-1", "2-2"}),
    "bob": frozenset({"5-1"}),
}
"""Marked in the middle of the week."""


def path_of(track: str) -> str:
    """Where ``2-3`` is below the root: the third track of the album of artist 2."""
    album, _, number = track.partition("-")
    return f"Artist {album}/Album {album}/{int(number):02} Title {album}-{number}.mp3"


def track_of(path: str) -> str:
    """The other way round."""
    return path.rpartition("Title ")[2].removesuffix(".mp3")


def _listens() -> Iterator[Listen]:
    shelves = [("alice", "phone", _ALICE), ("alice", "kitchen", _ALICE_IN_THE_KITCHEN)]
    for listener, device, programmes in [*shelves, ("bob", "desk", _BOB)]:
        for hour, programme in programmes.items():
            at = START + hour * HOUR_S
            for track, doing in programme:
                yield Listen(listener, device, track, at, doing, LENGTH_S)
                at += sum(value for what, value in doing if what != "seek")


WEEK: tuple[Listen, ...] = tuple(sorted(_listens(), key=lambda one: (one.at, one.device)))


def outcome_of(listen: Listen) -> PlayOutcome:
    """What it comes to by the rules."""
    return judge(listen.heard_s, listen.ended_position_s, listen.duration_s)


def plays_of(
    ids: Mapping[str, TrackId],
    source: PlaySource = PlaySource.PLAYER,
    listens: Sequence[Listen] = WEEK,
) -> list[Play]:
    """What has to be kept of the week; ``ids`` by track (``2-3``)."""
    return [
        Play(
            one.listener, ids[one.track], one.at, one.ends_at, one.heard_s, outcome_of(one), source
        )
        for one in listens
    ]


def counted(listener: str) -> Counter[str]:
    """How often each track counts for this listener."""
    return Counter(
        one.track
        for one in WEEK
        if one.listener == listener and outcome_of(one) is PlayOutcome.COUNTED
    )


def started(listener: str, until: float) -> Counter[str]:
    """How often each track was put on by then, which is what Jellyfin counts."""
    return Counter(one.track for one in WEEK if one.listener == listener and one.at < until)
