"""What a mix is made of: its length, and the balance of known and new."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.discovery.mix_picking import MixPool, pick
from harmonie_daemon.domain.track import Facets, TrackId
from harmonie_daemon.similarity.columns import Columns


def pool(
    durations_s: list[float], *, scores: list[float] | None = None, new: list[bool] | None = None
) -> MixPool:
    """Tracks by artists of their own."""
    count = len(durations_s)
    facets = [
        Facets(TrackId(number + 1), f"artist {number}", f"title {number}", None,
               None, None, None, None, 0.0)
        for number in range(count)
    ]  # fmt: skip
    return MixPool(
        Columns.of(facets),
        np.array(scores or [0.5] * count, np.float32),
        np.array(durations_s, np.float64),
        np.array(new or [False] * count, np.bool_),
    )


lengths = st.lists(st.floats(30, 1200), min_size=1, max_size=60)


@given(lengths, st.floats(60, 7200))
def test_it_is_as_long_as_asked_give_or_take_half_a_track(
    durations_s: list[float], target_s: float
) -> None:
    rows = pick(pool(durations_s), target_s, balanced=False)
    assert len(set(rows)) == len(rows) > 0
    off_s = sum(durations_s[row] for row in rows) - target_s
    left = [length for row, length in enumerate(durations_s) if row not in rows]
    if off_s > 0:
        assert off_s <= max(durations_s[row] for row in rows) / 2 or len(rows) == 1
    elif left:
        assert -off_s <= max(left) / 2


def test_what_is_too_long_for_now_is_left_out_and_the_last_one_fits() -> None:
    durations_s = [200.0, 900.0, 210.0, 95.0, 200.0, 205.0]
    scores = [1, 0.99, 0.9, 0.1, 0.8, 0.7]
    rows = pick(pool(durations_s, scores=scores), 700, balanced=False)
    assert rows == (0, 2, 5, 3)
    assert sum(durations_s[row] for row in rows) == 710


def test_known_and_new_have_about_as_much_time() -> None:
    scores = [1.0] * 30 + [0.3] * 30
    is_new = [False] * 30 + [True] * 30
    durations_s = [200.0] * 60
    rows = pick(pool(durations_s, scores=scores, new=is_new), 4000, balanced=True)
    new = sum(is_new[row] for row in rows)
    assert (len(rows), new) == (20, 10)
    rows = pick(pool(durations_s, scores=scores, new=is_new), 4000, balanced=False)
    assert sum(is_new[row] for row in rows) == 0


def test_where_there_is_little_that_is_new_the_known_fills_up() -> None:
    is_new = [False] * 30 + [True] * 2
    rows = pick(pool([200.0] * 32, new=is_new), 4000, balanced=True)
    assert (len(rows), sum(is_new[row] for row in rows)) == (20, 2)


@pytest.mark.parametrize(("durations_s", "count"), [([], 0), ([600.0], 1)])
def test_little_is_better_than_nothing(durations_s: list[float], count: int) -> None:
    assert len(pick(pool(durations_s), 60, balanced=True)) == count


def test_no_song_comes_twice() -> None:
    same = [Facets(TrackId(n + 1), "artist", "title", None, None, None, None, None, 0.0)
            for n in range(5)]  # fmt: skip
    alike = MixPool(Columns.of(same), np.ones(5, np.float32), np.full(5, 100.0),
                    np.zeros(5, np.bool_))  # fmt: skip
    assert len(pick(alike, 500, balanced=False)) == 1
