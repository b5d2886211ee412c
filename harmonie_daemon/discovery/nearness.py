"""What sounds like some tracks, over the whole library."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from harmonie_daemon.discovery.evidence import Floats
from harmonie_daemon.domain.playlist import Ranking
from harmonie_daemon.similarity.index import Hits, VectorIndex, positions_of
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

    def to(self, examples: npt.ArrayLike) -> Floats:
        """float32[n], 0 to 1: how near each track is to what the examples have in common.

        0 without a vector, and everywhere if no example has one.
        """
        near = np.zeros(len(self._ids), np.float32)
        wanted = np.intersect1d(np.asarray(examples, np.int64), self._index.ids)
        if not len(wanted) or len(self._index.ids) < 2:
            return near
        hits = self.nearest(wanted)
        rank = np.empty(len(hits.ids), np.float32)
        rank[np.searchsorted(self._index.ids, hits.ids)] = np.arange(len(rank), dtype=np.float32)
        share = (rank + 1) / np.float32(len(rank))
        full = max(SURE_NEAR, min(1.0, (len(wanted) + SURELY) / len(rank)))
        none = full + JUST_NEAR * (1 - full)
        span = np.float32(np.log(none / full)) if full < none else np.float32(1.0)
        score = np.clip(np.log(np.float32(none) / share) / span, 0.0, 1.0)
        near[self._has] = score[self._at[self._has]]
        return near

    def nearest(self, examples: IdArray) -> Hits:
        """Every vector of the index, nearest first to the mean of the examples', by mutual
        proximity; the examples (ascending) are all known to it."""
        some = examples
        if len(some) > MOST_EXAMPLES:
            some = examples[np.linspace(0, len(examples) - 1, MOST_EXAMPLES).astype(np.intp)]
        mean = self._index.vectors(some).mean(axis=0)
        length = float(np.linalg.norm(mean))
        anchor = (mean / length).astype(np.float32) if length > 0 else mean
        return self._index.search(anchor, len(self._index.ids), ranking=Ranking.MUTUAL)
