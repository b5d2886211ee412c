"""Vectors in memory and the exact search over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.playlist import Ranking
from harmonie_daemon.similarity.perspective import Perspective, View
from harmonie_daemon.similarity.proximity import adjusted, nearest, standing_out
from harmonie_daemon.store.records import IdArray

Floats = npt.NDArray[np.float32]
Positions = npt.NDArray[np.intp]

SCORE_DECIMALS = 6
"""Cosines are rounded to this many decimals (float32 carries seven), so that identical
recordings tie, whatever place BLAS finds their rows in."""
TOGETHER = 16
"""Vectors that are compared with all others at once: each of these is read from memory once for
them, and the products, 64 bytes a track, are there at a time."""
GATHER_BELOW = 0.2
"""Share of the rows below which copying them costs less than multiplying all (measured)."""
SPARE_ROWS = 256
"""Smallest room left for rows that come later."""
GROWTH = 1.25
"""Room for later rows, and how many dead rows are borne, relative to the living ones."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: ids int64[k] and cosines float32[k], best first, ties by id.

    By mutual proximity the best need not have the largest cosine.
    """

    ids: IdArray
    scores: Floats


class VectorIndex(Protocol):
    """The vectors of one embedding model. Immutable: ``apply`` answers with a new index."""

    @property
    def ids(self) -> IdArray:
        """Every track that has a vector, ascending."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def search(
        self,
        vec: Floats,
        k: int,
        *,
        allow: IdArray | None = None,
        exclude: IdArray | None = None,
        ranking: Ranking = Ranking.COSINE,
    ) -> Hits:
        """The ``k`` nearest tracks, fewer where there are fewer.

        ``vec`` is float32[dim] of length 1; only ids in ``allow`` (ascending) and not in
        ``exclude`` are answered; ids the index does not know are ignored.
        """

    def search_each(self, vecs: Floats, k: int, *, allow: IdArray) -> list[Hits]:
        """The same by cosine for each of ``vecs`` (float32[m, dim]), in a fraction of the time."""

    def affinities(self, vec: Floats, ranking: Ranking = Ranking.COSINE) -> Floats:
        """How near every track is, float32[n] in the order of ``ids``; the nearest has the most.

        Cosines or, by mutual proximity, how far they stand out (``standing_out``).
        """

    def adjusted(self, vec: Floats, ids: IdArray, scores: Floats) -> Floats:
        """Cosines of known ``ids`` to ``vec``, so changed that they order by mutual proximity."""

    def vectors(self, ids: IdArray) -> Floats:
        """float32[n, dim] in the order asked. Raises ``KeyError`` for an unknown id."""

    def apply(self, ids: IdArray, vectors: Floats, deleted: IdArray) -> Self:
        """The index after inserting or replacing ``ids`` (ascending) and dropping ``deleted``."""


def cosines(vectors: Floats, anchor: Floats) -> Floats:
    """Cosine of each row (length 1) to ``anchor`` (length 1): float32[n], rounded, in [-1, 1]."""
    return _rounded(vectors @ anchor)


def _rounded(products: Floats) -> Floats:
    scores = np.round(products.astype(np.float64), SCORE_DECIMALS)
    return np.clip(scores, -1.0, 1.0).astype(np.float32)


def best(scores: Floats, k: int) -> Positions:
    """Positions of the ``k`` largest scores, largest first; ties by position."""
    if k < len(scores):
        bound = np.partition(scores, len(scores) - k)[len(scores) - k] if k > 0 else np.inf
        sure = np.flatnonzero(scores > bound)
        tied = np.flatnonzero(scores == bound)[: max(k, 0) - len(sure)]
        chosen = np.concatenate((sure, tied))
    else:
        chosen = np.arange(len(scores))
    return chosen[np.lexsort((chosen, -scores[chosen]))]


def positions_of(ids: IdArray, wanted: IdArray) -> tuple[Positions, npt.NDArray[np.bool_]]:
    """Where each of ``wanted`` stands in the ascending ``ids``, and whether it is there at all."""
    if len(ids) == 0:
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return at, ids[at] == wanted


class _Buffer:
    """A matrix, perhaps with spare rows; snapshots that share it never see later rows."""

    __slots__ = ("matrix", "used")

    def __init__(self, matrix: Floats, used: int) -> None:
        self.matrix = matrix
        self.used = used

    def grown(self, used: int, room: int) -> _Buffer:
        """A copy of the first ``used`` rows with at least ``room`` spare ones behind them."""
        spare = max(SPARE_ROWS, room, int(used * (GROWTH - 1)))
        matrix = np.empty((used + spare, self.matrix.shape[1]), np.float32)
        matrix[:used] = self.matrix[:used]
        return _Buffer(matrix, used)


