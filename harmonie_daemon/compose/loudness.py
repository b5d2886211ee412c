"""Integrated loudness (ITU-R BS.1770-4) in blocks: pyloudnorm's filters, without its copies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyloudnorm.iirfilter import IIRfilter
from scipy import signal

from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound

SILENT_LUFS = -70.0
"""What is softer is not counted; the answer when nothing is left."""
HOP = 63
"""Frames; loudness and limiting share this grid."""
_STEP_HOPS = SAMPLE_RATE // 10 // HOP
"""A gating block is four steps of 0.1 s, and begins with each."""
_BELOW_MEAN_LU = 10.0
_OFFSET = -0.691


class LoudnessMeter:
    """Takes sound in blocks of any length."""

    def __init__(self) -> None:
        self._filters = k_weighting()
        self._state = np.zeros((len(self._filters), 2, 2))
        self._hops: list[NDArray[np.float64]] = []
        self._open = np.zeros(0)

    def add(self, sound: Sound) -> None:
        """The next frames."""
        weighted, self._state = signal.sosfilt(self._filters, sound, axis=0, zi=self._state)
        energy = np.concatenate((self._open, np.square(weighted).sum(axis=1)))
        whole = len(energy) // HOP * HOP
        self._hops.append(energy[:whole].reshape(-1, HOP).sum(axis=1))
        self._open = energy[whole:]

    def energies(self) -> NDArray[np.float64]:
        """Of each hop so far, as the ear weights it."""
        return np.concatenate([*self._hops, np.zeros(0)])


def lufs_of(energies: NDArray[np.float64]) -> float:
    """The loudness of hops; of less than 0.4 s the mean of what there is."""
    steps = energies[: len(energies) // _STEP_HOPS * _STEP_HOPS].reshape(-1, _STEP_HOPS).sum(axis=1)
    if len(steps) < 4:
        return _in_lufs(energies.sum() / max(1, len(energies) * HOP))
    blocks = np.convolve(steps, np.ones(4), "valid") / (4 * _STEP_HOPS * HOP)
    blocks = blocks[blocks > _energy(SILENT_LUFS)]
    if not len(blocks):
        return SILENT_LUFS
    gate = _energy(_in_lufs(blocks.mean()) - _BELOW_MEAN_LU)
    return _in_lufs(blocks[blocks > gate].mean())


def k_weighting() -> NDArray[np.float64]:
    """The two filters that stand for a head and for how little of the bass is heard."""
    shelf = IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, SAMPLE_RATE, "high_shelf")
    high_pass = IIRfilter(0.0, 0.5, 38.0, SAMPLE_RATE, "high_pass")
    return np.array([[*one.b, *one.a] for one in (shelf, high_pass)])


def _in_lufs(energy: float) -> float:
    return float(max(SILENT_LUFS, _OFFSET + 10 * np.log10(max(energy, 1e-12))))


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))
