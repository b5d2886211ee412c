"""The strongest partials of long frames, two a second: what harmony is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from harmonie_daemon.analysis.descriptors.spectrogram import SAMPLE_RATE
from harmonie_daemon.analysis.samples import Samples

FRAME = 8_192
HOP = SAMPLE_RATE // 2
RANGE_HZ = (60.0, 5_000.0)
MOST = 20
FLOOR = 10 ** (-45 / 20)
"""A partial 45 dB below the strongest of its frame is not heard beside it."""
STRETCH_FRAMES = 32
GATE = 1e-2
"""Frames 40 dB below the loud ones are rests."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Partials:
    """Of the frames that sound; missing partials have the amplitude 0."""

    hz: Floats
    """float64[frames, 20]."""
    amplitude: Floats
    """float64[frames, 20], the strongest of each frame at 1."""
    tonal: Floats
    """float64[frames]: share of the power between 60 and 5000 Hz around these partials."""


def measure_partials(samples: Samples) -> Partials:
    """Of mono samples at 22.05 kHz; no frames at all if they are shorter than one."""
    if len(samples) < FRAME:
        return Partials(np.empty((0, MOST)), np.empty((0, MOST)), np.empty(0))
    windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    window = np.hanning(FRAME).astype(np.float32)
    parts = [
        _strongest(np.abs(scipy.fft.rfft(windows[start : start + STRETCH_FRAMES] * window, axis=1)))
        for start in range(0, len(windows), STRETCH_FRAMES)
    ]
    hz, amplitude, tonal = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    loudest = amplitude.max(axis=1)
    heard = loudest > max(GATE * float(np.percentile(loudest, 95)), 1e-9)
    return Partials(hz[heard], amplitude[heard] / loudest[heard, None], tonal[heard])


def _strongest(magnitude: npt.NDArray[np.float32]) -> tuple[Floats, Floats, Floats]:
    """Frequencies and amplitudes of local maxima, by a parabola through the log magnitudes."""
    first, last = (int(hz * FRAME / SAMPLE_RATE) for hz in RANGE_HZ)
    inner = magnitude[:, first:last].astype(np.float64)
    left, right = magnitude[:, first - 1 : last - 1], magnitude[:, first + 1 : last + 1]
    floor = FLOOR * inner.max(axis=1, keepdims=True)
    peaks = np.where((inner > left) & (inner >= right) & (inner > floor), inner, 0.0)
    chosen = np.sort(np.argpartition(peaks, -MOST, axis=1)[:, -MOST:], axis=1)
    height = np.take_along_axis(peaks, chosen, axis=1)
    before, at, after = (
        np.log(np.maximum(np.take_along_axis(side, chosen, axis=1), 1e-12))
        for side in (left, inner, right)
    )
    bend = np.minimum(before - 2 * at + after, -1e-9)
    shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    hz = (chosen + first + shift) * SAMPLE_RATE / FRAME
    power = np.where(height > 0, np.exp(2 * before) + np.exp(2 * at) + np.exp(2 * after), 0.0)
    whole = np.maximum((inner**2).sum(axis=1), 1e-12)
    return hz, height, np.minimum(power.sum(axis=1) / whole, 1.0)