class FlatIndex:
    """Every vector compared with the query: exact, and fast to about 100,000 tracks.

    A snapshot owns its ids and the rows they stand in; the rows live in a buffer that later
    snapshots share, so that a small change costs no copy of the matrix. One writer at a time.
    """

    __slots__ = ("_buffer", "_high", "_ids", "_perspective", "_rows")

    def __init__(self, ids: IdArray, vectors: Floats) -> None:
        """``ids`` int64[n] ascending, each once; ``vectors`` float32[n, dim], length 1, kept."""
        self._ids = ids
        self._rows: Positions = np.arange(len(ids))
        self._buffer = _Buffer(vectors, len(vectors))
        self._high = len(ids)
        self._perspective = Perspective()

    @property
    def ids(self) -> IdArray:
        """Every track that has a vector, ascending."""
        return self._ids

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._buffer.matrix.shape[1])

    def search(
        self,
        vec: Floats,
        k: int,
        *,
        allow: IdArray | None = None,
        exclude: IdArray | None = None,
        ranking: Ranking = Ranking.COSINE,
    ) -> Hits:
        """The ``k`` nearest tracks, as ``VectorIndex`` says."""
        candidates = None if allow is None else self._known(allow)
        scores = self._scores(vec, candidates)
        wanted = k if exclude is None else k + len(exclude)
        top = self._best(vec, scores, candidates, wanted, ranking)
        ids = self._ids[top] if candidates is None else self._ids[candidates[top]]
        if exclude is None:
            return Hits(ids, scores[top])
        stays = np.flatnonzero(~np.isin(ids, exclude))[:k]
        return Hits(ids[stays], scores[top][stays])

    def search_each(self, vecs: Floats, k: int, *, allow: IdArray) -> list[Hits]:
        """Some at a time, as ``VectorIndex`` says."""
        candidates = self._known(allow)
        rows, found = self._rows[candidates], []
        for start in range(0, len(vecs), TOGETHER):
            products = self._buffer.matrix[: self._high] @ vecs[start : start + TOGETHER].T
            for column in products.T:
                scores = _rounded(column[rows])
                top = best(scores, k)
                found.append(Hits(self._ids[candidates[top]], scores[top]))
        return found

    def affinities(self, vec: Floats, ranking: Ranking = Ranking.COSINE) -> Floats:
        """How near every track is, as ``VectorIndex`` says."""
        scores = self._scores(vec, None)
        view = None if ranking is Ranking.COSINE else self._view()
        if view is None:
            return scores
        return standing_out(scores, view.outlook, view.crowd.seen_from(vec[None]))

    def adjusted(self, vec: Floats, ids: IdArray, scores: Floats) -> Floats:
        """``scores`` in the order of mutual proximity, as ``VectorIndex`` says."""
        view = self._view()
        if view is None:
            return scores
        at, _ = positions_of(self._ids, ids)
        return adjusted(scores, view.outlook.at(at), view.crowd.seen_from(vec[None]))

    def vectors(self, ids: IdArray) -> Floats:
        """float32[n, dim] in the order asked. Raises ``KeyError`` for an unknown id."""
        at, known = positions_of(self._ids, ids)
        if not known.all():
            raise KeyError(int(ids[~known][0]))
        return self._buffer.matrix[self._rows[at]]

    def apply(self, ids: IdArray, vectors: Floats, deleted: IdArray) -> FlatIndex:
        """The index after inserting or replacing ``ids`` (ascending) and dropping ``deleted``."""
        if len(self._ids) == 0 and len(ids):
            return FlatIndex(ids, vectors)
        stays = ~(np.isin(self._ids, ids) | np.isin(self._ids, deleted))
        buffer = self._with_room(len(vectors))
        end = self._high + len(vectors)
        if len(vectors):
            buffer.matrix[self._high : end] = vectors
            buffer.used = end
        merged = np.concatenate((self._ids[stays], ids))
        order = np.argsort(merged, kind="stable")
        after = FlatIndex.__new__(FlatIndex)
        after._ids = merged[order]
        after._rows = np.concatenate((self._rows[stays], np.arange(self._high, end)))[order]
        after._buffer, after._high = buffer, end
        after._perspective = self._perspective.after(stays, vectors, order)
        return after if after._high <= GROWTH * len(merged) + SPARE_ROWS else after._compacted()

    def _with_room(self, count: int) -> _Buffer:
        """This snapshot's buffer if the rows behind its last one are free, else a copy."""
        is_free = self._buffer.used == self._high
        if count == 0 or (is_free and self._high + count <= len(self._buffer.matrix)):
            return self._buffer
        return self._buffer.grown(self._high, count)

    def _compacted(self) -> FlatIndex:
        compacted = FlatIndex(self._ids, self._buffer.matrix[self._rows])
        compacted._perspective = self._perspective
        return compacted

    def _view(self) -> View | None:
        return self._perspective.view(
            len(self._ids), lambda positions: self._buffer.matrix[self._rows[positions]]
        )

    def _best(
        self, vec: Floats, scores: Floats, candidates: Positions | None, k: int, ranking: Ranking
    ) -> Positions:
        """Positions of the ``k`` nearest among ``scores``, which are of the candidates."""
        view = None if ranking is Ranking.COSINE else self._view()
        if view is None:
            return best(scores, k)
        theirs = view.outlook if candidates is None else view.outlook.at(candidates)
        return nearest(scores, theirs, view.crowd.seen_from(vec[None]), k)

    def _known(self, ids: IdArray) -> Positions:
        at, known = positions_of(self._ids, ids)
        return at[known]

    def _scores(self, vec: Floats, candidates: Positions | None) -> Floats:
        if candidates is not None and len(candidates) < GATHER_BELOW * len(self._ids):
            return cosines(self._buffer.matrix[self._rows[candidates]], vec)
        scores = cosines(self._buffer.matrix[: self._high], vec)[self._rows]
        return scores if candidates is None else scores[candidates]
