"""The last hand: loudness, limiter, ends. One gain over time, the same for a mix and its stems."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from harmonie_daemon.compose.loudness import HOP, SILENT_LUFS, LoudnessMeter, lufs_of
from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound

TARGET_LUFS = -14.0
CEILING = 10 ** (-1 / 20)
"""−1 dBFS."""
END_FADE = round(0.35 * SAMPLE_RATE)
BLOCK = 8_192 * HOP
"""Frames worked on at once: 12 s."""
_MOST_GAIN_DB = 40.0
"""What is softer than that is not made louder: it would be noise."""
_AHEAD_HOPS = 4
"""The limiter begins so early, 6 ms, and lets go smoothly."""
_RELEASE_S = 0.12
_CLOSE_ENOUGH_LU = 0.02
_MOST_ROUNDS = 12
_ROUNDING = 1 - 1e-5


@dataclass(frozen=True, slots=True)
class Mastering:
    """What makes a mix as loud as it should be, and never louder than the ceiling."""

    knots: NDArray[np.float32]
    """Gain at the beginning of each hop, and at the end of the last."""
    loudness_lufs: float
    """Of the mix when it is done."""

    def gains(self, start: int, count: int) -> NDArray[np.float32]:
        """At so many frames from one on: straight lines between the knots."""
        times = np.arange(start, start + count, dtype=np.float64) / HOP
        return np.interp(times, np.arange(len(self.knots)), self.knots).astype(np.float32)

    def apply(self, sound: Sound) -> None:
        """To a whole piece or one of its stems, in place."""
        for start in range(0, len(sound), BLOCK):
            block = sound[start : start + BLOCK]
            block *= self.gains(start, len(block))[:, None]


def mastering_for(
    mix: Sound, part_peaks: NDArray[np.float32], *, looping: bool = False
) -> Mastering:
    """The gain that brings a mix to −14 LUFS, with its parts below −1 dBFS like itself.

    ``part_peaks`` has a value for each hop. Limiting takes loudness away, so gain and limiter are
    settled together.
    """
    meter, peaks = LoudnessMeter(), []
    for start in range(0, len(mix), BLOCK):
        block = mix[start : start + BLOCK]
        meter.add(block)
        peaks.append(hop_peaks(block))
    energies, peak = (
        meter.energies(),
        np.maximum(np.concatenate(peaks), part_peaks).astype(np.float64),
    )
    loudness = lufs_of(energies)
    if loudness <= SILENT_LUFS:
        return Mastering(np.ones(len(peak) + 1, np.float32), loudness)
    gain_db, knots = 0.0, np.ones(len(peak) + 1)
    for _ in range(_MOST_ROUNDS):
        gain_db = min(gain_db + TARGET_LUFS - loudness, _MOST_GAIN_DB)
        gain = 10 ** (gain_db / 20)
        knots = gain * _limiter(peak * gain, wraps=looping)
        middles = (knots[: len(energies)] + knots[1 : len(energies) + 1]) / 2
        loudness = lufs_of(energies * np.square(middles))
        if abs(TARGET_LUFS - loudness) < _CLOSE_ENOUGH_LU or gain_db >= _MOST_GAIN_DB:
            break
    return Mastering(knots.astype(np.float32), loudness)


def fade_end(sound: Sound) -> None:
    """A net below endings that are not silent yet, in place."""
    frames = min(END_FADE, len(sound))
    sound[len(sound) - frames :] *= _cosine(frames)[::-1, None]


def faded(sound: Sound, *, start: int, end: int) -> Sound:
    """A copy that comes and goes within so many frames."""
    copy = sound.copy()
    start, end = min(start, len(copy)), min(end, len(copy))
    copy[:start] *= _cosine(start)[:, None]
    copy[len(copy) - end :] *= _cosine(end)[::-1, None]
    return copy


def _cosine(frames: int) -> NDArray[np.float32]:
    """From 0 up to 1."""
    return (0.5 - 0.5 * np.cos(np.linspace(0, np.pi, frames))).astype(np.float32)


def hop_peaks(sound: Sound) -> NDArray[np.float32]:
    """The highest sample in each hop; the last one may be shorter."""
    peaks = np.abs(sound).max(axis=1)
    missing = -len(peaks) % HOP
    padded = np.pad(peaks, (0, missing))
    highest: NDArray[np.float32] = padded.reshape(-1, HOP).max(axis=1)
    return highest


def _limiter(peaks: NDArray[np.float64], *, wraps: bool) -> NDArray[np.float64]:
    """Gain at knots, so low and early that no frame of a hop passes the ceiling."""
    allowed = np.minimum(1.0, CEILING * _ROUNDING / np.maximum(peaks, 1e-9))
    if not (allowed < 1).any():
        return np.ones(len(peaks) + 1)
    edge = allowed[-1] if wraps else 1.0
    knots = np.minimum(np.append(allowed, allowed[0] if wraps else 1.0), np.append(edge, allowed))
    mode = "wrap" if wraps else "nearest"
    width = 2 * _AHEAD_HOPS + 1
    lowest = _released(ndimage.minimum_filter1d(knots, width, mode=mode), wraps=wraps)
    smooth: NDArray[np.float64] = ndimage.uniform_filter1d(lowest, width, mode=mode)
    safe: NDArray[np.float64] = np.minimum(smooth, knots)
    return safe


def _released(knots: NDArray[np.float64], *, wraps: bool) -> NDArray[np.float64]:
    """Comes back to 1 no faster than a third of the way in each release time."""
    kept = float(np.exp(-HOP / SAMPLE_RATE / _RELEASE_S))
    released = knots.tolist()
    for _ in range(2 if wraps else 1):
        missing = 1 - released[-1] if wraps else 0.0
        for number, allowed in enumerate(released):
            missing = max(1 - allowed, missing * kept)
            released[number] = 1 - missing
    return np.array(released)
