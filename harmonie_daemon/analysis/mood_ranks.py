"""Moods within one library: half the score of the track by itself, half its rank among the others.

So a library of nothing but calm music still has its most energetic tracks, and no label swallows
everything. Worked out when asked for, because every new track changes the ranks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RANK_SHARE = 0.5

Scores = npt.NDArray[np.float64]


def ranked(scores: Scores) -> Scores:
    """float64[tracks, labels] of 0 to 1 from the tracks' own scores; ties share their rank."""
    if not len(scores):
        return scores
    percentiles = (np.apply_along_axis(_ranks, 0, scores) - 0.5) / len(scores)
    return (1 - RANK_SHARE) * scores + RANK_SHARE * percentiles


def _ranks(column: Scores) -> Scores:
    """float64[tracks] from 1; what ties has the mean of its ranks.

    As ``scipy.stats.rankdata``, whose import alone is a fifth of what a command needs to start.
    """
    _, places, counts = np.unique(column, return_inverse=True, return_counts=True)
    ranks: Scores = np.cumsum(counts) - (counts - 1) / 2
    return ranks[places]
