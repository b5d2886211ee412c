"""Three ways from points to groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonie_daemon.domain.clustering import ClusterMethod
from harmonie_daemon.playlists.clusters.grouping import NONE, groups, spherical_centres
from tests.playlists.clusters.made import METHODS, make_draw, make_points


@pytest.mark.parametrize("method", METHODS)
def test_what_lies_together_is_grouped(method: ClusterMethod) -> None:
    points = make_points(120)
    labels = groups(points, make_draw(method))
    inside = labels != NONE
    assert inside.mean() >= 0.6
    for kind in range(4):
        own = labels[inside & (np.arange(120) % 4 == kind)]
        assert np.bincount(own).max() >= 0.95 * len(own)
    assert len(np.unique(labels[inside])) == 4


@pytest.mark.parametrize("method", METHODS)
def test_more_points_than_are_fitted_are_joined_to_what_was_found(method: ClusterMethod) -> None:
    points = make_points(5_000, spread=0.1)
    labels = groups(points, make_draw(method, eps=0.9))
    assert (labels != NONE).mean() > 0.8
    assert len(set(labels[:400:4].tolist()) - {NONE}) == 1


def test_centres_have_length_one_and_lie_where_the_points_do() -> None:
    centres = spherical_centres(make_points(200), 4, np.random.default_rng(0))
    assert np.linalg.norm(centres, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert sorted(np.argmax(centres[:, :4], axis=1).tolist()) == [0, 1, 2, 3]


def test_one_dense_component_is_divided() -> None:
    points = make_points(300, kinds=1, spread=0.2)
    assert len(np.unique(groups(points, make_draw(ClusterMethod.DBSCAN, eps=0.95)))) >= 4


def test_sparse_points_are_not_all_called_noise() -> None:
    points = make_points(100, kinds=8, spread=1.0)
    labels = groups(points, make_draw(ClusterMethod.DBSCAN, eps=0.01, min_samples=50))
    assert (labels != NONE).mean() >= 0.6


@pytest.mark.parametrize("method", METHODS)
@given(
    count=st.integers(1, 40),
    clusters=st.integers(2, 500),
    eps=st.floats(0.01, 1),
    samples=st.integers(1, 100),
    same=st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_whatever_is_drawn_becomes_groups_without_gaps(
    method: ClusterMethod, count: int, clusters: int, eps: float, samples: int, same: bool
) -> None:
    points = make_points(count, spread=0.0 if same else 0.7)
    labels = groups(points, make_draw(method, clusters=clusters, eps=eps, min_samples=samples))
    found = np.unique(labels[labels != NONE])
    assert len(labels) == count
    assert found.tolist() == list(range(len(found)))
    assert 1 <= len(found) <= max(1, min(clusters, count // 2))
