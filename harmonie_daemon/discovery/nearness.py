"""What sounds like some tracks, over the whole library."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from harmonie_daemon.discovery.evidence import Floats
from harmonie_daemon.discovery.kept_answers import KeptAnswers
from harmonie_daemon.domain.playlist import Ranking
from harmonie_daemon.similarity.index import VectorIndex, positions_of
from harmonie_daemon.store.records import IdArray

MOST_EXAMPLES = 200
"""Tracks from which a common sound is taken, spread evenly over those there are."""
SURELY = 3
"""So many more than there are examples count in full, however small the library is."""
SURE_NEAR, JUST_NEAR = 0.002, 0.25
"""Share of the library that is at least as near as a track that counts in full, or that is nearer
than one that counts no more; of the rest of it where the examples are many."""


class Nearness:
    """Closeness to examples, by rank: the nearest in the library count 1, most of it 0."""

    def __init__(self, index: VectorIndex, ids: IdArray) -> None:
        """``ids`` (ascending) are the tracks that are asked about."""
        self._index, self._ids = index, ids
        self._at, self._has = positions_of(index.ids, ids)
        self._kept = KeptAnswers()

    def is_of(self, index: VectorIndex, ids: IdArray) -> bool:
        """Whether it is of this very state of the library."""
        return self._index is index and self._ids is ids

    def to(self, examples: npt.ArrayLike) -> Floats:
        """float32[n], 0 to 1: how near each track is to what the examples have in common.

        0 without a vector, and everywhere if no example has one. Not to be changed.
        """
        wanted = known(self._index, examples)
        return self._kept.answer(wanted.tobytes(), lambda: self._near(wanted))

    def _near(self, wanted: IdArray) -> Floats:
        near = np.zeros(len(self._ids), np.float32)
        count = len(self._index.ids)
        if not len(wanted) or count < 2:
            return near
        affinities = self._index.affinities(anchor(self._index, wanted), Ranking.MUTUAL)
        share = np.empty(count, np.float32)
        share[np.argsort(-affinities)] = np.arange(1, count + 1, dtype=np.float32)
        share /= np.float32(count)
        full = max(SURE_NEAR, min(1.0, (len(wanted) + SURELY) / count))
        none = full + JUST_NEAR * (1 - full)
        span = np.float32(np.log(none / full)) if full < none else np.float32(1.0)
        score = np.clip(np.log(np.float32(none) / share) / span, 0.0, 1.0)
        near[self._has] = score[self._at[self._has]]
        return near


def known(index: VectorIndex, ids: npt.ArrayLike) -> IdArray:
    """Those of ``ids`` that have a vector, ascending, each once."""
    wanted = np.unique(np.asarray(ids, np.int64))
    _, found = positions_of(index.ids, wanted)
    return wanted[found]


def anchor(index: VectorIndex, examples: IdArray) -> Floats:
    """What the vectors of examples (ascending, known) have in common: float32[dim], length 1."""
    some = examples
    if len(some) > MOST_EXAMPLES:
        some = examples[np.linspace(0, len(examples) - 1, MOST_EXAMPLES).astype(np.intp)]
    mean = index.vectors(some).mean(axis=0)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length > 0 else mean, np.float32)
