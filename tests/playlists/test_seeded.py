"""Pools, centroids and the two walks."""

from __future__ import annotations

import numpy as np
import pytest

from harmonie_daemon.domain.playlist import Ranking
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.playlists.seeded import Pool, centroid, drift, first_pool, similar
from harmonie_daemon.similarity.index import cosines
from tests.playlists.factories import library, make_facets, make_space, unit_rows


def new_picker() -> Picker:
    return Picker(Rules(), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("n", "total", "size"),
    [(20, 100_000, 200), (500, 100_000, 3000), (20, 400, 100), (20, 48, 40), (1, 0, 2)],
)
def test_the_first_pool_fits_list_and_library(n: int, total: int, size: int) -> None:
    assert first_pool(n, total) == size


def test_the_centroid_is_the_weighted_direction_of_length_one() -> None:
    rows = np.eye(3, dtype=np.float32)
    middle = centroid(rows, np.array([1, 2, 2], np.float32))
    assert middle.tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3])


def test_vectors_that_cancel_out_leave_the_first() -> None:
    rows = np.array([[1, 0], [-1, 0]], np.float32)
    assert centroid(rows, np.ones(2, np.float32)).tolist() == [1, 0]


def test_a_pool_widens_until_it_is_the_library() -> None:
    space = make_space(library(100))
    pool = Pool(space, new_picker(), unit_rows(1)[0], 10, None, Ranking.MUTUAL)
    sizes = [len(pool.vectors)]
    while pool.widen():
        sizes.append(len(pool.vectors))
    assert sizes == [10, 40, 100]


def test_similar_scores_each_pick_against_the_one_before() -> None:
    space = make_space([make_facets(number) for number in range(1, 41)])
    anchor = space.index.vectors(np.array([1]))[0]
    picker = new_picker()
    similar(space, picker, anchor, 6, None)
    rows = space.index.vectors(np.array([item.track_id for item in picker.items]))
    befores = [anchor, *rows[:-1]]
    scores = [float(cosines(rows[i : i + 1], befores[i])[0]) for i in range(6)]
    assert [item.score for item in picker.items] == scores


def test_drift_moves_its_anchor_once_per_chunk() -> None:
    space = make_space([make_facets(number) for number in range(1, 41)])
    anchor = space.index.vectors(np.array([1]))[0]
    picker = new_picker()
    drift(space, picker, anchor, 6, None, chunk_size=3)
    rows = space.index.vectors(np.array([item.track_id for item in picker.items]))
    befores = [anchor] * 3 + [rows[2]] * 3
    scores = [float(cosines(rows[i : i + 1], befores[i])[0]) for i in range(6)]
    assert [item.score for item in picker.items] == scores
    assert scores[:3] == sorted(scores[:3], reverse=True)


@pytest.mark.parametrize("chunk_size", [1, 7, 100])
def test_both_walks_end_when_the_library_does(chunk_size: int) -> None:
    facets = [make_facets(number) for number in range(1, 31)]
    space = make_space(facets)
    anchor = unit_rows(1)[0]
    one, other = new_picker(), new_picker()
    similar(space, one, anchor, 500, None)
    drift(space, other, anchor, 500, None, chunk_size=chunk_size)
    assert len(one) == len(other) == 30
