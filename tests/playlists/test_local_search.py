"""What a change of an order is said to gain is what it gains."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.playlists import local_search
from harmonie_daemon.playlists.local_search import STRETCH, LocalSearch, Order


def some_search(size: int, seed: int, *, with_places: bool) -> tuple[LocalSearch, Order]:
    rng = np.random.default_rng(seed)
    half = rng.random((size, size))
    search = LocalSearch(
        steps=(half + half.T) / 2,
        nearness=np.zeros((size, size)),
        stays=rng.random(size) < 0.15,
        places=rng.random((size, size)) if with_places else None,
    )
    return search, rng.permutation(size)


@settings(deadline=None, max_examples=60)
@given(st.integers(3, 12), st.integers(0, 999), st.booleans())
def test_gains_are_those_of_the_changed_orders(size: int, seed: int, with_places: bool) -> None:
    search, order = some_search(size, seed, with_places=with_places)
    steps = np.pad(search.steps[np.ix_(order, order)], 1)
    places = None if search.places is None else search.places[order]
    free = local_search._free(search.stays)
    cost = search.total(order)

    def check(gain: float, changed: Order) -> None:
        assert sorted(changed) == sorted(order)
        assert (changed[search.stays] == order[search.stays]).all()
        assert abs(cost - search.total(changed) - gain) < 1e-9

    turning = local_search._turning(steps, places, free)
    for first, last in np.argwhere(turning > -np.inf).tolist():
        check(turning[first, last], local_search._turned(order, first, last))
    for length in range(1, min(3, size - 1) + 1):
        for is_turned in (False, True):
            moving = local_search._moving(steps, places, free, length, is_turned=is_turned)
            for first, gap in np.argwhere(moving > -np.inf).tolist():
                moved = local_search._moved(order, first, gap, length, is_turned=is_turned)
                check(moving[first, gap], moved)


@settings(deadline=None, max_examples=20)
@given(st.integers(2, 40), st.integers(0, 99), st.booleans())
def test_no_single_change_betters_what_was_found(size: int, seed: int, with_places: bool) -> None:
    search, order = some_search(size, seed, with_places=with_places)
    found = search.improved(order)
    assert search.total(found) <= search.total(order)
    assert (found[search.stays] == order[search.stays]).all()
    for changed in search._candidates(found):
        assert search.total(changed) >= search.total(found) - 1e-6


def test_long_orders_are_bettered_stretch_by_stretch() -> None:
    search, order = some_search(3 * STRETCH + 7, 5, with_places=True)
    found = search.improved(order)
    assert sorted(found) == sorted(order)
    assert (found[search.stays] == order[search.stays]).all()
    assert search.total(found) < 0.8 * search.total(order)
