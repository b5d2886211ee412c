"""What timbre316 keeps of every frame; computed a stretch at a time to bound memory."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from harmonie_daemon.analysis.timbre.filterbanks import (
    BINS,
    FRAME,
    HOP,
    SAMPLE_RATE,
    Filterbanks,
    bin_frequencies,
)

STRETCH_FRAMES = 256
"""Frames per stretch: its spectrum takes 2 MB and stays in the cache."""
CONTRAST_EVERY = 4
"""Spectral contrast is taken on every fourth frame: cosine .9999 at a third of the cost."""
CONTRAST_EDGES_HZ = (0, 200, 400, 800, 1_600, 3_200, 6_400, SAMPLE_RATE / 2)
ROLLOFF_SHARE = 0.85
POWER_FLOOR = 1e-10

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frames:
    """Per-frame measurements, in time order."""

    mel: Floats
    """float32[frames, 80], log10 of power."""
    cent: Floats
    """float32[frames, 86], log10 of power."""
    chroma: Floats
    """float32[frames, 12], power."""
    statistics: Floats
    """float32[frames, 7]: centroid Hz, roll-off Hz, flatness, rms, zero-crossing rate,
    bandwidth Hz, flux."""
    contrast: Floats
    """float32[ceil(frames / 4), 7]: log10 of peak over valley in seven bands."""

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self.mel)


def measure_frames(samples: Floats, banks: Filterbanks) -> Frames:
    """Measure mono samples at 22.05 kHz; at least one frame of 2048 samples is needed."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    stretch = _Stretch(banks)
    parts = [
        stretch.measure(windows[start : start + STRETCH_FRAMES])
        for start in range(0, len(windows), STRETCH_FRAMES)
    ]
    return Frames(
        mel=np.concatenate([part.mel for part in parts]),
        cent=np.concatenate([part.cent for part in parts]),
        chroma=np.concatenate([part.chroma for part in parts]),
        statistics=np.concatenate([part.statistics for part in parts]),
        contrast=np.concatenate([part.contrast for part in parts]),
    )


class _Stretch:
    """Measures one stretch after the other; remembers the last spectrum for the flux."""

    def __init__(self, banks: Filterbanks) -> None:
        self._splits = np.cumsum([banks.mel.shape[1], banks.cent.shape[1]])
        self._banks = np.ascontiguousarray(np.hstack([banks.mel, banks.cent, banks.chroma]))
        self._window = (np.hanning(FRAME) * 4 / FRAME).astype(np.float32)
        frequencies = bin_frequencies()
        self._moments = np.stack([np.ones(BINS), frequencies, frequencies**2], axis=1).astype(
            np.float32
        )
        self._bin_hz = SAMPLE_RATE / FRAME
        self._contrast_bins = _contrast_bins()
        self._last_log: Floats | None = None

    def measure(self, windows: Floats) -> Frames:
        spectrum = scipy.fft.rfft(windows * self._window, axis=1)
        power: Floats = spectrum.real**2 + spectrum.imag**2
        magnitude: Floats = np.sqrt(power)
        mel, cent, chroma = np.split(power @ self._banks, self._splits, axis=1)
        return Frames(
            mel=np.log10(np.maximum(mel, POWER_FLOOR)),
            cent=np.log10(np.maximum(cent, POWER_FLOOR)),
            chroma=chroma,
            statistics=self._statistics(windows, power, magnitude),
            contrast=self._contrast(power[::CONTRAST_EVERY]),
        )

    def _statistics(self, windows: Floats, power: Floats, magnitude: Floats) -> Floats:
        total, first, second = (magnitude @ self._moments).T
        total = np.maximum(total, np.float32(1e-12))
        centroid = first / total
        bandwidth = np.sqrt(np.maximum(second / total - centroid**2, 0))
        columns = (
            centroid,
            self._rolloff(power),
            _flatness(power[:, 2:]),
            np.sqrt(np.einsum("ij,ij->i", windows, windows) / FRAME),
            _crossings(windows[:, ::2]),
            bandwidth,
            self._flux(magnitude),
        )
        return np.stack(columns, axis=1).astype(np.float32)

    def _rolloff(self, power: Floats) -> Floats:
        cumulative = np.cumsum(power, axis=1)
        below = cumulative < ROLLOFF_SHARE * cumulative[:, -1:]
        rolloff: Floats = np.count_nonzero(below, axis=1) * np.float32(self._bin_hz)
        return rolloff

    def _flux(self, magnitude: Floats) -> Floats:
        """Rise of the log spectrum since the frame before; 0 for the first frame."""
        log = np.log(1 + 1_000 * magnitude)
        before = log[:1] if self._last_log is None else self._last_log
        self._last_log = log[-1:].copy()
        rise = np.diff(log, axis=0, prepend=before)
        flux: Floats = np.maximum(rise, 0).mean(axis=1)
        return flux

    def _contrast(self, power: Floats) -> Floats:
        """Octave contrast after Jiang et al. 2002: mean log peak minus mean log valley."""
        bands = np.empty((len(power), len(self._contrast_bins)), np.float32)
        for column, (low, high) in enumerate(self._contrast_bins):
            fifth = max(1, (high - low) // 5)
            ordered = np.partition(power[:, low:high], (fifth - 1, high - low - fifth), axis=1)
            peak = np.log10(np.maximum(ordered[:, -fifth:], POWER_FLOOR)).mean(axis=1)
            valley = np.log10(np.maximum(ordered[:, :fifth], POWER_FLOOR)).mean(axis=1)
            bands[:, column] = peak - valley
        return bands


def _contrast_bins() -> list[tuple[int, int]]:
    """First bin of each contrast band and the one after its last; the zeroth bin is left out."""
    edges = [max(1, int(edge * FRAME / SAMPLE_RATE)) for edge in CONTRAST_EDGES_HZ]
    return list(itertools.pairwise(edges))


def _flatness(power: Floats) -> Floats:
    mean = np.maximum(power.mean(axis=1), np.float32(1e-20))
    flatness: Floats = np.exp(np.log(power + np.float32(POWER_FLOOR)).mean(axis=1)) / mean
    return flatness


def _crossings(windows: Floats) -> Floats:
    negative = np.signbit(windows)
    crossings = np.count_nonzero(negative[:, 1:] != negative[:, :-1], axis=1)
    rate: Floats = (crossings / (windows.shape[1] - 1)).astype(np.float32)
    return rate
