"""``similar`` and ``drift``: walks through the neighbourhood of some seeds."""

from __future__ import annotations

import numpy as np

from harmonie_daemon.domain.playlist import Ranking
from harmonie_daemon.playlists.picker import Picker
from harmonie_daemon.similarity.index import Floats, cosines
from harmonie_daemon.similarity.space import Space
from harmonie_daemon.store.records import IdArray

OVERSAMPLE = 6
"""Candidates of ``similar`` for each track wanted: room for cooldown, doubles and gates, while
everything stays close to the seeds."""
SMALLEST_POOL = 200
LARGEST_POOL = 5000
"""Where a first pool stops, and looking for another artist does; its vectors still fit a
processor's cache."""
SHARE_OF_LIBRARY = 4
"""At most one track in four is a candidate (though twice what is wanted), or a walk through a
small library would end at the far side of it."""
DRIFT_POOL = 1000
"""Candidates of ``drift`` around each anchor; ones farther away win only when a thousand nearer
tracks are all of resting artists."""
WIDENING = 4
"""How much larger the next pool is when the gates left nothing in this one."""


def first_pool(n: int, total: int) -> int:
    """How many candidates ``similar`` starts with for ``n`` tracks out of ``total``."""
    wanted = min(max(SMALLEST_POOL, OVERSAMPLE * n), LARGEST_POOL)
    return max(min(wanted, total // SHARE_OF_LIBRARY), 2 * n)


def centroid(vectors: Floats, weights: Floats) -> Floats:
    """The weighted mean direction of vectors float32[n, dim], length 1.

    Where they cancel each other out there is no such direction: the first vector then.
    """
    mean = np.asarray(weights @ vectors, np.float32)
    length = float(np.linalg.norm(mean))
    return vectors[0] if length < 1e-6 else np.asarray(mean / length, np.float32)


class Pool:
    """The tracks nearest to a centre that the list may still take; it can be widened."""

    def __init__(
        self,
        space: Space,
        picker: Picker,
        centre: Floats,
        size: int,
        allow: IdArray | None,
        ranking: Ranking,
    ) -> None:
        self._space = space
        self._picker = picker
        self._centre = centre
        self._allow = allow
        self._size = size
        self._ranking = ranking
        self._search()

    @property
    def is_complete(self) -> bool:
        """Whether no further track could come in."""
        return len(self.vectors) < self._size

    def widen(self) -> bool:
        """Take in tracks from farther away; no if there are none."""
        if self.is_complete:
            return False
        self._size *= WIDENING
        self._search()
        return True

    def fill(self, anchor: Floats, count: int) -> Floats | None:
        """Let the list take up to ``count`` tracks near ``anchor``; the vector of the last."""
        cosine = cosines(self.vectors, anchor)
        scores = cosine
        if self._ranking is Ranking.MUTUAL:
            scores = self._space.index.adjusted(anchor, self._ids, cosine)
        row = self._picker.fill(self._candidates, scores, count, shown=cosine)
        return None if row is None else self.vectors[row]

    def _search(self) -> None:
        hits = self._space.index.search(
            self._centre,
            self._size,
            allow=self._allow,
            exclude=self._picker.excluded,
            ranking=self._ranking,
        )
        self._ids = np.sort(hits.ids)
        self.vectors = self._space.index.vectors(self._ids)
        self._candidates = self._picker.offer(
            self._space.columns.take(self._ids),
            is_last=self.is_complete or self._size >= LARGEST_POOL,
        )


def similar(
    space: Space,
    picker: Picker,
    anchor: Floats,
    n: int,
    allow: IdArray | None,
    ranking: Ranking = Ranking.MUTUAL,
) -> None:
    """Lengthen the list to ``n`` from the pool around ``anchor``, re-anchored on each pick."""
    total = len(space.index.ids) if allow is None else len(allow)
    pool = Pool(space, picker, anchor, first_pool(n, total), allow, ranking)
    while len(picker) < n:
        last = pool.fill(anchor, 1)
        if last is not None:
            anchor = last
        elif not pool.widen():
            break


def drift(
    space: Space,
    picker: Picker,
    anchor: Floats,
    n: int,
    allow: IdArray | None,
    *,
    chunk_size: int,
    ranking: Ranking = Ranking.MUTUAL,
) -> None:
    """Lengthen the list to ``n`` in chunks, each anchored on the last pick of the one before."""
    while len(picker) < n:
        last = chunk(space, picker, anchor, min(chunk_size, n - len(picker)), allow, ranking)
        if last is None:
            break
        anchor = last


def chunk(
    space: Space,
    picker: Picker,
    anchor: Floats,
    count: int,
    allow: IdArray | None,
    ranking: Ranking = Ranking.MUTUAL,
) -> Floats | None:
    """Pick ``count`` tracks near ``anchor``; the vector of the last, ``None`` without any."""
    size = max(DRIFT_POOL, OVERSAMPLE * count)
    pool = Pool(space, picker, anchor, size, allow, ranking)
    goal = len(picker) + count
    last: Floats | None = None
    while True:
        picked = pool.fill(anchor, goal - len(picker))
        last = last if picked is None else picked
        if len(picker) == goal or not pool.widen():
            return last
