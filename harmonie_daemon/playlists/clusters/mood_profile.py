"""Which moods stand out in some tracks against their library. Runs on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.mood import MOOD_LABELS, MoodLabel
from harmonie_daemon.playlists.clusters.facts import Floats

Scores = npt.NDArray[np.float64]
STANDS_OUT = 2.0
"""Standard errors above the library's mean from which on a mood says something of a playlist."""
RARE = 1e-3
"""A mood whose mean in the library is below this has no base to be compared with."""


@dataclass(frozen=True, slots=True)
class Distinction:
    """A mood of some tracks."""

    label: MoodLabel
    mean: float
    """0 to 1."""
    lift: float
    """Times its mean in the library."""


@dataclass(frozen=True, slots=True)
class MoodBase:
    """How strong each mood is in the library."""

    means: Scores
    """float64[17]."""
    deviations: Scores

    @classmethod
    def of(cls, moods: Floats) -> MoodBase:
        """Of float32[tracks, 17] with NaN for tracks of which nothing is known."""
        known = _known(moods)
        if not len(known):
            return cls(np.zeros(len(MOOD_LABELS)), np.zeros(len(MOOD_LABELS)))
        return cls(known.mean(axis=0), known.std(axis=0))

    def lifts(self, moods: Floats) -> Scores:
        """float64[17]: how many times as strong as in the library each mood is in these tracks.

        1 where nothing is known, and for moods that the library hardly has.
        """
        known = _known(moods)
        lifts: Scores = np.ones(len(self.means))
        if len(known):
            np.divide(known.mean(axis=0), self.means, out=lifts, where=self.means > RARE)
        return lifts

    def distinctions(self, moods: Floats) -> list[Distinction]:
        """The moods of these tracks that stand out, by lift, the greatest first."""
        known, lifts = _known(moods), self.lifts(moods)
        if not len(known):
            return []
        means = known.mean(axis=0)
        beyond = (means - self.means) > STANDS_OUT * self.deviations / np.sqrt(len(known))
        places = np.flatnonzero(beyond & (lifts > 1.0))
        return [
            Distinction(MOOD_LABELS[place], float(means[place]), float(lifts[place]))
            for place in sorted(places.tolist(), key=lambda place: -lifts[place])
        ]


def _known(moods: Floats) -> Scores:
    return moods[~np.isnan(moods[:, 0])].astype(np.float64)
