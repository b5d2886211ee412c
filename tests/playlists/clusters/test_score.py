"""A score lies between 0 and 1, and its parts say what they are for."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.domain.mood import MOOD_LABELS
from harmonie_daemon.playlists.clusters.facts import Floats, strongest
from harmonie_daemon.playlists.clusters.mood_profile import MoodBase
from harmonie_daemon.playlists.clusters.score import WEIGHTS, parts, score, silhouette
from harmonie_daemon.playlists.clusters.selection import chosen
from tests.playlists.clusters.made import make_facts, make_points


def scored(points: Floats, labels: np.ndarray, moods: Floats | None = None) -> tuple[float, ...]:
    facts, request = make_facts(len(points), moods=moods), ClusterRequest()
    playlists = chosen(points, labels, facts, request)
    base = MoodBase.of(facts.moods)
    found = parts(points, labels, playlists, facts, base, request)
    return (score(found), *astuple(found))


def test_the_weights_make_one() -> None:
    assert sum(astuple(WEIGHTS)) == pytest.approx(1.0)


@given(
    labels=st.lists(st.integers(-1, 5), min_size=20, max_size=50),
    spread=st.floats(0, 2),
    unknown=st.integers(0, 50),
    level=st.sampled_from([0.0, 1e-6, 1.0]),
)
@settings(max_examples=100, deadline=None)
def test_score_and_parts_lie_between_0_and_1(
    labels: list[int], spread: float, unknown: int, level: float
) -> None:
    count = len(labels)
    moods = (level * np.random.default_rng(1).random((count, 17))).astype(np.float32)
    moods[:unknown] = np.nan
    _, groups = np.unique([-1, *labels], return_inverse=True)
    found = scored(make_points(count, spread=spread), groups[1:] - 1, moods)
    assert all(0.0 <= value <= 1.0 for value in found)


def test_the_silhouette_is_that_of_the_cosine() -> None:
    points, labels = make_points(90), np.arange(90) % 3
    expected = silhouette_score(points, labels, metric="cosine")
    assert silhouette(points, labels) == pytest.approx(expected, abs=1e-4)


def test_true_groups_are_better_than_groups_at_random() -> None:
    points = make_points(200)
    mixed = np.random.default_rng(2).permutation(np.arange(200) % 4)
    true = scored(points, np.arange(200) % 4)
    assert true[0] > scored(points, mixed)[0] + 0.1
    assert true[1] > scored(points, mixed)[1] + 0.2


def test_tracks_in_no_group_cost() -> None:
    points, labels = make_points(200), np.arange(200) % 4
    assert silhouette(points, np.where(np.arange(200) < 80, -1, labels)) < silhouette(
        points, labels
    )


def test_playlists_of_one_mood_each_are_pure_and_cover_more() -> None:
    moods = np.full((200, 17), 0.1, np.float32)
    moods[np.arange(200), np.arange(200) % 4] = 0.9
    labels = np.arange(200) % 4
    pure, even = scored(make_points(200), labels, moods), scored(make_points(200), labels)
    assert pure[2] > even[2]
    assert pure[4] == pytest.approx(4 / 10)  # of as many groups as may be asked for


def test_what_stands_out_is_told_by_lift() -> None:
    moods = np.full((100, 17), 0.5, np.float32)
    moods[:, 3] = 0.02
    moods[:10, 3], moods[:10, 0] = 0.2, 0.9
    base = MoodBase.of(moods)
    found = [one.label for one in base.distinctions(moods[:10])]
    assert found == [MOOD_LABELS[3], MOOD_LABELS[0]]
    assert base.distinctions(moods[10:]) == []


def test_only_the_strongest_moods_of_a_track_count() -> None:
    moods = np.array([[0.5, 0.9, 0.7, 0.1], [np.nan] * 4], np.float32)
    assert strongest(moods, 2)[0].tolist() == pytest.approx([0, 0.9, 0.7, 0])
    assert np.isnan(strongest(moods, 2)[1]).all()
    assert strongest(moods, 0)[0].tolist() == [0, 0, 0, 0]
