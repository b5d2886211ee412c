"""Popularity is the rank by plays that are counted here."""

from __future__ import annotations

from harmonie_daemon.discovery.popularity import CountedPlays, RankedPlays, popularity
from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.plays import Plays
from tests.discovery.shelf_of_music import MusicShelf

NOW = 1_750_000_000.0


def play(track_id: TrackId, started_at: float) -> Play:
    return Play(
        track_id=track_id,
        started_at=started_at,
        listener="Alice",
        ended_at=started_at + 180.0,
        heard_s=180.0,
        outcome=PlayOutcome.COUNTED,
        source=PlaySource.SESSIONS,
    )


def test_the_rank_among_all_that_was_ever_played() -> None:
    counts = {TrackId(1): 5, TrackId(2): 1, TrackId(3): 1, TrackId(4): 0}
    ids = [TrackId(n) for n in (1, 2, 3, 4, 5)]
    assert popularity(counts, ids) == [1.0, 2 / 3, 2 / 3, 0.0, 0.0]
    assert popularity({}, ids) == [0.0] * 5


async def test_plays_are_counted_once_until_there_are_others(
    shelf: MusicShelf,
) -> None:
    plays = Plays(shelf.database, lambda: NOW)
    counted = CountedPlays(plays)
    track_id = await shelf.add("a.flac")
    assert dict(await counted()) == {}
    await plays.record([play(track_id, NOW - 4_000)])
    first = await counted()
    assert dict(first) == {track_id: 1}
    assert await counted() is first
    await plays.record([play(track_id, NOW - 2_000)])
    assert (await counted())[track_id] == 2
    assert isinstance(await counted(), RankedPlays)
