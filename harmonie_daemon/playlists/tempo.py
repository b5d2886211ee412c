"""How far tempos are apart, as a listener counts: an octave up or down is the same pulse."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from harmonie_daemon.similarity.index import Floats

TEMPO_PENALTY = 0.2
"""What the farthest tempo loses, in units of score: less than one standard deviation of the cosine
between two tracks, so that it decides among tracks that sound about as near."""
FARTHEST = 0.5
"""Octaves between tempos that are as far apart as can be, such as 100 and 141 BPM."""
USUAL = 0.25
"""Octaves between two tempos on average, which is what an unknown one is taken for."""

Tempos = npt.NDArray[np.float64]


def tempo_gaps(bpm: float | Tempos, bpms: Tempos) -> Tempos:
    """Octaves from ``bpm`` to the nearest octave of each of ``bpms``: 0 to 0.5, NaN if unknown."""
    octaves = np.abs(np.log2(bpms / bpm))
    return np.asarray(np.abs(octaves - np.round(octaves)))


def tempo_losses(bpm: float, bpms: Tempos) -> Floats:
    """What candidates lose after a track of ``bpm``; nothing where that is unknown (NaN)."""
    if np.isnan(bpm):
        return np.zeros(len(bpms), np.float32)
    gaps = np.nan_to_num(tempo_gaps(bpm, bpms), nan=USUAL)
    return np.asarray(TEMPO_PENALTY / FARTHEST * gaps, np.float32)
