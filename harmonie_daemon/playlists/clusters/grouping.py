"""From points to groups: spherical k-means, DBSCAN with the cosine, mixtures. Runs in a worker.

Points have length 1. A group is a number from 0 on; -1 belongs to none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.clustering import ClusterMethod
from harmonie_daemon.playlists.clusters.clustering import Draw
from harmonie_daemon.playlists.clusters.facts import Floats, Mask

Labels = npt.NDArray[np.intp]
NONE = -1

RESTARTS = 4
ROUNDS = 50
"""Of k-means; it is still after some twenty."""
SETTLED = 10_000
"""Points that k-means is fitted to."""
FITTED = 4_000
"""Points that a mixture is fitted to; the others are joined to what was found."""
COMPARED = 3_000
"""Points that DBSCAN compares with each other, some 100 MB; the others are joined as well."""
ASSIGNED = 4_096
"""Points that are joined at a time."""
MOST_NOISE = 0.4
"""Share of points in no group from which on DBSCAN's distance is widened ..."""
WIDER = 1.15
"""... by this factor at a time."""
REGULARISED = 1e-4
"""Added to a mixture's variances; those of points of length 1 in 30 dimensions are some 0.03."""
BETTER = 1e-3
"""Of the mean log likelihood: less is none."""
EMPTY = 1e-6
"""The weight of a component that has lost all its points."""


