"""What is tried, and in which order."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonie_daemon.domain.clustering import ClusterMethod, ClusterRequest
from harmonie_daemon.playlists.clusters.clustering import Best, ScoreParts
from harmonie_daemon.playlists.clusters.draws import (
    FINALISTS,
    batches,
    draw,
    is_in_vain,
    ranking,
    rounds,
)

REQUEST = ClusterRequest(
    pca_components_min=2, pca_components_max=5, num_clusters_min=7, num_clusters_max=7
)


def scores(*values: float) -> list[Best]:
    parts = ScoreParts(0, 0, 0, 0, 0)
    return [
        Best(draw(ClusterRequest(), number), value, parts, 8)
        for number, value in enumerate(values, 1)
    ]


@given(seed=st.integers(0, 2**32 - 1), run_id=st.integers(1, 10_000))
def test_draws_stay_within_their_ranges(seed: int, run_id: int) -> None:
    one = draw(replace(REQUEST, seed=seed, method=ClusterMethod.AUTO), run_id)
    assert 2 <= one.components <= 5
    assert 0.1 <= one.eps <= 0.8
    assert 2 <= one.min_samples <= 5
    assert 3 <= one.clusters <= 10 if one.method is ClusterMethod.GMM else one.clusters == 7
    assert one == draw(replace(REQUEST, seed=seed, method=ClusterMethod.AUTO), run_id)


def test_another_seed_draws_something_else() -> None:
    assert draw(REQUEST, 1) != draw(replace(REQUEST, seed=1), 1)


@pytest.mark.parametrize("method", [ClusterMethod.KMEANS, ClusterMethod.GMM])
def test_a_few_draws_leave_out_no_number_of_groups(method: ClusterMethod) -> None:
    request = ClusterRequest(method=method)
    found = Counter(draw(request, number).clusters for number in range(1, 17))
    assert found.keys() == set(range(3, 11))


def test_auto_takes_turns() -> None:
    methods = Counter(
        draw(ClusterRequest(method=ClusterMethod.AUTO), n).method for n in range(1, 31)
    )
    assert methods == {
        ClusterMethod.KMEANS: 10,
        ClusterMethod.GMM: 10,
        ClusterMethod.DBSCAN: 10,
    }


def test_fewer_draws_are_looked_at_with_more_tracks() -> None:
    plan = rounds(100, 50_000)
    assert [one.tracks for one in plan] == [500, 1_000, 2_000, 50_000]
    assert [one.kept for one in plan] == [100, 34, 12, FINALISTS]


@given(runs=st.integers(1, 10_000), tracks=st.integers(1, 200_000))
def test_the_last_round_is_of_everything(runs: int, tracks: int) -> None:
    plan = rounds(runs, tracks)
    assert plan[-1].tracks == tracks
    assert plan[0].kept == runs
    for earlier, later in itertools.pairwise(plan):
        assert 0 < later.kept <= earlier.kept
        assert earlier.tracks < later.tracks


def test_every_draw_is_in_a_batch() -> None:
    draws = [draw(REQUEST, number) for number in range(1, 26)]
    assert [len(some) for some in batches(draws)] == [10, 10, 5]
    assert [one for some in batches(draws) for one in some] == draws


def test_the_earlier_one_of_equals_is_better() -> None:
    assert [one.draw.run_id for one in ranking(scores(0.2, 0.5, 0.5))] == [2, 3, 1]


def test_a_search_is_in_vain_when_a_fifth_of_the_runs_brought_nothing() -> None:
    values = [0.1, 0.9, *[0.5] * 19]
    assert not is_in_vain(scores(*values), 100)
    assert is_in_vain(scores(*values, 0.5), 100)
    assert not is_in_vain(scores(*values, 0.95), 100)
    assert not is_in_vain(scores(0.9, *[0.1] * 9), 10)
