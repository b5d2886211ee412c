"""Vibe: fitness, and draws from the fittest."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.domain.playlist import Diversity, VibeRequest, VibeTarget
from harmonie_daemon.playlists.vibe import SHUFFLE_SPREAD, fitness, vibe
from harmonie_daemon.similarity.columns import Columns
from tests.playlists.factories import library, make_facets


def ids_of(columns: Columns, request: VibeRequest, seed: int = 0) -> list[int]:
    return [item.track_id for item in vibe(columns, request, np.random.default_rng(seed))]


def test_fitness_halves_every_ten_bpm_and_is_the_mean_of_both_wishes() -> None:
    columns = Columns.of(
        [
            make_facets(1, bpm=128, danceability=1.5),
            make_facets(2, bpm=138, danceability=1.5),
            make_facets(3, bpm=118, danceability=2.0),
            make_facets(4, bpm=None, danceability=1.5),
        ]
    )
    both = fitness(columns, VibeTarget(128, 1.5))
    assert both.tolist() == pytest.approx([1.0, 0.75, 0.5, 0.5])
    assert fitness(columns, VibeTarget(bpm=128)).tolist() == pytest.approx([1.0, 0.5, 0.5, 0.0])
    assert fitness(columns, VibeTarget()).tolist() == [1.0] * 4


def test_without_shuffle_the_fittest_come_first_with_their_fitness_as_score() -> None:
    columns = Columns.of([make_facets(number, bpm=100 + number) for number in range(20)])
    items = vibe(
        columns, VibeRequest(n=5, target=VibeTarget(110), shuffle=False), np.random.default_rng(0)
    )
    assert [item.track_id for item in items] == [10, 9, 11, 8, 12]
    assert [item.score for item in items] == pytest.approx(
        fitness(columns.take(np.array([10]) + 0), VibeTarget(110)).tolist()
        + [0.5 ** (gap / 10) for gap in (1, 1, 2, 2)],
        abs=1e-5,
    )


@pytest.mark.parametrize("size", [40, 100, 101, 1000])
def test_a_shuffled_list_is_near_its_target_however_few_tracks_pass(size: int) -> None:
    tempos = np.linspace(60, 180, size)
    columns = Columns.of([make_facets(number, bpm=bpm) for number, bpm in enumerate(tempos)])
    for wish in (85.0, 145.0):
        fit = fitness(columns, VibeTarget(wish))
        found = ids_of(columns, VibeRequest(10, target=VibeTarget(wish)))
        assert fit[found].min() >= np.sort(fit)[-10] - SHUFFLE_SPREAD
        assert abs(np.mean(tempos[found]) - wish) < 10


def test_shuffle_varies_which_of_the_fit_tracks_come_and_in_what_order() -> None:
    columns = Columns.of([make_facets(number, bpm=60 + number / 10) for number in range(1000)])
    lists = [ids_of(columns, VibeRequest(10, target=VibeTarget(120)), seed) for seed in range(8)]
    assert len({tuple(ids) for ids in lists}) == 8
    assert len({track_id for ids in lists for track_id in ids}) > 20


def test_shuffle_reaches_the_whole_library_when_nothing_is_wished() -> None:
    columns = Columns.of([make_facets(number) for number in range(1000)])
    seen = {i for seed in range(10) for i in ids_of(columns, VibeRequest(50), seed)}
    assert max(seen) > 900


def test_the_same_seed_draws_the_same_list() -> None:
    columns = Columns.of(library(200))
    assert ids_of(columns, VibeRequest(20), 7) == ids_of(columns, VibeRequest(20), 7)
    assert ids_of(columns, VibeRequest(20), 7) != ids_of(columns, VibeRequest(20), 8)


def test_doubles_in_the_best_make_the_pool_wider() -> None:
    twins = [make_facets(number, artist="a", title="x", bpm=120) for number in range(300)]
    others = [
        make_facets(number, artist="b", title=str(number), bpm=60) for number in range(300, 310)
    ]
    request = VibeRequest(5, target=VibeTarget(120), diversity=Diversity(artist_cooldown=False))
    found = ids_of(Columns.of([*twins, *others]), request)
    assert len(found) == 5
    assert sum(track_id < 300 for track_id in found) == 1


@pytest.mark.parametrize("shuffle", [True, False])
def test_an_empty_pool_gives_an_empty_list(shuffle: bool) -> None:
    assert vibe(Columns.of([]), VibeRequest(shuffle=shuffle), np.random.default_rng(0)) == ()
