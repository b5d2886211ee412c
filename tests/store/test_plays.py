"""What is kept of listening, and what becomes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harmonie_daemon.domain.errors import ParameterError, StoreError, TooManyListenersError
from harmonie_daemon.domain.listening import Play, PlayOutcome, PlaySource, PlayTotal
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.listening import listeners, recording
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.tracks import Tracks
from tests.store.factories import Clock, make_file, save_track

DAY = 86_400.0
NOW = 100 * DAY
COUNT = PlaySource.JELLYFIN_COUNT


class SpiedJson:
    """JSON, and what was read of it."""

    dumps = staticmethod(json.dumps)

    def __init__(self, read: list[str]) -> None:
        self._read = read

    def loads(self, text: str) -> Any:
        self._read.append(text)
        return json.loads(text)


@pytest.fixture
def plays(db: Database, clock: Clock) -> Plays:
    clock.now = NOW
    return Plays(db, clock)


@pytest.fixture
async def track(tracks: Tracks) -> TrackId:
    """180 seconds long."""
    return await save_track(tracks, "a.flac", fingerprint=b"a")


def play(track_id: TrackId, started_at: float = NOW - 1_000, **fields: Any) -> Play:
    """All of 180 seconds, seen in the sessions of a server."""
    values = {
        "listener": "Alice",
        "ended_at": started_at + 180.0,
        "heard_s": 180.0,
        "outcome": PlayOutcome.COUNTED,
        "source": PlaySource.SESSIONS,
    }
    return Play(track_id=track_id, started_at=started_at, **(values | fields))


async def kept(plays: Plays, listener: str | None = None) -> list[Play]:
    return await plays.between(0, NOW + DAY, listener)


async def test_plays_are_kept_as_they_were_and_the_latest_comes_first(
    plays: Plays, track: TrackId
) -> None:
    first, second = play(track), play(track, NOW - 500, outcome=PlayOutcome.SKIPPED, heard_s=4.0)
    before = await plays.generation()
    assert await plays.record([first, second]) == 2
    assert await plays.generation() > before
    assert await kept(plays) == [second, first]
    assert await plays.between(NOW - 500, NOW) == [second]
    assert await plays.between(0, NOW - 500) == [first]
    assert await plays.between(0, NOW, limit=1) == [second]


async def test_one_name_is_one_person_however_it_is_spelled(plays: Plays, track: TrackId) -> None:
    await plays.record([play(track), play(track, NOW - 500, listener=" aLiCe ")])
    assert len(await kept(plays, "ALICE")) == 2
    assert await plays.listeners() == ["aLiCe"]
    assert await kept(plays, "bob") == []
    with pytest.raises(ParameterError):
        await plays.record([play(track, listener="")])


@pytest.mark.parametrize("apart_s", [0.0, 20.0, -29.0])
async def test_a_play_that_two_sources_saw_counts_once_as_the_better_one_tells_it(
    plays: Plays, track: TrackId, apart_s: float
) -> None:
    polled, hooked = play(track), play(track, NOW - 1_000 + apart_s, source=PlaySource.HOOK)
    assert await plays.record([polled]) == 1
    assert await plays.record([hooked]) == 0
    assert await kept(plays) == [hooked]
    worse = replace(polled, source=PlaySource.SESSIONS, heard_s=1.0)
    assert await plays.record([worse, hooked]) == 0
    assert await kept(plays) == [hooked]


@pytest.mark.parametrize("begun_s", [-150.0, 100.0])
async def test_sources_that_differ_about_the_start_saw_one_play_nevertheless(
    plays: Plays, track: TrackId, begun_s: float
) -> None:
    """Nobody plays a track twice at a time: who jumps ahead, or pauses, seems to have begun at
    another time to a source that knows only where it ended."""
    polled = play(track)
    hooked = replace(polled, started_at=polled.started_at + begun_s, source=PlaySource.HOOK)
    assert await plays.record([polled, hooked]) == 1
    assert await kept(plays) == [hooked]
    again = play(track, polled.ended_at - 20, source=PlaySource.PLAYER)
    assert await plays.record([again]) == 1  # it overlaps by a report that came late, no more


async def test_the_same_track_again_is_another_play(plays: Plays, track: TrackId) -> None:
    polled = [play(track, NOW - 1_000 + 20 * n, ended_at=NOW - 980 + 20 * n) for n in range(3)]
    hooked = [replace(one, started_at=one.started_at + 2, source=PlaySource.HOOK) for one in polled]
    assert await plays.record(polled) == 3  # of one source, however near they are
    assert await plays.record(hooked) == 0  # each is the one that was nearest
    assert await kept(plays) == hooked[::-1]
    assert await plays.record([play(track, NOW - 400), play(track, NOW - 369)]) == 2


async def test_of_plays_that_overlap_the_nearest_are_looked_at(
    plays: Plays, track: TrackId, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(number: int, **fields: Any) -> Play:
        return play(track, NOW - DAY + 2 * number, ended_at=NOW, source=PlaySource.PLAYER, **fields)

    read: list[str] = []
    monkeypatch.setattr(recording, "json", SpiedJson(read))
    assert await plays.record([told(number) for number in range(200)]) == 200
    assert len(read) < 200 * recording.MOST_NEAR
    read.clear()
    assert await plays.record([told(100), told(0), told(200)]) == 1
    assert len(read) == 3 * recording.MOST_NEAR


async def test_others_tracks_and_others_plays_are_others(
    plays: Plays, tracks: Tracks, track: TrackId
) -> None:
    other = await save_track(tracks, "b.flac")
    same_time = [play(track), play(other), play(track, listener="bob")]
    assert await plays.record(same_time) == 3


async def test_plays_of_what_is_no_file_are_left_out(plays: Plays, track: TrackId) -> None:
    assert await plays.record([play(TrackId(999)), play(track)]) == 1
    assert await plays.record([]) == 0


async def test_numbers_that_are_none_are_refused(plays: Plays, track: TrackId) -> None:
    for fields in ({"heard_s": float("nan")}, {"heard_s": -1.0}, {"ended_at": NOW - 2_000}):
        with pytest.raises(StoreError):
            await plays.record([play(track, NOW - 50), play(track, **fields)])
    assert await kept(plays) == []


async def test_counts_and_summaries(plays: Plays, tracks: Tracks, track: TrackId) -> None:
    other = await save_track(tracks, "b.flac")
    await plays.record(
        [
            play(track, NOW - 3 * DAY),
            play(track, NOW - 2 * DAY),
            play(track, NOW - DAY, heard_s=9.0, outcome=PlayOutcome.SKIPPED),
            play(track, NOW - 4 * DAY, heard_s=0.0, source=COUNT),
            play(track, NOW - DAY, listener="bob"),
            play(other, NOW - DAY, heard_s=90.0, outcome=PlayOutcome.PARTIAL),
        ]
    )
    assert await plays.counts() == {track: 4}
    assert await plays.counts(listener="alice") == {track: 3}
    assert await plays.counts(NOW - 2 * DAY, "alice") == {track: 1}
    assert await plays.counts(listener="nobody") == {}
    first, second = await plays.summaries("alice")
    assert (first.track_id, first.plays, first.skips) == (track, 3, 1)
    assert first.completion == pytest.approx((1 + 1 + 0.05) / 3)  # a counter knows nothing of it
    assert first.heard_s == 369.0
    assert (first.first_played_at, first.last_played_at) == (NOW - 4 * DAY, NOW - DAY)
    assert (second.plays, second.skips, second.completion) == (0, 0, 0.5)
    assert [one.plays for one in await plays.summaries("alice", NOW - 2 * DAY)] == [1, 0]
    assert await plays.summaries("nobody") == []


async def test_favourites_are_those_of_every_server(
    plays: Plays, tracks: Tracks, track: TrackId
) -> None:
    other = await save_track(tracks, "b.flac")
    assert await plays.set_favourites("alice", [track, TrackId(999)], NOW)
    assert not await plays.set_favourites("alice", [track], NOW + 1)
    assert await plays.set_favourites("Alice", [track, other], NOW + 2, "subsonic")
    assert await plays.favourites("ALICE") == {track: NOW, other: NOW + 2}
    assert await plays.set_favourites("alice", [], NOW + 3)
    assert await plays.favourites("alice") == {track: NOW + 2, other: NOW + 2}
    assert await plays.change_favourites("alice", {track: False}, NOW + 4, "subsonic")
    assert await plays.favourites("alice") == {other: NOW + 2}
    assert await plays.change_favourites("alice", {track: True}, NOW + 5)
    assert await plays.favourites("alice") == {track: NOW + 5, other: NOW + 2}
    assert await plays.favourites("bob") == {}


async def test_a_look_from_before_takes_nothing_back(plays: Plays, track: TrackId) -> None:
    """A catalogue is hours old; what came at once in the meantime stays."""
    await plays.set_favourites("alice", [], NOW)
    await plays.change_favourites("alice", {track: True}, NOW + 5)
    assert not await plays.set_favourites("alice", [], NOW)
    assert await plays.favourites("alice") == {track: NOW + 5}
    await plays.note_totals("alice", {track: PlayTotal(3, NOW)}, NOW, COUNT)
    later = {track: PlayTotal(4, NOW + 5)}
    assert await plays.note_totals("alice", later, NOW + 5, COUNT, is_whole=False) == 1
    assert await plays.note_totals("alice", {track: PlayTotal(3, NOW)}, NOW, COUNT) == 0
    assert await plays.note_totals("alice", later, NOW + 9, COUNT) == 0


async def test_totals_are_imported_once_and_go_on_as_plays(
    plays: Plays, tracks: Tracks, track: TrackId
) -> None:
    other = await save_track(tracks, "b.flac")
    assert await plays.note_totals("alice", {track: PlayTotal(7, NOW - DAY)}, NOW, COUNT) == 0
    assert await plays.totals("Alice") == {track: PlayTotal(7, NOW - DAY)}
    assert await kept(plays) == []
    later = {track: PlayTotal(9, NOW + 50.0), other: PlayTotal(3, NOW + 90.0)}
    assert await plays.note_totals("alice", later, NOW + 100, COUNT) == 3
    before = await plays.generation()
    assert await plays.note_totals("alice", later, NOW + 200, COUNT) == 0
    assert await plays.generation() == before
    assert [(one.track_id, one.started_at) for one in await kept(plays)] == [
        (other, NOW + 90.0),  # a track that was not there before brought two more with it
        (track, NOW + 50.0),
        (track, NOW + 25.0),  # nobody knows when: in the middle of the time since the last look
    ]
    assert (await plays.totals("alice")) == {
        track: PlayTotal(7, NOW + 50.0),
        other: PlayTotal(2, NOW + 90.0),
    }
    fewer = {track: PlayTotal(0, None), other: PlayTotal(500, NOW + 290)}  # somebody set them
    assert await plays.note_totals("alice", fewer, NOW + 300, COUNT) == 0


async def test_a_look_that_took_long_does_not_undo_what_was_told_meanwhile(
    plays: Plays, track: TrackId
) -> None:
    """Else the next one would count the same step once more."""
    before, after = {track: PlayTotal(5, NOW - 900)}, {track: PlayTotal(6, NOW - 500)}
    await plays.note_totals("alice", before, NOW - 800, COUNT)
    assert await plays.note_totals("alice", after, NOW - 490, COUNT, is_whole=False) == 1
    assert await plays.note_totals("alice", before, NOW - 400, COUNT) == 0
    assert await plays.note_totals("alice", after, NOW - 200, COUNT) == 0
    # marked as not played by its listener, it counts from nothing on
    assert await plays.note_totals("alice", {track: PlayTotal(0, None)}, NOW - 150, COUNT) == 0
    assert await plays.note_totals("alice", {track: PlayTotal(1, NOW)}, NOW, COUNT) == 1


async def test_looks_go_on_when_our_clock_was_put_back(plays: Plays, track: TrackId) -> None:
    """It was a year ahead, as before a machine has asked for the time."""
    await plays.note_totals("alice", {track: PlayTotal(5, NOW - 900)}, NOW + 365 * DAY, COUNT)
    await plays.set_favourites("alice", [], NOW + 365 * DAY)
    for at in (NOW, NOW + 100):
        await plays.note_totals("alice", {track: PlayTotal(6, NOW - 500)}, at, COUNT)
        await plays.set_favourites("alice", [track], at)
    assert [one.started_at for one in await kept(plays)] == [NOW - 500]
    assert set(await plays.favourites("alice")) == {track}


async def test_a_counter_adds_nothing_to_what_a_better_source_saw(
    plays: Plays, track: TrackId
) -> None:
    await plays.note_totals("alice", {}, NOW - 2_000, COUNT)
    skipped = play(track, heard_s=3.0, ended_at=NOW - 990, outcome=PlayOutcome.SKIPPED)
    await plays.record([skipped])
    counted = {track: PlayTotal(2, NOW - 1_001)}
    await plays.note_totals("alice", {track: PlayTotal(0, None)}, NOW - 1_900, COUNT)
    assert await plays.note_totals("alice", counted, NOW - 500, COUNT) == 1
    assert [one.source for one in await kept(plays)] == [PlaySource.SESSIONS, COUNT]
    assert await plays.note_totals("alice", {track: PlayTotal(3, NOW - 400)}, NOW, COUNT) == 1


async def test_what_a_better_source_tells_later_takes_the_place_of_a_count(
    plays: Plays, track: TrackId
) -> None:
    """Jellyfin counts when a track begins; what became of it is known when it has ended."""
    await plays.note_totals("alice", {}, NOW - 2_000, COUNT)
    counted = {track: PlayTotal(1, NOW - 1_010)}
    assert await plays.note_totals("alice", counted, NOW - 900, COUNT, is_whole=False) == 1
    seen = play(track)
    assert await plays.record([seen]) == 0
    assert await kept(plays) == [seen]
    assert await plays.note_totals("alice", counted, NOW, COUNT) == 0


async def test_a_single_count_before_the_import_is_left_to_the_import(
    plays: Plays, track: TrackId
) -> None:
    counted = {track: PlayTotal(5, NOW)}
    assert await plays.note_totals("alice", counted, NOW, COUNT, is_whole=False) == 0
    await plays.note_totals("alice", counted, NOW, COUNT)
    assert await plays.totals("alice") == counted


async def test_forgetting_empties_everything_and_what_was_before_stays_away(
    plays: Plays, tracks: Tracks, track: TrackId
) -> None:
    other = await save_track(tracks, "b.flac")
    old, totals = play(track), {track: PlayTotal(7, NOW - DAY)}

    async def tell_again() -> None:
        await plays.record([old])
        await plays.note_totals("alice", totals, NOW + 10, COUNT)
        await plays.set_favourites("alice", [track], NOW + 10)

    await tell_again()
    await plays.record([play(track, listener="bob")])
    assert await plays.forget("ALICE") == 1
    assert await plays.listeners() == ["bob"]
    await tell_again()
    assert (await kept(plays, "alice"), await plays.totals("alice")) == ([], {})
    assert await plays.favourites("alice") == {}
    assert await plays.listeners() == ["bob"]

    # what is new is taken in
    await plays.set_favourites("alice", [track, other], NOW + 20)
    assert await plays.favourites("alice") == {other: NOW + 20}
    assert await plays.record([play(track, NOW + 30)]) == 1
    await plays.set_favourites("alice", [other], NOW + 40)
    await plays.set_favourites("alice", [track, other], NOW + 50)
    assert await plays.favourites("alice") == {track: NOW + 50, other: NOW + 20}

    # and what was before when somebody asks for it
    assert await plays.take_in_again("alice")
    await tell_again()
    assert await plays.totals("alice") == totals
    assert len(await kept(plays, "alice")) == 2
    assert await plays.forget("nobody") == 0
    assert not await plays.take_in_again("nobody")


async def test_old_plays_are_pruned(plays: Plays, track: TrackId) -> None:
    recent = play(track)
    await plays.record([play(track, NOW - 3 * DAY), recent])
    assert await plays.prune(NOW - 2 * DAY) == 1
    assert await kept(plays) == [recent]


async def test_a_track_that_moves_keeps_its_plays(
    plays: Plays, tracks: Tracks, track: TrackId
) -> None:
    await plays.record([play(track)])
    await tracks.move_many([(track, make_file("elsewhere.flac"))])
    assert await plays.counts() == {track: 1}


@pytest.mark.parametrize(
    ("path", "fingerprint", "comes_back"),
    [("a.flac", b"other", True), ("b.flac", b"a", True), ("b.flac", b"b", False)],
)
async def test_a_track_that_goes_and_comes_back_has_its_plays_again(
    plays: Plays, tracks: Tracks, track: TrackId, path: str, fingerprint: bytes, comes_back: bool
) -> None:
    await plays.record([play(track)])
    await plays.set_favourites("alice", [track], NOW)
    await plays.note_totals("alice", {track: PlayTotal(7, NOW)}, NOW, COUNT)
    await tracks.remove([track])
    assert (await kept(plays), await plays.counts()) == ([], {})
    assert (await plays.favourites("alice"), await plays.totals("alice")) == ({}, {})
    await plays.set_favourites("alice", [], NOW + 1)  # the server lost it, too

    before = await plays.generation()
    again = await save_track(tracks, path, fingerprint=fingerprint)
    assert again != track
    found = [again] if comes_back else []
    assert [one.track_id for one in await kept(plays)] == found
    assert list(await plays.favourites("alice")) == found
    assert list(await plays.totals("alice")) == found
    assert (await plays.generation() > before) is comes_back


async def test_of_two_that_were_alike_the_one_at_the_path_comes_back(
    plays: Plays, tracks: Tracks, track: TrackId
) -> None:
    twin = await save_track(tracks, "twin.flac", fingerprint=b"a")
    await plays.record([play(track), play(track, NOW - 100), play(twin)])
    await tracks.remove([track, twin])
    again = await save_track(tracks, "a.flac", fingerprint=b"a")
    assert await plays.counts() == {again: 2}
    twin_again = await save_track(tracks, "elsewhere.flac", fingerprint=b"a")
    assert await plays.counts() == {again: 2, twin_again: 1}


async def test_what_is_kept_of_a_file_that_stays_away_goes_with_its_last_play(
    db: Database, plays: Plays, tracks: Tracks, track: TrackId
) -> None:
    await plays.record([play(track, NOW - 3 * DAY)])
    await plays.set_favourites("alice", [track], NOW)
    await tracks.remove([track])
    await plays.prune(NOW - 4 * DAY)
    kept_rows = "SELECT (SELECT count(*) FROM gone_files), (SELECT count(*) FROM favourites)"
    assert await db.read(lambda read: read.execute(kept_rows).fetchall()) == [(1, 1)]
    await plays.prune(NOW - DAY)
    assert await db.read(lambda read: read.execute(kept_rows).fetchall()) == [(0, 0)]


async def test_a_hidden_track_and_one_that_cannot_be_decoded_are_in_no_answer(
    plays: Plays, tracks: Tracks, track: TrackId
) -> None:
    broken = await save_track(tracks, "b.flac")
    await plays.record([play(track), play(broken)])
    await tracks.record_failure(make_file("b.flac"), None, "no audio in it")
    assert await plays.counts() == {track: 1}
    await tracks.hide([track])
    assert (await plays.counts(), await plays.summaries("alice")) == ({}, [])


async def test_there_are_not_more_listeners_than_may_be(
    plays: Plays, track: TrackId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "MOST_LISTENERS", 2)
    await plays.record([play(track), play(track, listener="bob")])
    with pytest.raises(TooManyListenersError, match="there are 2 listeners already"):
        await plays.record([play(track, NOW - 99), play(track, listener="eve")])
    assert len(await kept(plays)) == 2
    assert await plays.record([play(track, NOW - 99)]) == 1
