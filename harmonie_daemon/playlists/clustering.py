"""Areas of a library: albums that sound alike, found by spherical k-means.

Albums rather than tracks, since a record is made to hang together and there are ten times fewer
of them. The vectors are centred, reduced by PCA without whitening and brought back to length 1,
which keeps tracks that are near to everything from gathering strangers (Feldbauer & Flexer,
"Centering Versus Scaling for Hubness Reduction", 2016).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from harmonie_daemon.similarity.columns import UNKNOWN, Columns
from harmonie_daemon.similarity.index import Floats
from harmonie_daemon.similarity.space import Space
from harmonie_daemon.store.records import IdArray

Labels = npt.NDArray[np.intp]

MAX_ALBUMS = 20_000
"""Larger libraries are sampled evenly: more albums make no better areas, only a longer wait."""
BATCH = 10_000
"""Tracks whose vectors are copied at a time."""
DIMENSIONS = 24
"""Principal components kept; on 24 styles better than 8 or all of them (measured)."""
SMALLEST_AREA = 20
"""Tracks an area should hold on average, so that its playlist has a choice."""
RESTARTS = 4
JUDGED_ALBUMS = 2_000
"""Albums by which a number of areas is judged."""
STEADY_SEED = 0
"""The same library falls into the same areas."""


def areas(space: Space, eligible: IdArray, limit: int) -> list[IdArray]:
    """Split the tracks of ``eligible`` (ascending, with vectors) into at most ``limit`` areas.

    Each is an array of ascending ids; the largest area comes first. One area if there is too
    little to tell apart, none without tracks.
    """
    if len(eligible) == 0 or limit < 1:
        return []
    sampled, album = _albums(space.columns.take(eligible))
    points = _points(_centroids(space, sampled, album))
    labels = _labels(points, len(sampled), limit)[album]
    found = [sampled[labels == label] for label in np.unique(labels)]
    return sorted(found, key=lambda ids: (-len(ids), int(ids[0])))


def _albums(columns: Columns) -> tuple[IdArray, Labels]:
    """Ids of the tracks to look at, and the number of each one's album.

    Albums are numbered by their smallest id; a track without one is an album of its own.
    """
    lone = columns.album == UNKNOWN
    codes = np.where(lone, -1 - np.arange(len(columns)), columns.album)
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    number = np.empty(len(first), np.intp)
    number[np.argsort(first, kind="stable")] = np.arange(len(first))
    album = number[inverse]
    if len(first) <= MAX_ALBUMS:
        return columns.ids, album
    chosen = np.unique(np.linspace(0, len(first) - 1, MAX_ALBUMS).astype(np.intp))
    kept = np.isin(album, chosen)
    return columns.ids[kept], np.searchsorted(chosen, album[kept])


def _centroids(space: Space, ids: IdArray, album: Labels) -> Floats:
    """The mean vector of each album, float32[albums, dim]."""
    sums = np.zeros((int(album.max()) + 1, space.index.dim), np.float32)
    for start in range(0, len(ids), BATCH):
        stretch = slice(start, start + BATCH)
        np.add.at(sums, album[stretch], space.index.vectors(ids[stretch]))
    return np.asarray(sums / np.bincount(album)[:, None], np.float32)


def _points(centroids: Floats) -> Floats:
    """Centred, reduced to ``DIMENSIONS``, length 1 (or 0 for an album in the very middle)."""
    centred = centroids - centroids.mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    reduced = centred @ axes[:, np.argsort(-values, kind="stable")[:DIMENSIONS]]
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    return np.asarray(reduced / np.where(lengths > 1e-6, lengths, 1.0), np.float32)


def _labels(points: Floats, tracks: int, limit: int) -> Labels:
    """The area of each album, for the number of areas whose silhouette is best."""
    distinct = len(np.unique(np.round(points, 4), axis=0))
    most = min(limit, tracks // SMALLEST_AREA, distinct // 2)
    if most < 2:
        return np.zeros(len(points), np.intp)
    usual = min(round(math.sqrt(len(points))), most)
    tried = range(max(2, round(0.6 * usual)), most + 1)
    partitions = [_partition(points, count) for count in tried]
    return max(partitions, key=lambda labels: _silhouette(points, labels))


def _partition(points: Floats, count: int) -> Labels:
    from sklearn.cluster import KMeans  # noqa: PLC0415 - a second and 60 MB that few starts need

    means = KMeans(n_clusters=count, n_init=RESTARTS, random_state=STEADY_SEED)
    return np.asarray(means.fit_predict(points), np.intp)


def _silhouette(points: Floats, labels: Labels) -> float:
    from sklearn.metrics import silhouette_score  # noqa: PLC0415 - as above

    every = max(1, -(-len(points) // JUDGED_ALBUMS))
    judged = labels[::every]
    if not 2 <= len(np.unique(judged)) < len(judged):
        return -1.0
    return float(silhouette_score(points[::every], judged))
