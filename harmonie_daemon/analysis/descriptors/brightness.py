"""How bright, noisy and bassy the sound is: the shapes of its louder frames, averaged.

Centroid, roll-off and flatness as in Peeters 2004 (CUIDADO), §6.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harmonie_daemon.analysis.descriptors.spectrogram import Spectrogram

GATE = 1e-4
"""Frames 40 dB below the loud ones are rests, whatever hiss is in them."""
SMALLEST = 1e-6


def measure_brightness(spectrogram: Spectrogram) -> Mapping[str, float]:
    """``centroid_hz``, ``rolloff_hz`` (geometric means), ``flatness_db``, ``low_ratio``."""
    power = spectrogram.shape[:, 0]
    heard = spectrogram.shape[power >= GATE * np.percentile(power, 95)].astype(np.float64)
    _, centroid, rolloff, flatness, low = heard.T
    return {
        "centroid_hz": float(np.exp(np.log(np.maximum(centroid, 1.0)).mean())),
        "rolloff_hz": float(np.exp(np.log(np.maximum(rolloff, 1.0)).mean())),
        "flatness_db": 10 * float(np.log10(np.maximum(flatness, SMALLEST)).mean()),
        "low_ratio": float(low.mean()),
    }
