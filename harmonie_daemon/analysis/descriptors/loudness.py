"""Loudness: the original ReplayGain (Robinson 2001), the gain to apply, so loud is negative."""

from __future__ import annotations

from harmonie_daemon.analysis.essentia import standard
from harmonie_daemon.analysis.samples import SAMPLE_RATE, Samples

SHORTEST_S = 0.05
"""ReplayGain needs one window of 50 ms."""
HIGHEST_GAIN_DB = 30.0
"""More gain than this is asked for by near silence only."""


def measure_loudness(samples: Samples) -> float | None:
    """ReplayGain in dB of mono samples at 44.1 kHz; ``None`` for near silence."""
    if len(samples) <= SHORTEST_S * SAMPLE_RATE:
        return None
    gain_db = float(standard().ReplayGain(sampleRate=SAMPLE_RATE)(samples))
    return gain_db if gain_db <= HIGHEST_GAIN_DB else None
