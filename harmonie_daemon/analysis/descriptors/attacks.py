"""How many events there are, how sharply they begin and how far apart they stand.

Flux of log bands (Bello et al. 2005), events as its peaks (Dixon 2006), the percussive share by
median filtering (FitzGerald 2010). The bands are brought to one level first, so that none of it
depends on the gain of the file.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy.ndimage

from harmonie_daemon.analysis.descriptors.onset_functions import Curve, rises
from harmonie_daemon.analysis.descriptors.spectrogram import RATE_HZ, SHAPE_EVERY, Bands

COMPRESSION = 100.0
"""Bands 40 dB below the loud level still count."""
PEAK_FRAMES = 11
"""An event is the highest point within 64 ms on both sides."""
SURROUNDINGS_FRAMES = 87
"""Half a second on both sides, whose mean it must exceed."""
PEAK_OVER_MEAN, PEAK_OVER_ALL = 1.5, 0.5
DEPTH_FLOOR_DB = -40.0
HARMONIC_FRAMES, PERCUSSIVE_BANDS = 9, 9
"""0.42 s of time, and a quarter of the bands."""


def onset_strength(bands: Bands) -> Curve:
    """float32[frames]: mean rise of the log bands, of a track brought to one level."""
    flux: Curve = rises(np.log1p(COMPRESSION * levelled(bands))).mean(axis=1)
    return flux


def levelled(bands: Bands) -> Bands:
    """The bands with the 95th percentile of their frame means at 1."""
    loud = np.percentile(bands.mean(axis=1), 95)
    return bands / np.float32(max(loud, 1e-9))


def measure_attacks(bands: Bands, strength: Curve) -> Mapping[str, float]:
    """``flux``, ``event_rate`` (per second), ``depth_db``, ``percussive_ratio`` (0 to 1).

    The depth is how far the sound falls, on average, below the loudest of the half second around
    it: small when notes are tied, large when they are short.
    """
    return {
        "flux": float(strength.mean(dtype=np.float64)),
        "event_rate": _event_rate(strength),
        "depth_db": _depth(bands),
        "percussive_ratio": _percussive_ratio(levelled(bands[::SHAPE_EVERY])),
    }


def _event_rate(strength: Curve) -> float:
    smooth = scipy.ndimage.uniform_filter1d(strength, 3)
    highest = scipy.ndimage.maximum_filter1d(smooth, PEAK_FRAMES)
    around = scipy.ndimage.uniform_filter1d(smooth, SURROUNDINGS_FRAMES)
    threshold = PEAK_OVER_MEAN * around + PEAK_OVER_ALL * smooth.mean()
    events = np.count_nonzero((smooth == highest) & (smooth > threshold))
    return float(events * RATE_HZ / len(strength))


def _depth(bands: Bands) -> float:
    level = 20 * np.log10(np.maximum(bands.mean(axis=1), 1e-9))
    nearby = scipy.ndimage.maximum_filter1d(level, SURROUNDINGS_FRAMES // 2)
    audible = nearby > nearby.max() + DEPTH_FLOOR_DB
    fall = np.maximum(level[audible] - nearby[audible], DEPTH_FLOOR_DB)
    return -float(fall.mean(dtype=np.float64))


def _percussive_ratio(bands: Bands) -> float:
    """Share of the power that the median across bands claims against the one across time."""
    harmonic = scipy.ndimage.median_filter(bands, (HARMONIC_FRAMES, 1)) ** 2
    percussive = scipy.ndimage.median_filter(bands, (1, PERCUSSIVE_BANDS)) ** 2
    power = bands.astype(np.float64) ** 2
    share = percussive / np.maximum(harmonic + percussive, np.float32(1e-12))
    return float((share * power).sum() / max(power.sum(), 1e-12))
