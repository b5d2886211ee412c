"""What Discogs-EffNet listens to: log-compressed mel bands, in patches of two seconds.

The bands are those of MusiCNN (Pons and Serra 2019, arXiv:1909.06654) as Essentia's
TensorflowInputMusiCNN computes them, a tenth of its price: frames of 512 samples every 256,
numpy's Hann window without normalisation, power spectrum, 96 triangles of unit area on
Slaney's mel scale from 0 to 8 kHz, ``log10(1 + 10000 x)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from harmonie_daemon.analysis.samples import Samples

Floats = npt.NDArray[np.float32]

SAMPLE_RATE = 16_000
FRAME, HOP, BANDS = 512, 256, 96
PATCH_FRAMES, PATCH_HOP = 128, 62
"""A patch is 2.05 s; one begins every 0.99 s, as in the published pipeline."""

COMPRESSION = 10_000.0
FRAMES_AT_ONCE = 2_048
"""Bounds the memory for spectra to a few megabytes, however long the track is."""

SLANEY_LINEAR_HZ = 200 / 3
SLANEY_BREAK_HZ, SLANEY_BREAK_MEL = 1_000.0, 15.0
SLANEY_STEP = np.log(6.4) / 27
"""Slaney's Auditory Toolbox (1998): linear below 1 kHz, logarithmic above."""


def mel_bands(samples: Samples) -> Floats:
    """float32[frames, 96] of mono samples at 16 kHz.

    The first frame is centred on the first sample, which is why half a frame of silence goes
    before it; the last one begins its second half inside the sound.
    """
    count = -(-len(samples) // HOP)
    bands = np.empty((count, BANDS), np.float32)
    for first in range(0, count, FRAMES_AT_ONCE):
        last = min(first + FRAMES_AT_ONCE, count)
        spectrum = np.fft.rfft(_frames(samples, first, last) * _window())
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        bands[first:last] = np.log10(1 + COMPRESSION * (power @ _triangles()))
    return bands


def _frames(samples: Samples, first: int, last: int) -> Floats:
    """float32[last - first, 512]; silence stands for what lies outside the samples."""
    start, end = first * HOP - FRAME // 2, (last - 1) * HOP + FRAME // 2
    inside = samples[max(0, start) : end]
    padded = np.pad(inside, (max(0, -start), end - max(0, start) - len(inside)))
    frames: Floats = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    return frames


def patch_starts(frames: int, most: int | None = None) -> tuple[int, ...]:
    """The frames at which patches begin; a rest too short for a patch is left out.

    More than ``most`` are thinned evenly over the whole track: an excerpt would lose what the
    rest of the track sounds like, even spacing loses next to nothing.
    """
    starts = range(0, frames - PATCH_FRAMES + 1, PATCH_HOP)
    if most is None or len(starts) <= most:
        return tuple(starts)
    chosen = np.linspace(0, len(starts) - 1, most).round().astype(int)
    return tuple(starts[index] for index in chosen)


def patch_batches(bands: Floats, starts: tuple[int, ...], size: int) -> Iterator[Floats]:
    """float32[at most size, 128, 96], in order."""
    for first in range(0, len(starts), size):
        chosen = starts[first : first + size]
        yield np.stack([bands[start : start + PATCH_FRAMES] for start in chosen])


@cache
def _window() -> Floats:
    return np.hanning(FRAME).astype(np.float32)


@cache
def _triangles() -> Floats:
    """float32[257, 96]: the weight of each bin of the power spectrum in each band."""
    highest_mel = SLANEY_BREAK_MEL + np.log(SAMPLE_RATE / 2 / SLANEY_BREAK_HZ) / SLANEY_STEP
    edges = _hertz(np.linspace(0, highest_mel, BANDS + 2))
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bins = np.arange(FRAME // 2 + 1) * SAMPLE_RATE / FRAME
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    heights = 2 / (high - low)
    triangles = np.maximum(0, np.minimum(rising, falling)) * heights
    return np.ascontiguousarray(triangles.T, dtype=np.float32)


def _hertz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = mels * SLANEY_LINEAR_HZ
    logarithmic = SLANEY_BREAK_HZ * np.exp((mels - SLANEY_BREAK_MEL) * SLANEY_STEP)
    hertz: npt.NDArray[np.float64] = np.where(mels < SLANEY_BREAK_MEL, linear, logarithmic)
    return hertz
