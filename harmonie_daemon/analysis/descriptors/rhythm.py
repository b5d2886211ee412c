"""Tempo: beats tracked on four onset functions, the most agreed-upon kept.

Beat tracking after Degara et al. 2012, choice by mutual agreement after Zapata et al. 2014
(both Essentia's). The tempo is the mean of the steady beat intervals: their median would be
a multiple of the hop (152.0 for a true 153.8). Which multiple of it the beat is says
``tempo_ratios``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harmonie_daemon.analysis.descriptors.onset_functions import Curve, onset_functions
from harmonie_daemon.analysis.descriptors.spectrogram import RATE_HZ, Bands
from harmonie_daemon.analysis.descriptors.tempo_ratios import (
    correlate,
    likeliest_tempo,
    steadiness,
)
from harmonie_daemon.analysis.essentia import standard

SLOWEST_TRACKED_BPM, FASTEST_TRACKED_BPM = 40, 208
SLOWEST_BPM, FASTEST_BPM = 30.0, 300.0
FEWEST_BEATS = 4
STEADY = 0.1
"""A beat interval within this share of the median counts as steady."""
HIGHEST_CONFIDENCE = 5.32


@dataclass(frozen=True, slots=True)
class Rhythm:
    """``None`` where no tempo was found."""

    bpm: float | None = None
    confidence: float | None = None
    """0 to 5.32 on the scale of RhythmExtractor2013."""


def measure_rhythm(bands: Bands) -> Rhythm:
    """The tempo from the bands of a spectrogram of at least three seconds."""
    curves = onset_functions(bands)
    rhythm = tracked(curves)
    if rhythm.bpm is None or rhythm.confidence is None:
        return rhythm
    correlations = correlate(curves)
    bpm = likeliest_tempo(rhythm.bpm, correlations)
    return Rhythm(bpm, rhythm.confidence * steadiness(bpm, correlations))


def tracked(curves: Sequence[Curve]) -> Rhythm:
    """What the beat trackers settle on, from the four onset functions."""
    essentia = standard()
    track = essentia.TempoTapDegara(
        sampleRateODF=RATE_HZ, minTempo=SLOWEST_TRACKED_BPM, maxTempo=FASTEST_TRACKED_BPM
    )
    candidates = [track(curve) for curve in curves]
    if all(len(beats) < FEWEST_BEATS for beats in candidates):
        return Rhythm()
    beats, confidence = essentia.TempoTapMaxAgreement()(candidates)
    bpm = tempo_of(np.asarray(beats, dtype=np.float64))
    return Rhythm() if bpm is None else Rhythm(bpm, reference_confidence(confidence))


def tempo_of(beats: npt.NDArray[np.float64]) -> float | None:
    """Beats per minute from beat times in seconds; ``None`` for too few or an absurd tempo."""
    if len(beats) < FEWEST_BEATS:
        return None
    intervals = np.diff(beats)
    median = np.median(intervals)
    steady = intervals[np.abs(intervals - median) <= STEADY * median]
    bpm = 60 / float(steady.mean()) if len(steady) and median > 0 else 0.0
    return bpm if SLOWEST_BPM <= bpm <= FASTEST_BPM else None


def reference_confidence(agreement: float) -> float:
    """Agreement of our four trackers on the scale of RhythmExtractor2013's five (fitted)."""
    return float(np.clip(0.832 * agreement - 0.167, 0.0, HIGHEST_CONFIDENCE))
