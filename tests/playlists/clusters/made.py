"""Points, facts and draws made of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from harmonie_daemon.domain.clustering import ClusterMethod
from harmonie_daemon.domain.mood import MOOD_LABELS
from harmonie_daemon.playlists.clusters.clustering import Draw
from harmonie_daemon.playlists.clusters.facts import Facts, Floats, Sets

METHODS = (ClusterMethod.KMEANS, ClusterMethod.DBSCAN, ClusterMethod.GMM)


def make_points(
    count: int, *, kinds: int = 4, dim: int = 8, spread: float = 0.25, seed: int = 0
) -> Floats:
    """float32[count, dim], length 1: row ``i`` lies around the axis ``i % kinds``."""
    rng = np.random.default_rng(seed)
    points = np.eye(dim)[np.arange(count) % kinds] + spread * rng.standard_normal((count, dim))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), np.float32)


def make_facts(
    count: int,
    *,
    artists: list[tuple[int, ...]] | None = None,
    songs: list[tuple[int, ...]] | None = None,
    moods: Floats | None = None,
    seed: int = 0,
) -> Facts:
    """Everybody an artist of his own, no song twice, moods at random."""
    rng = np.random.default_rng(seed)
    usual = rng.random((count, len(MOOD_LABELS))).astype(np.float32)
    return Facts(
        usual if moods is None else moods,
        np.linspace(60, 600, count).astype(np.float32),
        Sets.made(artists or [(row,) for row in range(count)]),
        Sets.made(songs or [(row,) for row in range(count)]),
    )


def make_draw(method: ClusterMethod = ClusterMethod.KMEANS, **fields: Any) -> Draw:
    """Four groups."""
    return Draw(
        **{"run_id": 1, "method": method, "clusters": 4, "eps": 0.5, "min_samples": 3, **fields}
    )
