"""Mutual proximity: exact under every filter, with few hubs, kept up to date with the index."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from harmonie_daemon.domain.playlist import Ranking
from harmonie_daemon.evaluation.judging import hubness_of
from harmonie_daemon.similarity.index import FlatIndex, Floats, cosines
from harmonie_daemon.similarity.proximity import MOST_AXES, Crowd
from tests.playlists.factories import unit_rows


def ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def crowded(count: int, dim: int = 24, *, seed: int = 0) -> Floats:
    """float32[count, dim]: some tracks are near the middle of everything, as hubs are."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((count, dim)) * rng.uniform(0.3, 1.5, (count, 1)) + 0.6
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def naive(rows: Floats, query: int) -> list[int]:
    """All tracks by mutual proximity, from the cosines of all pairs themselves."""
    pairs = rows.astype(np.float64) @ rows.T.astype(np.float64)
    means, deviations = pairs.mean(axis=1), pairs.std(axis=1)
    scores = cosines(rows, rows[query]).astype(np.float64)
    mine = norm.sf(scores, means[query], deviations[query])
    theirs = norm.sf(scores, means, deviations)
    return np.lexsort((np.arange(len(rows)), mine + theirs - mine * theirs)).tolist()


@pytest.mark.parametrize("k", [1, 10, 100, 400, 900])
def test_the_order_is_that_of_the_definition(k: int) -> None:
    rows = crowded(400)
    index = FlatIndex(np.arange(400, dtype=np.int64), rows)
    for query in (0, 17, 233):
        hits = index.search(rows[query], k, ranking=Ranking.MUTUAL)
        assert hits.ids.tolist() == naive(rows, query)[:k]
        assert np.array_equal(hits.scores, cosines(rows[hits.ids], rows[query]))


@pytest.mark.parametrize("share", [0.02, 0.5, 1.0])
def test_filters_and_exclusions_choose_from_the_same_order(share: float) -> None:
    rows = crowded(500)
    index = FlatIndex(np.arange(500, dtype=np.int64), rows)
    allow = np.flatnonzero(np.random.default_rng(1).random(500) < share).astype(np.int64)
    out = ids(3, int(allow[0]))
    hits = index.search(rows[3], 20, allow=allow, exclude=out, ranking=Ranking.MUTUAL)
    left = set(allow.tolist()) - set(out.tolist())
    assert hits.ids.tolist() == [found for found in naive(rows, 3) if found in left][:20]


def test_identical_recordings_come_in_order_of_id_wherever_their_rows_stand() -> None:
    rows = crowded(300, dim=33)
    twins = np.repeat(rows[:1], 7, axis=0)
    index = FlatIndex(np.arange(100, 400, dtype=np.int64), rows)
    index.search(rows[0], 1, ranking=Ranking.MUTUAL)
    index = index.apply(ids(1, 2, 3, 500, 501, 502, 503), twins, ids())
    found = index.search(rows[0], 5, ranking=Ranking.MUTUAL).ids.tolist()
    assert found == [1, 2, 3, 100, 500]


def test_no_track_is_everybodys_neighbour() -> None:
    rows = crowded(600)
    index = FlatIndex(np.arange(600, dtype=np.int64), rows)
    skews = {}
    for ranking in Ranking:
        counts = np.zeros(600, np.int64)
        for query in range(600):
            out = ids(query)
            counts[index.search(rows[query], 10, exclude=out, ranking=ranking).ids] += 1
        skews[ranking] = hubness_of(counts).skewness
    assert skews[Ranking.COSINE] > 1.5
    assert skews[Ranking.MUTUAL] < 0.6


def test_a_small_library_is_left_alone() -> None:
    rows = crowded(49)
    index = FlatIndex(np.arange(49, dtype=np.int64), rows)
    by_cosine, mutual = (index.search(rows[4], 49, ranking=ranking).ids for ranking in Ranking)
    assert by_cosine.tolist() == mutual.tolist()
    grown = index.apply(ids(49), crowded(1, seed=9), ids())
    by_cosine, mutual = (grown.search(rows[4], 50, ranking=ranking).ids for ranking in Ranking)
    assert by_cosine.tolist() != mutual.tolist()


def test_the_view_follows_the_index() -> None:
    rows, later = crowded(400), crowded(200, seed=3)
    index = FlatIndex(np.arange(400, dtype=np.int64), rows)
    index.search(rows[0], 1, ranking=Ranking.MUTUAL)
    slightly = index.apply(ids(5, *range(400, 420)), later[:21], ids(7, 8))
    fresh = FlatIndex(slightly.ids, slightly.vectors(slightly.ids))
    one, other = (each.search(later[3], 30, ranking=Ranking.MUTUAL) for each in (slightly, fresh))
    assert len(np.intersect1d(one.ids, other.ids)) >= 27
    assert not np.isin(ids(7, 8), one.ids).any()
    much = slightly.apply(np.arange(600, 779, dtype=np.int64), later[21:], ids())
    fresh = FlatIndex(much.ids, much.vectors(much.ids))
    one, other = (each.search(later[50], 60, ranking=Ranking.MUTUAL) for each in (much, fresh))
    assert one.ids.tolist() == other.ids.tolist()


def test_adjusted_scores_have_the_order_of_mutual_proximity_on_the_scale_of_cosines() -> None:
    rows = crowded(300)
    index = FlatIndex(np.arange(300, dtype=np.int64), rows)
    scores = cosines(rows, rows[2])
    changed = index.adjusted(rows[2], index.ids, scores)
    order = np.lexsort((index.ids, -changed)).tolist()
    assert order[:40] == naive(rows, 2)[:40]
    assert np.all(changed <= scores + 1e-5)
    assert changed[order[0]] == pytest.approx(scores[order[0]], abs=0.2)


def test_long_vectors_keep_their_widest_axes_and_the_mean_of_the_rest() -> None:
    rows = unit_rows(900, MOST_AXES + 80, clusters=40)
    seen = Crowd.of([rows[:500], rows[500:]]).seen_from(rows)
    pairs = rows @ rows.T
    assert np.allclose(seen.mean, pairs.mean(axis=1), atol=2e-6)
    assert np.allclose(seen.deviation, pairs.std(axis=1), rtol=0.02)


def test_a_library_of_one_recording_many_times_has_an_order() -> None:
    rows = np.repeat(unit_rows(1), 60, axis=0)
    index = FlatIndex(np.arange(60, dtype=np.int64), rows)
    hits = index.search(rows[0], 5, ranking=Ranking.MUTUAL)
    assert hits.ids.tolist() == [0, 1, 2, 3, 4]


def test_affinities_have_nearly_the_order_of_mutual_proximity() -> None:
    """Whoever is the nearest of k is among the 2k that stand out most; cosines are themselves."""
    rows = crowded(400)
    index = FlatIndex(np.arange(400, dtype=np.int64), rows)
    for query in (0, 17, 399):
        cosine = index.affinities(rows[query])
        np.testing.assert_array_equal(cosine, cosines(rows, rows[query]))
        mutual = np.argsort(-index.affinities(rows[query], Ranking.MUTUAL))
        for k in (1, 10, 50):
            nearest = index.search(rows[query], k, ranking=Ranking.MUTUAL)
            assert set(nearest.ids.tolist()) <= set(mutual[: 2 * k].tolist())
    few = FlatIndex(np.arange(10, dtype=np.int64), rows[:10])
    np.testing.assert_array_equal(few.affinities(rows[0], Ranking.MUTUAL), few.affinities(rows[0]))
