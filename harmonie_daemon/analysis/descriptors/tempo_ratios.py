"""Which simple multiple of a tracked tempo is the beat.

Trackers settle on half or twice the beat, and in music with syncopation on two thirds or four
thirds of it. Each candidate is scored by how the onsets repeat at multiples of its beat, in all
bands and in the low ones, and by whether high answers low a beat later, as a snare does a kick: a
linear score, with a weak preference for usual tempi, whose weights bench/tempo_fit.py fits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from harmonie_daemon.analysis.descriptors.onset_functions import Curve
from harmonie_daemon.analysis.descriptors.spectrogram import RATE_HZ

RATIOS = (1, 3 / 4, 4 / 3, 2 / 3, 3 / 2, 1 / 2, 2)
SLOWEST_BPM, FASTEST_BPM = 40.0, 208.0
USUAL_BPM = 120.0
ALL_AT = (1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3, 4)
"""Multiples of a beat at which it is asked whether the onsets repeat."""
LOW_AT = (1 / 2, 1, 2, 4)
ANSWERED_AT = (1 / 2, 1, 2)
LONGEST_S = 60 / SLOWEST_BPM * 4 * 1.02
WIDTH = 0.01
"""A repetition may lie this share of its lag to either side."""

UNSTEADY, STEADY = 0.05, 0.12
"""Correlations at which there is no beat, and at which there is one."""

WEIGHTS = np.array(
    (
        *(-5.56, 2.08, -3.39, 3.75, 1.51, -0.18, 0.61, 1.44),
        *(-7.27, -3.22, 3.28, 3.40),
        *(3.57, 3.88, -4.54),
        *(0.89, -2.62, -3.51),
    )
)
"""For what ``evidence`` returns."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Correlations:
    """By lag in frames, up to six seconds; at most about 1."""

    together: Floats
    """Mean autocorrelation of the four onset functions."""
    low: Floats
    """Autocorrelation of the low bands."""
    answers: Floats
    """Of the low bands with the others that much later or earlier."""


def likeliest_tempo(bpm: float, correlations: Correlations) -> float:
    """The best of the tracked tempo's multiples."""
    return max(candidates(bpm), key=lambda each: float(WEIGHTS @ evidence(each, bpm, correlations)))


def steadiness(bpm: float, correlations: Correlations) -> float:
    """From 0 to 1: whether the onsets repeat after one to four beats at all.

    Trackers agree on rubato and on rain now and then; songs with drums repeat at 0.12 or more.
    """
    beat = 60 / bpm * RATE_HZ
    repeats = max(_highest(correlations.together, beat * count) for count in (1, 2, 3, 4))
    return float(np.clip((repeats - UNSTEADY) / (STEADY - UNSTEADY), 0.0, 1.0))


def candidates(bpm: float) -> list[float]:
    """The tempo and its multiples within reason; the tempo alone if there are none."""
    usual = [bpm * ratio for ratio in RATIOS if SLOWEST_BPM <= bpm * ratio <= FASTEST_BPM]
    return usual or [bpm]


def correlate(curves: Sequence[Curve]) -> Correlations:
    """Of the four onset functions, of which the second is that of the low bands."""
    count = len(curves[0])
    lags = min(count, int(LONGEST_S * RATE_HZ) + 1)
    size = scipy.fft.next_fast_len(count + lags, real=True)
    fewer = count / (count - np.arange(lags))  # products there are at a lag

    def by_lag(spectrum: Floats) -> Floats:
        values: Floats = scipy.fft.irfft(spectrum, size)[:lags] * fewer
        return values

    spectra = [_spectrum(curve, size) for curve in curves]
    powers = [_power(spectrum) / _energy(spectrum, size) for spectrum in spectra]
    low, high = spectra[1], spectra[0] - spectra[1]
    loudness = math.sqrt(_energy(low, size) * _energy(high, size))
    return Correlations(
        together=by_lag(np.mean(powers, axis=0)),
        low=by_lag(powers[1]),
        answers=by_lag((low * high.conj()).real / loudness),
    )


def evidence(candidate: float, bpm: float, correlations: Correlations) -> Floats:
    """float64[18]: correlations at multiples of the beat, how usual it is, whether it is a ratio.

    A candidate that is no octave of the tracked tempo has to be that much better.
    """
    beat = 60 / candidate * RATE_HZ
    octaves = math.log2(candidate / USUAL_BPM)
    is_octave = round(abs(math.log2(candidate / bpm)), 3) in (0.0, 1.0)
    asked = (
        (correlations.together, ALL_AT),
        (correlations.low, LOW_AT),
        (correlations.answers, ANSWERED_AT),
    )
    return np.array(
        [
            *(_highest(each, beat * multiple) for each, at in asked for multiple in at),
            octaves,
            octaves**2,
            0.0 if is_octave else 1.0,
        ]
    )


def _spectrum(curve: Curve, size: int) -> npt.NDArray[np.complex128]:
    centred = curve.astype(np.float64) - curve.mean(dtype=np.float64)
    spectrum: npt.NDArray[np.complex128] = scipy.fft.rfft(centred, size)
    return spectrum


def _power(spectrum: npt.NDArray[np.complex128]) -> Floats:
    power: Floats = spectrum.real**2 + spectrum.imag**2
    return power


def _energy(spectrum: npt.NDArray[np.complex128], size: int) -> float:
    """The autocorrelation at lag 0 (Parseval); never 0."""
    power = _power(spectrum)
    inner = power[1:] if size % 2 else power[1:-1]
    return max(float(power.sum() + inner.sum()) / size, 1e-12)


def _highest(correlation: Floats, lag: float) -> float:
    """Around the lag; 0 beyond the end."""
    width = max(1, round(WIDTH * lag))
    around = correlation[max(1, round(lag) - width) : round(lag) + width + 1]
    return float(around.max()) if len(around) else 0.0
