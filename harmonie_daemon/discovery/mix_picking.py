"""Which tracks a mix is made of: as long as was asked for, half of it known, half of it new."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.playlist import MAX_LENGTH
from harmonie_daemon.playlists.picker import Picker, Rules
from harmonie_daemon.similarity.columns import Columns

UNBALANCED = 2.0
"""What a track loses of its score, 1 at most, while its kind has more than its half."""
ENDING = 1.5
"""Of the usual length: with so little time left, what fits counts more than what is best."""
ENDINGS = 30
"""The best candidates, among which the one that fits is taken then."""


@dataclass(frozen=True, slots=True)
class MixPool:
    """What may be picked; all arrays in the order of ascending ids."""

    columns: Columns
    scores: npt.NDArray[np.float32]
    durations_s: npt.NDArray[np.float64]
    is_new: npt.NDArray[np.bool_]
    """Never played here."""


def pick(pool: MixPool, target_s: float, *, balanced: bool) -> tuple[int, ...]:
    """Rows of the pool, best first: together ``target_s``, give or take half a track.

    Less where the pool holds less, and one track at least if it holds any. ``balanced``: known and
    new ones have about as much time each, as far as there are enough.
    """
    making = _Making(pool, target_s, balanced=balanced)
    while len(making.rows) < MAX_LENGTH and making.step():
        pass
    return tuple(making.rows)


class _Making:
    """A mix while it grows."""

    def __init__(self, pool: MixPool, target_s: float, *, balanced: bool) -> None:
        self._pool, self._left_s, self._balanced = pool, target_s, balanced
        self._picker = Picker(Rules(flow=False), np.random.default_rng(0))
        self._usual_s = float(np.median(pool.durations_s)) if len(pool.durations_s) else 0.0
        self._spent_s = {True: 0.0, False: 0.0}
        self.rows: list[int] = []

    def step(self) -> bool:
        """Take one more track; whether another may follow."""
        offer = self._picker.offer(self._pool.columns)
        is_short = self._pool.durations_s <= self._left_s
        if self._left_s <= ENDING * self._usual_s or not (is_short & ~offer.dead).any():
            return self._end(np.flatnonzero(~offer.dead))
        offer.dead |= ~is_short
        row = self._picker.fill(offer, self._scores(), 1)
        if row is not None:
            self._note(row)
        return row is not None

    def _end(self, rows: npt.NDArray[np.intp]) -> bool:
        """Take the one of the best that fits into what is left, if that brings the end nearer.

        If it does not, what is left is no more than half of any of them.
        """
        if not len(rows):
            return False
        best = rows[np.argsort(-self._scores()[rows], kind="stable")][:ENDINGS]
        off_s = np.abs(self._pool.durations_s[best] - self._left_s)
        nearest = int(np.argmin(off_s))
        if self.rows and off_s[nearest] >= abs(self._left_s):
            return False
        row = int(best[nearest])
        self._picker.put(self._pool.columns, row, float(self._pool.scores[row]))
        self._note(row)
        return self._left_s > 0

    def _note(self, row: int) -> None:
        self.rows.append(row)
        self._left_s -= float(self._pool.durations_s[row])
        self._spent_s[bool(self._pool.is_new[row])] += float(self._pool.durations_s[row])

    def _scores(self) -> npt.NDArray[np.float32]:
        if not self._balanced or self._spent_s[True] == self._spent_s[False]:
            return self._pool.scores
        has_more = self._spent_s[True] > self._spent_s[False]
        lost = np.where(self._pool.is_new == has_more, np.float32(UNBALANCED), np.float32(0))
        return np.asarray(self._pool.scores - lost)
