"""Level and its variation, and zero crossings, from 50 ms blocks of samples at 22.05 kHz.

Loudness range after EBU Tech 3342 and gating after ITU-R BS.1770-5, both on plain power: the
weighting filters would cost more than everything here and shift a track's values together.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from harmonie_daemon.analysis.descriptors.spectrogram import SAMPLE_RATE
from harmonie_daemon.analysis.samples import Samples

BLOCK = SAMPLE_RATE // 20
"""50 ms."""
RELATIVE_GATE = 0.1
"""Blocks 10 dB below the mean power of all do not count for the level."""
SHORT_TERM_BLOCKS, SHORT_TERM_HOP = 60, 10
"""Three seconds, every half second."""
RANGE_GATE = 0.01
"""20 dB, of EBU Tech 3342."""
SMALLEST = 1e-12

Blocks = npt.NDArray[np.float64]


def measure_dynamics(samples: Samples) -> Mapping[str, float]:
    """``level_db`` against full scale, ``loudness_range_db``, ``crest_db``, ``zero_crossing``.

    The crest is how far the blocks' peaks stand above the level: low in a compressed, loud
    production whatever its gain. Zero crossings are a share of the samples.
    """
    blocks = samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK)
    power = np.einsum("ij,ij->i", blocks, blocks).astype(np.float64) / BLOCK
    loud = power >= RELATIVE_GATE * power.mean()
    level = max(float(power[loud].mean()), SMALLEST)
    peaks = np.maximum(blocks.max(axis=1), -blocks.min(axis=1))[loud]
    peak = max(float(np.percentile(peaks, 95)), SMALLEST)
    every_second = np.flatnonzero(loud)[::2]  # enough for a mean, and half the memory
    return {
        "level_db": 10 * float(np.log10(level)),
        "loudness_range_db": _loudness_range(power),
        "crest_db": 20 * float(np.log10(peak)) - 10 * float(np.log10(level)),
        "zero_crossing": _zero_crossing(blocks[every_second]),
    }


def _loudness_range(power: Blocks) -> float:
    """In dB, between the 10th and the 95th percentile of three-second levels; 0 if shorter."""
    sums = np.concatenate([[0.0], np.cumsum(power)])
    terms = (sums[SHORT_TERM_BLOCKS:] - sums[:-SHORT_TERM_BLOCKS])[::SHORT_TERM_HOP]
    if not len(terms):
        return 0.0
    terms = np.maximum(terms[terms >= RANGE_GATE * terms.mean()], SMALLEST)
    low, high = np.percentile(10 * np.log10(terms), (10, 95))
    return float(high - low)


def _zero_crossing(blocks: Samples) -> float:
    negative = np.signbit(blocks)
    return float(np.count_nonzero(negative[:, 1:] != negative[:, :-1]) / negative.size)
