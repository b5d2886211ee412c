"""What speaks for somebody's taste, and how strongly."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.domain.listening import TrackListening
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.taste import (
    DAY_S,
    Emphasis,
    Signal,
    seed_score,
    signals,
    varied,
)

NOW = 1_790_000_000.0
WINDOW_S = 30 * DAY_S


def heard(
    track: int = 1,
    *,
    plays: int = 0,
    skips: int = 0,
    completion: float = 0.0,
    heard_s: float = 0.0,
    days_ago: float = 0.0,
) -> TrackListening:
    at = NOW - days_ago * DAY_S
    return TrackListening(TrackId(track), plays, skips, completion, heard_s, at, at)


def score(one: TrackListening | None, **facts: object) -> float:
    return seed_score(one, now=NOW, window_s=WINDOW_S, **facts)  # type: ignore[arg-type]


def test_the_terms_are_as_they_are_written_down() -> None:
    top = {"emphasis": Emphasis.TOP}
    assert score(heard(plays=3), **top) == pytest.approx(2.0)
    assert score(heard(plays=1, completion=1.0), **top) == pytest.approx(1 + 1.5)
    assert score(heard(plays=1, skips=1), **top) == pytest.approx(1 - 1.25)
    assert score(heard(skips=1), **top) == pytest.approx(-2.5)
    assert score(heard(plays=1, heard_s=1800), **top) == pytest.approx(1 + 0.375)
    assert score(heard(plays=1, heard_s=1e6), **top) == pytest.approx(1 + 0.75)
    assert score(None, is_favourite=True, **top) == pytest.approx(2.5 * 0.85)
    assert score(None, playlists=1, **top) == pytest.approx(1.25 * 0.85)
    assert score(None, playlists=3, **top) == pytest.approx(2.5 * 0.85)
    assert score(None) == 0.0


def test_a_third_of_the_window_halves_recency() -> None:
    fresh, old = heard(plays=3), heard(plays=3, days_ago=10)
    assert score(fresh) == pytest.approx(2 * (0.45 + 0.55) + 2)
    assert score(old) == pytest.approx(2 * (0.45 + 0.275) + 1)
    assert score(old, emphasis=Emphasis.TOP) == pytest.approx(2 * (0.85 + 0.075))


def test_what_was_skipped_just_now_is_not_liked_for_being_recent() -> None:
    assert score(heard(skips=3)) < 0
    assert score(heard(skips=3)) < score(heard(skips=3, days_ago=20))


@given(
    st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1e9),
    st.floats(-10, 10_000), st.booleans(), st.sampled_from(Emphasis),
)  # fmt: skip
def test_more_plays_never_count_less(
    plays: int, skips: int, completion: float, seconds: float, days: float, liked: bool,
    emphasis: Emphasis,
) -> None:  # fmt: skip
    one = heard(plays=plays, skips=skips, completion=completion, heard_s=seconds, days_ago=days)
    value = score(one, is_favourite=liked, emphasis=emphasis)
    assert math.isfinite(value)
    more = score(replace(one, plays=plays + 1), is_favourite=liked, emphasis=emphasis)
    assert more >= value
    assert score(replace(one, skips=skips + 1), is_favourite=liked, emphasis=emphasis) <= value


def test_signals_come_strongest_first_and_dislikes_not_at_all() -> None:
    listening = [heard(5, plays=1), heard(2, plays=9), heard(3, skips=4), heard(4, plays=1)]
    found = signals(listening, {TrackId(7)}, {}, now=NOW, window_s=WINDOW_S)
    assert [one.track_id for one in found] == [2, 4, 5, 7]
    assert signals([], (), {}, now=NOW, window_s=WINDOW_S) == []


def test_what_is_in_playlists_of_their_own_speaks_for_a_taste_and_does_not_excuse_skips() -> None:
    listening = [heard(1, plays=1), heard(2, plays=1), heard(3, skips=4)]
    own = {TrackId(2): 1, TrackId(3): 2, TrackId(4): 1, TrackId(5): 3}
    found = signals(listening, (), own, now=NOW, window_s=WINDOW_S)
    assert [one.track_id for one in found] == [2, 1, 5, 4]


def test_few_of_an_artist_and_of_an_album_unless_there_is_nothing_else() -> None:
    ranked = [Signal(TrackId(number), 100.0 - number) for number in range(8)]
    artists = {0: [1], 1: [1], 2: [1, 2], 3: [2], 4: [2], 5: [3], 6: [4], 7: []}
    albums = {0: [1], 1: [2], 2: [3], 3: [4], 4: [5], 5: [6], 6: [6], 7: []}
    found = varied(ranked, artists.__getitem__, albums.__getitem__, 6)
    assert [one.track_id for one in found] == [0, 1, 3, 4, 5, 7]
    assert [one.track_id for one in varied(ranked, artists.__getitem__, albums.__getitem__, 8)] == [
        0, 1, 3, 4, 5, 7, 2, 6,
    ]  # fmt: skip
