"""Pulse clarity: how well the onsets repeat at the distance of a beat (Lartillot et al. 2008)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy.fft

from harmonie_daemon.analysis.descriptors.onset_functions import Curve
from harmonie_daemon.analysis.descriptors.spectrogram import RATE_HZ

SHORTEST_BEAT_S, LONGEST_BEAT_S = 0.28, 1.5
"""40 to 214 beats a minute."""


def measure_pulse(strength: Curve) -> Mapping[str, float]:
    """``pulse_clarity``: the highest autocorrelation of the onset strength, 0 to 1."""
    centred = strength.astype(np.float64) - strength.mean()
    count = len(centred)
    size = scipy.fft.next_fast_len(2 * count, real=True)
    correlation = scipy.fft.irfft(np.abs(scipy.fft.rfft(centred, size)) ** 2, size)
    lags = np.arange(int(SHORTEST_BEAT_S * RATE_HZ), min(int(LONGEST_BEAT_S * RATE_HZ), count // 2))
    if not len(lags) or correlation[0] <= 0:
        return {"pulse_clarity": 0.0}
    best = (correlation[lags] * count / (count - lags)).max() / correlation[0]
    return {"pulse_clarity": float(np.clip(best, 0.0, 1.0))}
