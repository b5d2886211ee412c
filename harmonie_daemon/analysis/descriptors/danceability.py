"""Danceability: detrended fluctuation analysis (Streich and Herrera 2005), on 16 kHz."""

from __future__ import annotations

from harmonie_daemon.analysis.essentia import standard
from harmonie_daemon.analysis.samples import Samples

SAMPLE_RATE = 16_000


def measure_danceability(samples: Samples) -> float:
    """0 to about 3 for mono samples at 16 kHz, at least three seconds of them."""
    value, _ = standard().Danceability(sampleRate=SAMPLE_RATE)(samples)
    return float(value)
