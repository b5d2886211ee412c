"""What happens to a track's place in the library when its recording is encoded anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.evaluation.judging import ranked

NEIGHBOURS = 10

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Robustness:
    """One codec, over some tracks. Cosines are of vectors of length 1."""

    tracks: int
    median_cosine: float
    """Between original and transcode."""
    least_cosine: float
    other_cosine: float
    """Median over the tracks of the cosine between an original and its nearest other track."""
    found_first: float
    """Share of transcodes to which their own original is the nearest track of all, 0 to 1."""
    worst_rank: int
    """Of an original among all tracks when its transcode is the query; 1 is first."""
    shared_neighbours: float
    """Mean share of the ten nearest other tracks that original and transcode have in common."""


def robustness(library: Matrix, positions: npt.NDArray[np.intp], transcodes: Matrix) -> Robustness:
    """Compare each row of ``transcodes`` with its original at that position of ``library``.

    float32[n, dim] with n >= 2, int[m], float32[m, dim] with m >= 1.
    """
    originals = library[positions]
    cosines = np.einsum("ij,ij->i", originals, transcodes)
    ranks, shared, others = [], [], []
    for position, original, transcode in zip(positions, originals, transcodes, strict=True):
        seen = library @ transcode
        ranks.append(1 + np.count_nonzero(seen > seen[position]))
        before = ranked(library @ original, position)
        after = ranked(seen, position)
        nearest = min(NEIGHBOURS, len(before))
        shared.append(len(np.intersect1d(before[:nearest], after[:nearest])) / nearest)
        others.append(float(original @ library[before[0]]))
    return Robustness(
        tracks=len(positions),
        median_cosine=float(np.median(cosines)),
        least_cosine=float(cosines.min()),
        other_cosine=float(np.median(others)),
        found_first=float(np.mean(np.array(ranks) == 1)),
        worst_rank=int(max(ranks)),
        shared_neighbours=float(np.mean(shared)),
    )