def groups(points: Floats, draw: Draw) -> Labels:
    """The group of each point, as this draw has it; 0 to ``draw.clusters`` - 1."""
    count = min(draw.clusters, len(points) // 2)
    if count < 2:
        return np.zeros(len(points), np.intp)
    rng = np.random.default_rng(draw.seed)
    match draw.method:
        case ClusterMethod.DBSCAN:
            found = _dense(points, draw, count, rng)
        case ClusterMethod.GMM:
            found = _mixture(points, count, rng)
        case _:
            found = nearest_of(points, spherical_centres(_evenly(points, SETTLED), count, rng))
    return _numbered(found)


def nearest_of(points: Floats, centres: Floats) -> Labels:
    """The centre of which each point is nearest by the cosine."""
    found = [np.argmax(stretch @ centres.T, axis=1) for stretch in _stretches(points)]
    return np.concatenate(found).astype(np.intp)


def spherical_centres(points: Floats, count: int, rng: np.random.Generator) -> Floats:
    """float32[count, dim], length 1: the best of some starts by total cosine.

    Dhillon & Modha, "Concept Decompositions for Large Sparse Text Data Using Clustering", 2001;
    starts by k-means++ (Arthur & Vassilvitskii, 2007), in which 1 less the cosine is half the
    squared distance.
    """
    tries = [_settled(points, _seeds(points, count, rng)) for _ in range(RESTARTS)]
    return max(tries, key=lambda tried: tried[1])[0]


def _seeds(points: Floats, count: int, rng: np.random.Generator) -> Floats:
    chosen = [int(rng.integers(len(points)))]
    far = np.full(len(points), np.inf)
    while len(chosen) < count:
        far = np.minimum(far, np.maximum(1.0 - points @ points[chosen[-1]], 0.0))
        total = float(far.sum())
        weights = far / total if total > 0 else None
        chosen.append(int(rng.choice(len(points), p=weights)))
    return points[chosen]


def _settled(points: Floats, centres: Floats) -> tuple[Floats, float]:
    """The centres after they have stopped moving, and how near the points are to them."""
    labels = np.full(len(points), NONE, np.intp)
    cosines = points @ centres.T
    for _ in range(ROUNDS):
        nearest = np.asarray(np.argmax(cosines, axis=1), np.intp)
        if np.array_equal(nearest, labels):
            break
        labels = nearest
        centres = directions(points, labels, centres)
        cosines = points @ centres.T
    return centres, float(cosines.max(axis=1).sum())


def directions(points: Floats, labels: Labels, otherwise: Floats) -> Floats:
    """Where each group lies on average, length 1; ``otherwise`` for a group without any."""
    sums = sums_of_groups(points, labels, len(otherwise))
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(
        np.where(lengths > 1e-6, sums / np.maximum(lengths, 1e-6), otherwise), np.float32
    )


def sums_of_groups(points: Floats, labels: Labels, count: int) -> Floats:
    """float32[count, dim]: the sum of the points of each group."""
    order = np.argsort(labels, kind="stable")
    order = order[np.searchsorted(labels[order], 0) :]
    present, starts = np.unique(labels[order], return_index=True)
    sums = np.zeros((count, points.shape[1]), np.float32)
    if len(present):
        sums[present] = np.add.reduceat(points[order], starts, axis=0)
    return sums


def _mixture(points: Floats, count: int, rng: np.random.Generator) -> Labels:
    """Expectation maximisation (Dempster, Laird & Rubin, 1977), begun with spherical k-means."""
    fitted = _evenly(points, FITTED).astype(np.float64)
    centres = spherical_centres(_evenly(points, FITTED), count, rng)
    shares = np.eye(count)[np.argmax(fitted @ centres.T, axis=1)]
    before = -np.inf
    for _ in range(ROUNDS):
        mixture = _Mixture.of(fitted, shares)
        logs = mixture.log_densities(fitted)
        totals = np.logaddexp.reduce(logs, axis=1)
        likelihood = float(totals.mean())
        if likelihood - before < BETTER:
            break
        shares, before = np.exp(logs - totals[:, None]), likelihood
    found = [np.argmax(mixture.log_densities(some), axis=1) for some in _stretches(points)]
    return np.concatenate(found).astype(np.intp)


@dataclass(frozen=True, slots=True)
class _Mixture:
    """Gaussians with diagonal covariances."""

    logs_of_weights: npt.NDArray[np.float64]
    means: npt.NDArray[np.float64]
    variances: npt.NDArray[np.float64]

    @classmethod
    def of(cls, points: npt.NDArray[np.float64], shares: npt.NDArray[np.float64]) -> _Mixture:
        """That of these points, of which each component has a share: float64[points, count]."""
        weights = shares.sum(axis=0) + EMPTY
        means = shares.T @ points / weights[:, None]
        variances = shares.T @ points**2 / weights[:, None] - means**2
        return cls(np.log(weights / len(points)), means, np.maximum(variances, 0.0) + REGULARISED)

    def log_densities(self, points: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """float64[points, count], without what all have in common."""
        exact = points.astype(np.float64)
        squares = exact**2 @ (1.0 / self.variances).T - 2 * exact @ (self.means / self.variances).T
        own = (self.means**2 / self.variances + np.log(self.variances)).sum(axis=1)
        return np.asarray(self.logs_of_weights - 0.5 * (squares + own))


def _dense(points: Floats, draw: Draw, most: int, rng: np.random.Generator) -> Labels:
    """Ester et al., "A Density-Based Algorithm for Discovering Clusters", 1996.

    The distance is a quantile of how far the ``min_samples``-th nearest point is, so that the
    same range means the same in any number of dimensions.
    """
    fitted = _evenly(points, COMPARED)
    distances = np.maximum(1.0 - fitted @ fitted.T, 0.0)
    samples = min(draw.min_samples, len(fitted) - 1)
    to_nearest = np.partition(distances, samples, axis=1)[:, samples]
    eps = float(np.quantile(to_nearest, draw.eps))
    while True:
        core = to_nearest <= eps
        if np.mean((distances[:, core] <= eps).any(axis=1)) >= 1.0 - MOST_NOISE:
            break
        eps = max(eps * WIDER, 1e-6)
    places = np.flatnonzero(core)
    found = _connected(distances[np.ix_(places, places)] <= eps)
    found = _split(fitted[places], found, most, rng)
    return _joined(points, fitted[places], found, eps)


def _connected(near: Mask) -> Labels:
    """The component of each point, when these are neighbours."""
    labels = np.full(len(near), NONE, np.intp)
    number = 0
    while (labels == NONE).any():
        frontier = np.flatnonzero(labels == NONE)[:1]
        while len(frontier):
            labels[frontier] = number
            frontier = np.flatnonzero(near[frontier].any(axis=0) & (labels == NONE))
        number += 1
    return labels


def _split(points: Floats, labels: Labels, most: int, rng: np.random.Generator) -> Labels:
    """The ``most`` largest components; the largest is divided while there are fewer.

    Dense music is often one large component with crumbs around it, which says nothing.
    """
    counts = np.bincount(labels)
    large = np.argsort(-counts, kind="stable")[:most]
    large = large[counts[large] >= min(counts.max(), max(2, counts.max() // 50))]
    found = np.full(len(labels), NONE, np.intp)
    for number, component in enumerate(large.tolist()):
        found[labels == component] = number
    pieces = most - len(large) + 1
    largest = np.flatnonzero(found == 0)
    if len(largest) > len(points) // 2 and 2 <= pieces <= len(largest) // 2:
        centres = spherical_centres(points[largest], pieces, rng)
        piece = np.argmax(points[largest] @ centres.T, axis=1)
        found[largest] = np.where(piece == 0, 0, len(large) - 1 + piece)
    return found


def _joined(points: Floats, core: Floats, labels: Labels, eps: float) -> Labels:
    """Each point's group is that of the nearest core point, if that is near enough."""
    found = []
    for stretch in _stretches(points):
        cosines = stretch @ core.T
        nearest = np.argmax(cosines, axis=1)
        is_near = cosines[np.arange(len(stretch)), nearest] >= 1.0 - eps - 1e-6
        found.append(np.where(is_near, labels[nearest], NONE))
    return np.concatenate(found)


def _evenly(points: Floats, most: int) -> Floats:
    if len(points) <= most:
        return points
    return points[np.linspace(0, len(points) - 1, most).astype(np.intp)]


def _stretches(points: Floats) -> list[Floats]:
    return [points[at : at + ASSIGNED] for at in range(0, len(points), ASSIGNED)]


def _numbered(labels: Labels) -> Labels:
    """The same groups, numbered without gaps by their first point."""
    numbers = np.full(int(labels.max(initial=NONE)) + 2, NONE, np.intp)
    inside = labels[labels != NONE]
    present, first = np.unique(inside, return_index=True)
    numbers[present[np.argsort(first, kind="stable")]] = np.arange(len(present))
    return np.where(labels == NONE, NONE, numbers[labels])
