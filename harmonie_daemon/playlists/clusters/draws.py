"""What is tried: draws out of the requested ranges, fewer and fewer on more and more tracks.

Successive halving (Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and
Hyperparameter Optimization", 2016): many draws are looked at cheaply, the promising ones closely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harmonie_daemon.domain.clustering import ClusterMethod, ClusterRequest
from harmonie_daemon.playlists.clusters.clustering import Best, Draw

BATCH_RUNS = 10
"""Draws that a worker tries in one go: a second or so."""
SAMPLE = 2_000
"""Tracks by which draws are judged before the last round; all strata of a library are in it."""
FEWEST_LOOKED_AT = 500
"""Fewer tell little of ten groups."""
FINALISTS = 3
"""Draws that are tried on the whole library."""
PATIENCE = 0.2
"""The first round ends early when this share of the runs brought nothing better ..."""
FEWEST_IN_VAIN = 10
"""... and so many at least."""
STEPS = np.sqrt([5.0, 2.0, 3.0, 7.0]) * [0.5, 1.0, 1.0, 1.0] + [0.5, 0.0, 0.0, 0.0]
"""How far each of the four parameters goes on through its range (1 long) with every draw: by
irrational numbers, that of the groups being the golden section, which fills a range soonest."""
TURNS = (ClusterMethod.KMEANS, ClusterMethod.GMM, ClusterMethod.DBSCAN)
"""What ``auto`` draws, one after the other."""


@dataclass(frozen=True, slots=True)
class Round:
    """One look at the draws that are left."""

    tracks: int
    """How many tracks are looked at."""
    kept: int
    """Of how many draws at most."""


def rounds(runs: int, tracks: int) -> tuple[Round, ...]:
    """From all draws on a quarter of the sample to the finalists on everything.

    A small library is looked at as a whole, once.
    """
    sample = min(SAMPLE, tracks)
    sizes = sorted({min(sample, max(FEWEST_LOOKED_AT, sample // n)) for n in (4, 2, 1)} | {tracks})
    kept = [max(FINALISTS, -(-runs // 3**place)) for place in range(len(sizes))]
    if len(sizes) > 1:
        kept[-1] = FINALISTS
    return tuple(Round(size, min(runs, most)) for size, most in zip(sizes, kept, strict=True))


def draw(request: ClusterRequest, run_id: int) -> Draw:
    """The draw of this number, from 1 on: always the same one of the same request.

    Draws fill the ranges evenly (Richtmyer, "The Evaluation of Definite Integrals, and a
    Quasi-Monte-Carlo Method", 1951), so that few of them leave out no number of groups by chance.
    """
    rng = np.random.default_rng([request.seed, run_id])
    start = np.random.default_rng(request.seed).random(len(STEPS))
    method, number = request.method, run_id
    if method is ClusterMethod.AUTO:
        method, number = TURNS[(run_id - 1) % len(TURNS)], (run_id - 1) // len(TURNS)
    groups, eps, samples, components = ((start + number * STEPS) % 1.0).tolist()
    low, high = (
        (request.gmm_n_components_min, request.gmm_n_components_max)
        if method is ClusterMethod.GMM
        else (request.num_clusters_min, request.num_clusters_max)
    )
    span = request.dbscan_eps_max - request.dbscan_eps_min
    return Draw(
        run_id=run_id,
        method=method,
        clusters=_whole(groups, low, high),
        eps=round(request.dbscan_eps_min + eps * span, 4),
        min_samples=_whole(samples, request.dbscan_min_samples_min, request.dbscan_min_samples_max),
        components=_whole(components, request.pca_components_min, request.pca_components_max),
        seed=int(rng.integers(2**31)),
    )


def _whole(share: float, low: int, high: int) -> int:
    """The number so far on the way (0 to 1) from ``low`` to ``high``, both of them as likely."""
    return min(high, low + int(share * (high - low + 1)))


def batches(draws: Sequence[Draw]) -> list[tuple[Draw, ...]]:
    """As they are given to a worker."""
    return [tuple(draws[at : at + BATCH_RUNS]) for at in range(0, len(draws), BATCH_RUNS)]


def ranking(tried: Sequence[Best]) -> list[Best]:
    """The best first; the earlier one of equals."""
    return sorted(tried, key=lambda best: (-best.score, best.draw.run_id))


def is_in_vain(tried: Sequence[Best], runs: int) -> bool:
    """Whether nothing better has come for so long that the rest may be left out."""
    best = ranking(tried)[0]
    since = len(tried) - 1 - [one.draw.run_id for one in tried].index(best.draw.run_id)
    return since >= max(FEWEST_IN_VAIN, PATIENCE * runs)
