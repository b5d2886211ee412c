"""How good a clustering is, 0 to 1, in parts that can be told. Runs in a worker.

All is measured in the usual space, whatever space a draw grouped in: fewer dimensions look tidier
than they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.domain.mood import MOOD_LABELS
from harmonie_daemon.playlists.clusters.clustering import ScoreParts
from harmonie_daemon.playlists.clusters.facts import Facts, Floats
from harmonie_daemon.playlists.clusters.grouping import NONE, Labels, sums_of_groups
from harmonie_daemon.playlists.clusters.mood_profile import MoodBase
from harmonie_daemon.playlists.clusters.selection import Chosen

WEIGHTS = ScoreParts(silhouette=0.30, purity=0.25, distinctness=0.20, coverage=0.15, size=0.10)
LEAST_SONGS = 10
"""Tracks of a playlist that is not too short, in a library of 200 or more."""
LEAST_SHARE = 20
"""In a smaller one it is one track for so many."""
AT_A_TIME = 4_096
"""Points whose silhouettes are worked out together."""
PURE_MOODS = 2
"""A playlist is as pure as its so many strongest moods."""


def score(parts: ScoreParts) -> float:
    """The parts weighed, 0 to 1. Sound decides; moods break ties."""
    return (
        WEIGHTS.silhouette * parts.silhouette
        + WEIGHTS.purity * parts.purity
        + WEIGHTS.distinctness * parts.distinctness
        + WEIGHTS.coverage * parts.coverage
        + WEIGHTS.size * parts.size
    )


def parts(
    points: Floats,
    labels: Labels,
    playlists: Sequence[Chosen],
    facts: Facts,
    base: MoodBase,
    request: ClusterRequest,
) -> ScoreParts:
    """What the groups of these points and the playlists that were chosen of them are worth."""
    lifts = np.sort([base.lifts(facts.moods[one.rows]) for one in playlists], axis=1)
    purities = 1.0 - 1.0 / np.maximum(lifts[:, -PURE_MOODS:], 1.0)
    found = [base.distinctions(facts.moods[one.rows]) for one in playlists]
    dominant = {moods[0].label for moods in found if moods}
    least = min(LEAST_SONGS, max(1, len(points) // LEAST_SHARE), request.max_songs_per_cluster)
    groups = max(len(playlists), int(labels.max(initial=NONE)) + 1)
    return ScoreParts(
        silhouette=_bounded(silhouette(points, labels)),
        purity=_bounded(float(np.mean(purities))),
        distinctness=_bounded(distinctness(playlists)),
        coverage=min(1.0, len(dominant) / min(len(MOOD_LABELS), request.most_groups)),
        size=sum(len(one.rows) >= least for one in playlists) / groups,
    )


def silhouette(points: Floats, labels: Labels) -> float:
    """The mean silhouette by the cosine, -1 to 1; points in no group count as -1.

    Rousseeuw, "Silhouettes", 1987. A mean of cosines is one product with the sum of the points,
    so that no two points have to be compared.
    """
    count = int(labels.max(initial=NONE)) + 1
    if count < 2:
        return 0.0 if count else -1.0
    sums = sums_of_groups(points, labels, count)
    sizes = np.bincount(labels[labels != NONE], minlength=count)
    total = -float(np.count_nonzero(labels == NONE))
    for start in range(0, len(points), AT_A_TIME):
        stretch = slice(start, start + AT_A_TIME)
        total += _silhouettes(points[stretch], labels[stretch], sums, sizes)
    return total / len(points)


def _silhouettes(
    points: Floats, labels: Labels, sums: Floats, sizes: npt.NDArray[np.intp]
) -> float:
    """The sum of those of some points, leaving out what is in no group."""
    inside = labels != NONE
    own, exact = labels[inside], points[inside].astype(np.float64)
    cosines = exact @ sums.T.astype(np.float64)
    each = np.arange(len(own))
    itself = np.einsum("ij,ij->i", exact, exact)
    within = 1.0 - (cosines[each, own] - itself) / np.maximum(sizes[own] - 1, 1)
    between = 1.0 - cosines / sizes
    between[each, own] = np.inf
    nearest = between.min(axis=1)
    values = (nearest - within) / np.maximum(np.maximum(nearest, within), 1e-9)
    return float(values[sizes[own] > 1].sum())


def distinctness(playlists: Sequence[Chosen]) -> float:
    """1 less the mean, over the playlists, of the cosine to the nearest other one."""
    if len(playlists) < 2:
        return 0.0
    directions = np.array([one.direction for one in playlists])
    cosines = directions @ directions.T
    np.fill_diagonal(cosines, -np.inf)
    return 1.0 - float(cosines.max(axis=1).mean())


def _bounded(value: float) -> float:
    return min(1.0, max(0.0, value))
