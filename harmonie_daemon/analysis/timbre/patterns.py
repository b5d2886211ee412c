"""Groups 10 to 13 of timbre316: block-level patterns, each compressed by a 2-D DCT.

After Seyerlehner, Widmer, Schedl and Knees, "Automatic music tag classification based on
block-level features" (2010): spectral, variance delta, logarithmic fluctuation and
correlation patterns.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.fft

from harmonie_daemon.analysis.timbre.frames import Frames
from harmonie_daemon.analysis.timbre.statistics import FRAMES_PER_SECOND

Floats = npt.NDArray[np.float32]
Group = npt.NDArray[np.floating]

MODULATION_BANDS = 37
MODULATION_RANGE_HZ = (0.35, 10.5)
BLOCKS_AT_ONCE = 512
"""Blocks sorted together; bounds memory on long tracks."""


def pattern_groups(frames: Frames) -> list[Group]:
    """SPd 60, VDSPd 48, LFPd 48, CPd 36."""
    level_db = 10 * frames.cent
    return [
        spectral_pattern(level_db),
        delta_pattern(level_db),
        fluctuation_pattern(10 * frames.mel),
        correlation_pattern(frames.cent),
    ]


def spectral_pattern(level_db: Floats) -> Group:
    """How strong each band usually is, loudest tenth of the blocks; 60 numbers."""
    blocks = _blocks(level_db, 10, 5).copy()
    blocks.sort(axis=1)
    rank = int(0.9 * (len(blocks) - 1))
    blocks.partition(rank, axis=0)
    return _compress(blocks[rank], 3, 20)


def delta_pattern(level_db: Floats) -> Group:
    """How unevenly each band rises; 48 numbers."""
    rises = np.zeros_like(level_db)
    np.maximum(level_db[3:] - level_db[:-3], 0, out=rises[3:])
    blocks = _blocks(rises, 25, 5)
    total = np.zeros(blocks.shape[1:])
    squares = np.zeros(blocks.shape[1:])
    for start in range(0, len(blocks), BLOCKS_AT_ONCE):
        part = np.sort(blocks[start : start + BLOCKS_AT_ONCE], axis=1)
        total += part.sum(axis=0, dtype=np.float64)
        squares += np.einsum("ijk,ijk->jk", part, part, dtype=np.float64)
    variance = np.maximum(squares / len(blocks) - (total / len(blocks)) ** 2, 0)
    return _compress(np.log(variance + 1e-3)[5:], 3, 16)


def fluctuation_pattern(mel_db: Floats) -> Group:
    """How strongly 20 bands pulse at 37 rates, weighted to the rates the ear minds; 48 numbers."""
    bands = np.maximum(mel_db.reshape(len(mel_db), 20, -1).mean(axis=2) + 80, 0)
    blocks = _blocks(_edge_padded(bands, 512), 512, 128)
    window = np.hanning(512).astype(np.float32)[:, None]
    modulation, weights = _modulation_bank()
    strength = np.stack([modulation @ np.abs(np.fft.rfft(b * window, axis=0)) for b in blocks])
    pattern = np.percentile(strength * weights[:, None], 60, axis=0)
    return _compress(pattern, 6, 8)


def correlation_pattern(cent: Floats) -> Group:
    """Which of 52 bands sound together; 36 numbers."""
    grouped = np.stack([part.mean(axis=1) for part in np.array_split(cent, 52, axis=1)], axis=1)
    blocks = _blocks(grouped, min(256, len(grouped)), 128)
    centred = blocks - blocks.mean(axis=1, keepdims=True)
    products = centred.transpose(0, 2, 1) @ centred
    size = np.sqrt(np.einsum("ijk,ijk->ik", centred, centred))
    correlation = products / (size[:, :, None] * size[:, None, :] + 1e-6)
    pattern = np.median(correlation, axis=0)
    np.fill_diagonal(pattern, 0)
    corner = scipy.fft.dctn(pattern, type=2, norm="ortho")[:8, :8]
    upper: Group = corner[np.triu_indices(8)]
    return upper


def _blocks(frames: Floats, length: int, hop: int) -> Floats:
    """A view [blocks, length, bands] of overlapping stretches of frames."""
    frames = _edge_padded(frames, length)
    windows = np.lib.stride_tricks.sliding_window_view(frames, length, axis=0)[::hop]
    return windows.transpose(0, 2, 1)


def _edge_padded(frames: Floats, length: int) -> Floats:
    missing = length - len(frames)
    return frames if missing <= 0 else np.pad(frames, ((0, missing), (0, 0)), mode="edge")


def _compress(pattern: npt.NDArray[np.floating], rows: int, columns: int) -> Group:
    """The low corner of the 2-D DCT-II, flattened row by row."""
    coefficients = scipy.fft.dctn(pattern, type=2, norm="ortho")
    corner: Group = coefficients[:rows, :columns].ravel()
    return corner


def _modulation_bank() -> tuple[Floats, Floats]:
    """float32[37, 257] means over modulation frequencies, float32[37] weights of the ear."""
    low, high = MODULATION_RANGE_HZ
    edges = np.geomspace(low / 1.05, high * 1.05, MODULATION_BANDS + 1)
    centres = np.sqrt(edges[:-1] * edges[1:])
    frequencies = np.fft.rfftfreq(512, 1 / FRAMES_PER_SECOND)
    bank = ((frequencies >= edges[:-1, None]) & (frequencies < edges[1:, None])).astype(np.float32)
    for band in np.flatnonzero(bank.sum(axis=1) == 0):
        bank[band, np.abs(frequencies - centres[band]).argmin()] = 1
    bank /= bank.sum(axis=1, keepdims=True)
    weights = 2 / (centres / 4 + 4 / centres)
    return bank, weights.astype(np.float32)
