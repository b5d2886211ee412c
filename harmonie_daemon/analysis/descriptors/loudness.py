"""Loudness: the original ReplayGain (Robinson 2001), the gain to apply, so loud is negative.

The same figure to five digits as Essentia's ReplayGain, from the same filter, but a stretch at
a time: Essentia's holds two more copies of the track in memory.
"""

from __future__ import annotations

import numpy as np

from harmonie_daemon.analysis.essentia import standard
from harmonie_daemon.analysis.samples import SAMPLE_RATE, Samples

WINDOW = SAMPLE_RATE // 20
"""50 ms."""
STRETCH_WINDOWS = 200
LOUD_SHARE = 0.95
"""The level that counts is exceeded by a twentieth of the windows."""
REFERENCE_DB = -31.492595672607422
"""The level of the pink noise that needs no gain."""
HIGHEST_GAIN_DB = 30.0
"""More gain than this is asked for by near silence only."""


def measure_loudness(samples: Samples) -> float | None:
    """ReplayGain in dB of mono samples at 44.1 kHz; ``None`` for near silence or under 50 ms."""
    if len(samples) < WINDOW:
        return None
    powers = np.sort(_window_powers(samples))
    loud = powers[int(LOUD_SHARE * len(powers))]
    gain_db = REFERENCE_DB - 10 * float(np.log10(max(loud, 1e-10)))
    return gain_db if gain_db <= HIGHEST_GAIN_DB else None


def _window_powers(samples: Samples) -> Samples:
    """Mean square of every 50 ms after the equal-loudness filter, which keeps its state."""
    equal_loudness = standard().EqualLoudness(sampleRate=SAMPLE_RATE)
    powers = []
    stretch = STRETCH_WINDOWS * WINDOW
    for start in range(0, len(samples) - WINDOW + 1, stretch):
        filtered = equal_loudness(samples[start : start + stretch])
        windows = filtered[: len(filtered) // WINDOW * WINDOW].reshape(-1, WINDOW)
        powers.append(np.einsum("ij,ij->i", windows, windows) / WINDOW)
    return np.concatenate(powers)
