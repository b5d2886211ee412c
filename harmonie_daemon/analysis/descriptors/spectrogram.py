"""One spectrogram at 22.05 kHz for beat tracking and for what moods are made of.

Mel bands of every frame, and the shape of the spectrum of every fourth, which is one every 46 ms:
centroid, roll-off and flatness as in Peeters 2004 (CUIDADO), §6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from harmonie_daemon.analysis.samples import Samples

SAMPLE_RATE = 22_050
FRAME = 1_024
HOP = 256
RATE_HZ = SAMPLE_RATE / HOP
BANDS = 40
BAND_RANGE_HZ = (30.0, 10_500.0)
SHAPE_EVERY = 4
STRETCH_FRAMES = 512

ROLLOFF_SHARE = 0.85
LOW_HZ = (20.0, 150.0)
FLATNESS_HZ = (100.0, 5_000.0)
FLATNESS_FLOOR = 1e-5
"""Power below this share of the frame's strongest bin counts as this share: what codecs leave out
between the partials would otherwise decide."""
SMALLEST = np.float32(1e-20)

Bands = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spectrogram:
    """What is kept of the frames, in time order."""

    bands: Bands
    """float32[frames, 40], mel magnitudes at 86.13 Hz."""
    shape: npt.NDArray[np.float32]
    """float32[ceil(frames / 4), 5]: power, centroid Hz, roll-off Hz, flatness 0 to 1, share of
    the power between 20 and 150 Hz."""


def measure_spectrogram(samples: Samples) -> Spectrogram:
    """Of mono samples at 22.05 kHz, at least one frame; a stretch at a time to bound memory."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    window = np.hanning(FRAME).astype(np.float32)
    bank, gauge = _bank(), _ShapeGauge()
    bands = np.empty((len(windows), BANDS), np.float32)
    shape = np.empty((-(-len(windows) // SHAPE_EVERY), 5), np.float32)
    for start in range(0, len(windows), STRETCH_FRAMES):
        part = slice(start, start + STRETCH_FRAMES)
        spectrum = scipy.fft.rfft(windows[part] * window, axis=1)
        magnitude = np.sqrt(spectrum.real**2 + spectrum.imag**2)
        bands[part] = magnitude @ bank
        rows = gauge.measure(magnitude[::SHAPE_EVERY])
        shape[start // SHAPE_EVERY : start // SHAPE_EVERY + len(rows)] = rows
    return Spectrogram(bands, shape)


class _ShapeGauge:
    """Measures the shape of magnitude spectra; holds what does not change between stretches."""

    def __init__(self) -> None:
        frequencies = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE)
        self._moments = np.stack([np.ones_like(frequencies), frequencies], axis=1).astype(
            np.float32
        )
        self._low = slice(*np.searchsorted(frequencies, LOW_HZ))
        self._middle = slice(*np.searchsorted(frequencies, FLATNESS_HZ))

    def measure(self, magnitude: Bands) -> Bands:
        """float32[frames, 5]."""
        power = magnitude**2
        total, first = (magnitude @ self._moments).T
        cumulative = np.cumsum(power, axis=1)
        whole = np.maximum(cumulative[:, -1], SMALLEST)
        below = np.count_nonzero(cumulative < ROLLOFF_SHARE * whole[:, None], axis=1)
        columns = (
            cumulative[:, -1],
            first / np.maximum(total, SMALLEST),
            below * (SAMPLE_RATE / FRAME),
            _flatness(power[:, self._middle]),
            power[:, self._low].sum(axis=1) / whole,
        )
        return np.stack(columns, axis=1).astype(np.float32)


def _flatness(power: Bands) -> Bands:
    """Geometric over arithmetic mean."""
    floor = np.maximum(FLATNESS_FLOOR * power.max(axis=1, keepdims=True), SMALLEST)
    raised = np.maximum(power, floor)
    flatness: Bands = np.exp(np.log(raised).mean(axis=1)) / raised.mean(axis=1)
    return flatness


def _bank() -> Bands:
    """float32[513, 40]: triangles even on the mel scale, each of area 1 over its bins."""
    low, high = (1127 * np.log1p(f / 700) for f in BAND_RANGE_HZ)
    edges = 700 * np.expm1(np.linspace(low, high, BANDS + 2) / 1127)
    f = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE)[:, None]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    bank = np.maximum(np.minimum((f - left) / (centre - left), (right - f) / (right - centre)), 0)
    for band in np.flatnonzero(bank.sum(axis=0) <= 0):
        bank[np.abs(f[:, 0] - centre[band]).argmin(), band] = 1
    area: Bands = (bank / bank.sum(axis=0)).astype(np.float32)
    return area
