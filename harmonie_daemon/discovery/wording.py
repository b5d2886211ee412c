"""Which tracks say in words what a query asks for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from harmonie_daemon.discovery.evidence import Floats, TrackEvidence
from harmonie_daemon.store.records import IdArray


class Wording:
    """The tracks that have the words of a query, and those whose names say what a clause says."""

    def __init__(self, words: Sequence[IdArray], clauses: Sequence[IdArray]) -> None:
        """``words``: the tracks of each word; ``clauses``: of each clause."""
        self._words = [ids for ids in words if len(ids)]
        self._clauses = clauses

    @property
    def known_words(self) -> int:
        """Words that some track has; the others say nothing about any."""
        return len(self._words)

    def coverage(self, evidence: TrackEvidence) -> Floats | None:
        """How much of the words each track has, 0 to 1, rarer ones counting more; ``None`` if no
        track has any."""
        if not self._words:
            return None
        covered = np.zeros(len(evidence.ids), np.float64)
        total = 0.0
        for ids in self._words:
            rarity = float(np.log1p(len(evidence.ids) / len(ids)))
            covered[evidence.positions(ids)] += rarity
            total += rarity
        return (covered / total).astype(np.float32)

    def named(self, clause: int, evidence: TrackEvidence) -> npt.NDArray[np.bool_]:
        """The tracks whose title, album or file says what this clause of the query says."""
        found = np.zeros(len(evidence.ids), np.bool_)
        found[evidence.positions(self._clauses[clause])] = True
        return found
