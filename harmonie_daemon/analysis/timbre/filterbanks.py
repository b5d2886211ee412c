"""The three fixed filterbanks that timbre316 looks through.

Each bank is float32[bins, bands]. The weights of a mel or cent band sum to 1, so that it holds
the weighted mean power of its bins; a pitch class collects all the power near its octaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 22_050
FRAME = 2_048
HOP = 512
BINS = FRAME // 2 + 1

MEL_BANDS = 80
MEL_RANGE_HZ = (27.5, 10_800.0)
CENT_TOP_HZ = 0.98 * SAMPLE_RATE / 2
CHROMA_RANGE_HZ = (100.0, 4_200.0)
CHROMA_WIDTH_SEMITONES = 0.5

Bank = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Filterbanks:
    """Weights from the power spectrum to bands."""

    mel: Bank
    """float32[1025, 80], triangles even on the mel scale."""
    cent: Bank
    """float32[1025, 86], triangles a semitone apart (a bin apart where bins are wider)."""
    chroma: Bank
    """float32[1025, 12], the pitch classes from C upwards."""


def filterbanks() -> Filterbanks:
    """The banks for frames of 2048 samples at 22.05 kHz."""
    frequencies = bin_frequencies()
    return Filterbanks(
        mel=_triangles(frequencies, _mel_edges()),
        cent=_triangles(frequencies, _cent_edges()),
        chroma=_chroma(frequencies),
    )


def bin_frequencies() -> Floats:
    """The centre of every spectrum bin in Hz, float64[1025]."""
    frequencies: Floats = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE).astype(np.float64)
    return frequencies


def _mel_edges() -> Floats:
    low, high = (1127 * np.log1p(f / 700) for f in MEL_RANGE_HZ)
    mels = np.linspace(low, high, MEL_BANDS + 2)
    edges: Floats = 700 * np.expm1(mels / 1127)
    return edges


def _cent_edges() -> Floats:
    bin_hz = SAMPLE_RATE / FRAME
    semitone = 2 ** (1 / 12) - 1
    edges = [bin_hz, 2 * bin_hz]
    while edges[-1] < CENT_TOP_HZ:
        edges.append(edges[-1] + max(bin_hz, edges[-1] * semitone))
    return np.array(edges)


def _triangles(frequencies: Floats, edges: Floats) -> Bank:
    """One triangle per inner edge; one that falls between two bins takes the nearest bin."""
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    f = frequencies[:, None]
    weights = np.maximum(np.minimum((f - low) / (centre - low), (high - f) / (high - centre)), 0)
    for band in np.flatnonzero(weights.sum(axis=0) <= 0):
        weights[np.abs(frequencies - centre[band]).argmin(), band] = 1
    return _unit_sum(weights)


def _chroma(frequencies: Floats) -> Bank:
    low, high = CHROMA_RANGE_HZ
    inside = (frequencies >= low) & (frequencies <= high)
    pitch = 12 * np.log2(np.maximum(frequencies, 1.0) / 440) + 69
    distance = (pitch[:, None] - np.arange(12) + 6) % 12 - 6
    weights = np.exp(-0.5 * (distance / CHROMA_WIDTH_SEMITONES) ** 2) * inside[:, None]
    return weights.astype(np.float32)


def _unit_sum(weights: Floats) -> Bank:
    bank: Bank = (weights / weights.sum(axis=0)).astype(np.float32)
    return bank
