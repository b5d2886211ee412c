"""Four onset detection functions from one spectrogram, so that beat tracking costs a tenth.

Spectral flux on log mel bands, the same on the low bands, SuperFlux (Böck and Widmer 2013) and
the rise of energy. The multi-feature tracker of Zapata et al. 2014 computes a spectrogram per
function instead.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from harmonie_daemon.analysis.descriptors.spectrogram import Bands

LOW_BANDS = 8
COMPRESSION = 10.0

Curve = npt.NDArray[np.float32]


def onset_functions(bands: Bands) -> tuple[Curve, ...]:
    """Four curves, float32[frames] at 86.13 Hz, non-negative, of a spectrogram's bands."""
    loud = np.log1p(COMPRESSION * bands)
    rise = rises(loud)
    return (
        rise.sum(axis=1),
        rise[:, :LOW_BANDS].sum(axis=1),
        _superflux(loud),
        rises(np.sqrt(bands.sum(axis=1, keepdims=True)))[:, 0],
    )


def rises(values: Curve) -> Curve:
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
