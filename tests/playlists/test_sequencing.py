"""The order of a finished list."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.domain.playlist import EnergyCurve, Transitions
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.sequencing import sequenced, step_costs
from harmonie_daemon.similarity.space import Space
from tests.playlists.factories import library, make_facets, make_space, unit_rows


def worst(space: Space, ids: tuple[TrackId, ...]) -> float:
    costs = step_costs(space, space.columns.in_order(np.array(ids, np.int64)))
    return float(np.diagonal(costs, 1).max())


def random_order(space: Space, seed: int) -> tuple[TrackId, ...]:
    order = np.random.default_rng(seed).permutation(space.columns.ids)
    return tuple(TrackId(int(id_)) for id_ in order)


def test_tempos_that_jump_are_put_into_a_row() -> None:
    tempos = [100, 140, 104, 136, 108, 132, 112, 128]
    facets = [make_facets(number, bpm=bpm) for number, bpm in enumerate(tempos)]
    space = make_space(facets, np.tile(unit_rows(1), (8, 1)))
    ordered = sequenced(space, tuple(TrackId(number) for number in range(8)), fixed=(0,))
    assert [tempos[id_] for id_ in ordered] == [100, 104, 108, 112, 128, 132, 136, 140]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 40), st.integers(0, 99), st.sets(st.integers(0, 45)))
def test_the_worst_step_never_grows_and_fixed_places_stay(
    size: int, seed: int, fixed: set[int]
) -> None:
    space = make_space(library(size))
    before = random_order(space, seed)
    after = sequenced(space, before, fixed)
    assert sorted(after) == sorted(before)
    if size > 1:
        assert worst(space, after) <= worst(space, before)
    stops = [0, *sorted(place for place in fixed if place < size), size]
    for first, last in itertools.pairwise(stops):
        assert set(after[first:last]) == set(before[first:last])
    assert all(after[place] == before[place] for place in fixed if place < size)


def test_random_lists_become_smoother() -> None:
    space = make_space(library(40))
    lists = [random_order(space, seed) for seed in range(10)]
    before = np.mean([worst(space, one) for one in lists])
    after = np.mean([worst(space, sequenced(space, one)) for one in lists])
    assert after < 0.8 * before


def test_order_makes_no_run_of_one_artist() -> None:
    facets = [
        make_facets(number, artist="a" if number < 6 else str(number)) for number in range(12)
    ]
    vectors = np.repeat(unit_rows(2, clusters=2), 6, axis=0)
    space = make_space(facets, vectors)
    mixed = tuple(
        TrackId(number) for pair in zip(range(6), range(6, 12), strict=True) for number in pair
    )
    ordered = sequenced(space, mixed)
    artists = ["a" if id_ < 6 else str(id_) for id_ in ordered]
    assert max(len(list(run)) for _, run in itertools.groupby(artists)) <= 2


def test_keys_and_energies_that_jump_are_put_into_a_row() -> None:
    fifths = ["C", "D", "G", "A", "F"]
    by_key = [make_facets(number, key=key) for number, key in enumerate(fifths)]
    same = np.tile(unit_rows(1), (5, 1))
    ids = tuple(TrackId(number) for number in range(5))
    ordered = sequenced(make_space(by_key, same), ids)
    assert "".join(fifths[id_] for id_ in ordered) in ("FCGDA", "ADGCF")

    energies = [0.1, 0.9, 0.3, 0.7, 0.5]
    by_energy = [make_facets(number, energy=energy) for number, energy in enumerate(energies)]
    ordered = sequenced(make_space(by_energy, same), ids, fixed=(0,))
    assert [energies[id_] for id_ in ordered] == sorted(energies)


def test_what_is_unsure_decides_less_than_what_is_sure() -> None:
    sure = [make_facets(number, bpm=bpm) for number, bpm in enumerate([100.0, 120.0])]
    unsure = [replace(facts, bpm_confidence=0.4) for facts in sure]
    unknown = [replace(facts, bpm=None) for facts in sure]
    same = np.tile(unit_rows(1), (2, 1))
    costs = []
    for facets in (sure, unsure, unknown):
        space = make_space(facets, same)
        costs.append(float(step_costs(space, space.columns)[0, 1]))
    assert costs[0] > costs[1] > costs[2]
    octave = [replace(facts, bpm=bpm) for facts, bpm in zip(sure, [70.0, 140.0], strict=True)]
    space = make_space(octave, same)
    assert step_costs(space, space.columns)[0, 1] < 0.02


@pytest.mark.parametrize("curve", list(EnergyCurve))
def test_energy_follows_a_curve(curve: EnergyCurve) -> None:
    space = make_space(
        [make_facets(number, energy=number % 7 / 7, bpm=100.0 + number) for number in range(1, 22)]
    )
    ordered = sequenced(space, random_order(space, 1), curve=curve)
    energy = space.columns.in_order(np.array(ordered, np.int64)).energy
    along = np.linspace(0, 1, len(ordered))
    wanted = {"rise": along, "fall": -along, "wave": -np.cos(2 * np.pi * along)}[curve]
    assert np.corrcoef(energy, wanted)[0, 1] > 0.7


def test_transitions_that_hold_still_hold_in_a_curve() -> None:
    space = make_space(
        [
            make_facets(number, bpm=100.0 + number, energy=number * 7 % 20 / 20)
            for number in range(1, 21)
        ]
    )
    picked = tuple(TrackId(number) for number in range(1, 21))
    for curve in (None, *EnergyCurve):
        ordered = sequenced(space, picked, curve=curve, transitions=Transitions(bpm_tolerance=3.0))
        assert max(abs(one - other) for one, other in itertools.pairwise(ordered)) <= 3


def test_a_list_that_is_too_short_or_cannot_be_compared_stays_as_it_is() -> None:
    space = make_space(library(30))
    unheard = (*random_order(space, 0), TrackId(99))
    for ids in ((), (TrackId(2), TrackId(1)), unheard):
        assert sequenced(space, ids) == ids
