"""Four onset detection functions from one spectrogram, so that beat tracking costs a tenth.

Spectral flux on log mel bands, the same on the low bands, SuperFlux (Böck and Widmer 2013) and
the rise of energy. The multi-feature tracker of Zapata et al. 2014 computes a spectrogram per
function instead.
"""

from __future__ import annotations

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
LOW_BANDS = 8
COMPRESSION = 10.0
STRETCH_FRAMES = 512

Curve = npt.NDArray[np.float32]


def onset_functions(samples: Samples) -> tuple[Curve, ...]:
    """Four curves, float32[frames] at 86.13 Hz, non-negative, of samples at 22.05 kHz."""
    bands = _mel_magnitudes(samples)
    loud = np.log1p(COMPRESSION * bands)
    rise = _rise(loud)
    return (
        rise.sum(axis=1),
        rise[:, :LOW_BANDS].sum(axis=1),
        _superflux(loud),
        _rise(np.sqrt(bands.sum(axis=1, keepdims=True)))[:, 0],
    )


def _mel_magnitudes(samples: Samples) -> Curve:
    """float32[frames, 40], a stretch at a time to bound memory."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    window = np.hanning(FRAME).astype(np.float32)
    bank = _bank()
    bands = np.empty((len(windows), BANDS), np.float32)
    for start in range(0, len(windows), STRETCH_FRAMES):
        part = slice(start, start + STRETCH_FRAMES)
        spectrum = scipy.fft.rfft(windows[part] * window, axis=1)
        bands[part] = np.sqrt(spectrum.real**2 + spectrum.imag**2) @ bank
    return bands


def _rise(values: Curve) -> Curve:
    """Increase since the frame before, 0 where there is none and in the first frame."""
    rise: Curve = np.maximum(np.diff(values, axis=0, prepend=values[:1]), 0)
    return rise


def _superflux(loud: Curve) -> Curve:
    """Increase over the loudest of three neighbouring bands two frames before."""
    padded = np.pad(loud, ((0, 0), (1, 1)), mode="edge")
    widened = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    flux = np.zeros(len(loud), np.float32)
    flux[2:] = np.maximum(loud[2:] - widened[:-2], 0).sum(axis=1)
    return flux


def _bank() -> Curve:
    """float32[513, 40]: triangles even on the mel scale, each of area 1 over its bins."""
    low, high = (1127 * np.log1p(f / 700) for f in BAND_RANGE_HZ)
    edges = 700 * np.expm1(np.linspace(low, high, BANDS + 2) / 1127)
    f = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE)[:, None]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    bank = np.maximum(np.minimum((f - left) / (centre - left), (right - f) / (right - centre)), 0)
    for band in np.flatnonzero(bank.sum(axis=0) <= 0):
        bank[np.abs(f[:, 0] - centre[band]).argmin(), band] = 1
    area: Curve = (bank / bank.sum(axis=0)).astype(np.float32)
    return area
