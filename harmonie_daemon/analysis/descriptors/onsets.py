"""Onset rate: Essentia's OnsetRate on the central minute, .99 correlated with the whole."""

from __future__ import annotations

from harmonie_daemon.analysis.essentia import standard
from harmonie_daemon.analysis.samples import SAMPLE_RATE, Samples

EXCERPT_S = 60.0
SHORTEST_S = 0.5
"""Below this a rate per second says nothing."""


def measure_onset_rate(samples: Samples) -> float | None:
    """Onsets per second of mono samples at 44.1 kHz."""
    excerpt = central(samples, int(EXCERPT_S * SAMPLE_RATE))
    if len(excerpt) < SHORTEST_S * SAMPLE_RATE:
        return None
    _, rate = standard().OnsetRate()(excerpt)
    return float(rate)


def central(samples: Samples, count: int) -> Samples:
    """At most ``count`` samples around the middle; a view."""
    start = max(0, (len(samples) - count) // 2)
    return samples[start : start + count]
