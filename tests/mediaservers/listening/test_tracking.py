"""What is made of looks at what somebody plays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.domain.listening import OpenPlay, Play, PlayOutcome, PlaySource, judge
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.listening.tracking import ABSENCE_S, Sight, Stop, Turn, look, stop
from tests.mediaservers.made_up_player import Doing, Listen, on_at

EVERY_S = 15.0
START = 1_000_000.0
COUNTED, SKIPPED, PARTIAL = PlayOutcome.COUNTED, PlayOutcome.SKIPPED, PlayOutcome.PARTIAL
HOUR = 3600.0


def one(
    *doing: Doing, at: float = 0.0, track: str = "1", device: str = "phone", **facts: Any
) -> Listen:
    return Listen("alice", device, track, START + at, doing, **facts)


def sights_at(listens: Sequence[Listen], at: float) -> list[Sight]:
    """Sessions stay when nothing plays any more."""
    idle = {listen.device: Sight(listen.device, listen.listener, None) for listen in listens}
    for listen in on_at(listens, at):
        position_s, is_paused = listen.shown(at)
        idle[listen.device] = Sight(
            listen.device, listen.listener, TrackId(int(listen.track)), position_s,
            listen.duration_s, is_paused,
        )  # fmt: skip
    return list(idle.values())


def watched(
    listens: Sequence[Listen], *, every_s: float = EVERY_S, phase_s: float = 7.0
) -> list[Play]:
    """The plays that looks every so often make of it, from before it begins until long after."""
    at, end = START - every_s + phase_s, max(one.ends_at for one in listens) + 10 * every_s
    going_on: dict[str, OpenPlay] = {}
    plays: list[Play] = []
    while at < end:
        turn = look(
            going_on, sights_at(listens, at), at, PlaySource.SESSIONS,
            since=at - every_s, is_whole=True,
        )  # fmt: skip
        going_on, at = dict(turn.going_on), at + every_s
        plays += turn.ended
    assert going_on == {}
    return plays


def outcome_of(listen: Listen) -> PlayOutcome:
    return judge(listen.heard_s, listen.ended_position_s, listen.duration_s)


@pytest.mark.parametrize("phase_s", [0.0, 4.0, 9.0, 14.5])
@pytest.mark.parametrize(
    ("doing", "outcome"),
    [
        ([("play", 180.0)], COUNTED),
        ([("play", 16.0)], SKIPPED),
        ([("play", 60.0)], PARTIAL),
        ([("play", 100.0), ("pause", 400.0), ("play", 80.0)], COUNTED),
        ([("play", 16.0), ("pause", 7_000.0), ("play", 164.0)], COUNTED),
        ([("play", 20.0), ("seek", 160.0), ("play", 20.0)], PARTIAL),
        ([("play", 100.0), ("seek", 0.0), ("play", 180.0)], COUNTED),
        ([("play", 30.0), ("seek", 60.0), ("play", 120.0)], COUNTED),
        ([("play", 12.0), ("seek", 100.0), ("play", 3.0)], SKIPPED),
    ],
)
def test_what_one_play_comes_to(doing: list[Doing], outcome: PlayOutcome, phase_s: float) -> None:
    listen = one(*doing)
    assert outcome_of(listen) is outcome
    following = one(("play", 60.0), at=listen.ends_at - START, track="2")
    play, *_ = watched([listen, following], phase_s=phase_s)
    assert (play.track_id, play.outcome, play.listener) == (1, outcome, "alice")
    assert play.started_at == pytest.approx(START, abs=1.0)
    assert play.heard_s == pytest.approx(listen.heard_s, abs=EVERY_S)
    assert play.ended_at == pytest.approx(listen.ends_at, abs=EVERY_S)


def test_a_track_that_repeats_is_played_each_time() -> None:
    listens = [one(("play", 180.0), at=180.0 * n) for n in range(4)]
    plays = watched(listens)
    assert [play.outcome for play in plays] == [COUNTED] * 4
    starts = [play.started_at - START for play in plays]
    assert starts == pytest.approx([0, 180, 360, 540], abs=1.0)


def test_two_sessions_of_one_person_are_two_plays_at_a_time() -> None:
    listens = [
        one(("play", 180.0)),
        one(("play", 16.0), at=20.0, device="kitchen"),
        one(("play", 180.0), at=36.0, device="kitchen", track="2"),
    ]
    plays = watched(listens)
    assert [(int(play.track_id), play.outcome) for play in plays] == [
        (1, SKIPPED),
        (1, COUNTED),
        (2, COUNTED),
    ]


def album(*heard_s: float) -> list[Listen]:
    at, listens = 0.0, []
    for n, seconds in enumerate(heard_s, 1):
        listens.append(one(("play", seconds), at=at, track=str(n)))
        at += seconds
    return listens


def test_an_album_with_skips_in_it() -> None:
    plays = watched(album(180, 16, 180, 25, 60, 180))
    outcomes = [PlayOutcome(play.outcome) for play in plays]
    assert [int(play.track_id) for play in plays] == [1, 2, 3, 4, 5, 6]
    assert outcomes == [COUNTED, SKIPPED, COUNTED, SKIPPED, PARTIAL, COUNTED]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.just(180.0), st.floats(16.0, 180.0)), min_size=1, max_size=6),
    st.floats(0.0, 14.9),
)
def test_nothing_that_lasts_longer_than_a_look_is_missed_or_doubled(
    heard: list[float], phase_s: float
) -> None:
    listens = album(*heard)
    plays = watched(listens, phase_s=phase_s)
    assert [int(play.track_id) for play in plays] == list(range(1, len(heard) + 1))
    for play, listen in zip(plays, listens, strict=True):
        assert play.heard_s == pytest.approx(listen.heard_s, abs=EVERY_S + 0.01)
        assert play.started_at == pytest.approx(listen.at, abs=0.01)


def sight(position_s: float | None, track: int | None = 1, **facts: Any) -> Sight:
    return Sight(
        "phone", "alice", None if track is None else TrackId(track), position_s, 180.0, **facts
    )


def looks(*seen: tuple[float, list[Sight]]) -> Turn:
    """What several whole looks come to."""
    turn, ended, since = Turn({}), list[Play](), None
    for at, sights in seen:
        turn = look(
            turn.going_on, sights, at, PlaySource.SESSIONS, since=since, is_whole=True
        )  # fmt: skip
        ended += turn.ended
        since = at
    return Turn(turn.going_on, tuple(ended))


def test_a_session_that_is_away_for_a_moment_goes_on() -> None:
    """The server was restarted; the player went on."""
    turn = looks((0, [sight(0.0)]), (15, [sight(15.0)]), (30, []), (60, []), (75, [sight(75.0)]))
    assert turn.ended == ()
    assert turn.going_on["phone"].heard_s == 75.0
    turn = looks((0, [sight(0.0)]), (15, [sight(15.0)]), (30, []), (30 + ABSENCE_S, []))
    (play,) = turn.ended
    assert (play.heard_s, play.ended_at, play.outcome) == (15.0, 15.0, SKIPPED)


def test_a_session_that_goes_away_at_the_end_has_heard_it() -> None:
    turn = looks((0, [sight(160.0)]), (15, [sight(175.0)]), (30, []), (30 + ABSENCE_S, []))
    (play,) = turn.ended
    assert (play.heard_s, play.ended_at, play.outcome) == (180.0, 20.0, COUNTED)


def test_what_is_paused_waits_for_a_day_and_is_no_skip_then() -> None:
    paused = sight(20.0, is_paused=True)
    seen = [(0.0, [sight(5.0)]), (15.0, [paused])]
    assert looks(*seen, (HOUR, [paused]), (20 * HOUR, [])).going_on["phone"].heard_s == 20.0
    resumed = looks(*seen, (20 * HOUR, []), (21 * HOUR, [sight(25.0)]))
    assert resumed.going_on["phone"].heard_s == 25.0
    for last in ([paused], []):
        (play,) = looks(*seen, (24 * HOUR + 15, last)).ended
        assert (play.heard_s, play.outcome) == (20.0, PARTIAL)
        nothing_more = looks(*seen, (24 * HOUR + 15, last), (25 * HOUR, last))
        assert (nothing_more.going_on, len(nothing_more.ended)) == ({}, 1)


def test_the_same_track_on_another_day_is_another_play() -> None:
    turn = looks((0, [sight(50.0)]), (15, [sight(65.0, is_paused=True)]), (9 * HOUR, [sight(3.0)]))
    (play,) = turn.ended
    assert play.heard_s == 65.0
    assert turn.going_on["phone"].started_at == 9 * HOUR - 3


def test_what_was_not_looked_at_counts_no_longer_than_it_can_have_lasted() -> None:
    """Put on and jumped ahead between two looks."""
    turn = looks((0, [sight(None, None)]), (15, [sight(100.0)]))
    assert (turn.going_on["phone"].heard_s, turn.going_on["phone"].started_at) == (15.0, 0.0)


def test_another_user_at_the_same_device_is_another_play() -> None:
    turn = looks((0, [sight(0.0)]), (15, [Sight("phone", "bob", TrackId(1), 5.0, 180.0)]))
    assert [play.listener for play in turn.ended] == ["alice"]
    assert [one.listener for one in turn.going_on.values()] == ["bob"]


def test_what_is_no_track_of_ours_ends_one_that_is() -> None:
    (play,) = looks((0, [sight(0.0)]), (15, [sight(12.0)]), (30, [sight(9.0, None)])).ended
    assert (play.heard_s, play.ended_at) == (18.0, 21.0)


def told(position_s: float | None, track: int = 1) -> Stop:
    return Stop("phone", "alice", TrackId(track), 180.0, position_s)


def begun(position_s: float = 0.0, at: float = 0.0) -> Turn:
    return look({}, [sight(position_s)], at, PlaySource.HOOK, since=None, is_whole=False)


@pytest.mark.parametrize(
    ("position_s", "at", "heard_s", "outcome"),
    [
        (180.0, 180.0, 180.0, COUNTED),
        (180.0, 900.0, 180.0, COUNTED),  # paused in between
        (179.0, 20.0, 20.0, PARTIAL),  # jumped over
        (12.0, 12.0, 12.0, SKIPPED),
        (None, 12.0, 12.0, SKIPPED),
        (None, 500.0, 180.0, COUNTED),
    ],
)
def test_word_of_a_stop(
    position_s: float | None, at: float, heard_s: float, outcome: PlayOutcome
) -> None:
    turn = stop(begun().going_on, told(position_s), at, PlaySource.HOOK)
    (play,) = turn.ended
    assert (play.started_at, play.ended_at, play.heard_s) == (0.0, at, heard_s)
    assert (play.outcome, turn.going_on) == (outcome, {})


def test_word_of_a_stop_whose_start_nobody_told() -> None:
    (play,) = stop({}, told(170.0), 1_000.0, PlaySource.HOOK).ended
    assert (play.started_at, play.heard_s, play.outcome) == (830.0, 170.0, COUNTED)
    assert stop({}, told(None), 1_000.0, PlaySource.HOOK) == Turn({})


def test_word_of_a_stop_that_comes_after_the_next_start_is_late() -> None:
    following = look(
        begun().going_on, [sight(0.0, 2)], 100.0, PlaySource.HOOK, since=None, is_whole=False
    )
    assert [play.heard_s for play in following.ended] == [100.0]
    late = stop(following.going_on, told(100.0), 101.0, PlaySource.HOOK)
    assert (late.ended, late.going_on) == ((), following.going_on)


def test_a_start_that_nothing_follows_is_no_play() -> None:
    turn = look(begun().going_on, [], 25 * HOUR, PlaySource.HOOK, since=None, is_whole=False)
    assert turn == Turn({})
