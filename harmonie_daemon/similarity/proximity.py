"""Mutual proximity: how near two tracks are as both of them see it.

A track in a crowded place has high cosines with everybody and would turn up in every list. So a
cosine counts by how rare it is among all the cosines of either track: the distance of two tracks
is the chance that a track drawn from the library is nearer to one of them than they are to each
other. After Schnitzer, Flexer, Schedl and Widmer, "Local and global scaling reduce hubs in
space" (2012), in the form that takes the cosines of a track for normal and independent; their
mean and deviation follow from the mean and covariance of the library's vectors, two numbers a
track.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

SMALLEST_LIBRARY = 50
"""Tracks below which mean and deviation say too little, and the order stays that of cosine."""
MOST_AXES = 320
"""Principal axes along which the spread is kept, the rest being taken for even: all of them for
the built-in embedding; for longer vectors more would cost more than they tell."""
DECIMALS = 6
"""Mean and deviation are rounded like the cosines, so that identical recordings tie."""
LEAST_DEVIATION = 1e-4
"""For a library that is one recording many times over."""
MOST_DEVIATIONS = 37.0
"""Beyond so many, a double holds no chance any more."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Mean and deviation of the cosines of some tracks to the whole library, float32[n] each."""

    mean: Floats
    deviation: Floats

    def at(self, positions: Positions) -> Outlook:
        """Those of some of the tracks."""
        return Outlook(self.mean[positions], self.deviation[positions])

    def joined(self, other: Outlook) -> Outlook:
        """Those of the others behind these."""
        return Outlook(
            np.concatenate((self.mean, other.mean)),
            np.concatenate((self.deviation, other.deviation)),
        )


@dataclass(frozen=True, slots=True)
class Crowd:
    """A library's vectors as a whole."""

    mean: Floats
    """float32[dim]."""
    axes: Floats
    """float32[dim, axes], the principal ones."""
    excess: Floats
    """float32[axes]: variance along each, less ``floor``."""
    floor: float
    """Mean variance along all other directions."""

    @classmethod
    def of(cls, batches: Iterable[Floats]) -> Crowd:
        """From float32[n, dim], in batches, at least two rows in all."""
        count = 0
        total: Doubles = np.zeros(1)
        products: Doubles = np.zeros((1, 1))
        for rows in batches:
            count += len(rows)
            total = total + rows.sum(axis=0, dtype=np.float64)
            products = products + rows.T @ rows
        mean = total / count
        values, axes = np.linalg.eigh(products / count - np.outer(mean, mean))
        rest = max(0, len(values) - MOST_AXES)
        floor = float(np.maximum(values[:rest], 0).mean()) if rest else 0.0
        return cls(
            mean.astype(np.float32),
            np.ascontiguousarray(axes[:, rest:], np.float32),
            (np.maximum(values[rest:], 0) - floor).astype(np.float32),
            floor,
        )

    def seen_from(self, vectors: Floats) -> Outlook:
        """What the cosines of these vectors (float32[n, dim], length 1) to the library are like."""
        means = (vectors @ self.mean).astype(np.float64)
        along = vectors @ self.axes
        variances = (np.square(along, out=along) @ self.excess).astype(np.float64) + self.floor
        deviations = np.sqrt(np.maximum(variances, LEAST_DEVIATION**2))
        return Outlook(
            np.round(means, DECIMALS).astype(np.float32),
            np.round(deviations, DECIMALS).astype(np.float32),
        )


def nearest(cosines: Floats, theirs: Outlook, own: Outlook, k: int) -> Positions:
    """Positions of the ``k`` tracks of least distance, ties by cosine, then by position.

    Only tracks that may be among them are looked at closely: a distance lies between the larger
    of its two chances and their sum, so whoever has a larger chance than twice that of the k-th
    is out.
    """
    if k <= 0:
        return np.zeros(0, np.intp)
    rarer = standing_out(cosines, theirs, own)
    if k < len(cosines):
        kth = float(np.partition(rarer, len(rarer) - k)[len(rarer) - k])
        bound = -float(ndtri(min(1.0, 2.0 * float(ndtr(-kth)))))
        within = np.flatnonzero(rarer >= bound - 1e-3)
    else:
        within = np.arange(len(cosines))
    gaps = distances(cosines[within], theirs.at(within), own)
    return within[np.lexsort((within, -cosines[within], gaps))[:k]]


def standing_out(cosines: Floats, theirs: Outlook, own: Outlook) -> Floats:
    """Deviations above what is usual, of the one of either track to whom the cosine is less rare.

    A distance lies between the chance of this and twice that: nearly the order of the distances, at
    a fraction of their cost.
    """
    return np.minimum(_deviations(cosines, own), _deviations(cosines, theirs))


def distances(cosines: Floats, theirs: Outlook, own: Outlook) -> Doubles:
    """The chance of somebody nearer to either, float64[n] from 0 to 1; ``own`` is of one track."""
    mine, others = (
        ndtr(-_deviations(cosines, outlook).astype(np.float64)) for outlook in (own, theirs)
    )
    gaps: Doubles = mine + others - mine * others
    return gaps


def adjusted(cosines: Floats, theirs: Outlook, own: Outlook) -> Floats:
    """The distances as cosines: of each track, the one that is as rare to ``own`` alone.

    In the order of the distances, on the scale of the cosines, as rules that add to a score or
    take from it need it.
    """
    rarity = -ndtri(distances(cosines, theirs, own))
    within = np.clip(rarity, -MOST_DEVIATIONS, MOST_DEVIATIONS)
    return np.asarray(own.mean + own.deviation * within, np.float32)


def _deviations(cosines: Floats, outlook: Outlook) -> Floats:
    """How many deviations above the mean each cosine lies."""
    return (cosines - outlook.mean) / outlook.deviation
