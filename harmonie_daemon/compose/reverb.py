"""A room: convolution with noise that dies away, different for each ear."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

from harmonie_daemon.compose.soundfont.tone import SAMPLE_RATE, Sound

ROOM_FRAMES = round(1.9 * SAMPLE_RATE)
_LOW_DECAY_S, _HIGH_DECAY_S = 1.7, 0.7
"""In which low and high sound falls by 60 dB."""
_BEFORE_S = 0.016
_CROSSOVER_HZ = 2_500.0
_REFLECTIONS = ((0.0067, 0.5), (0.0113, -0.42), (0.0171, 0.36), (0.0239, -0.3), (0.0313, 0.24))
"""Seconds and levels; of the other ear a little later each."""
_SEED = 1_877


class Reverb:
    """Streams; what a block rings on is in the next ones."""

    def __init__(self) -> None:
        self._room = _room()
        self._spectrum: NDArray[np.complex64] = np.zeros((0, 2), np.complex64)
        self._size = 0
        self._rest: Sound = np.zeros((0, 2), np.float32)

    def wet(self, sent: NDArray[np.float32]) -> Sound:
        """The room's answer to one channel of sound, as long as that."""
        size = fft.next_fast_len(len(sent) + ROOM_FRAMES - 1, real=True)
        if size != self._size:
            self._size = size
            self._spectrum = fft.rfft(self._room, size, axis=0)
        heard = np.zeros((max(len(sent) + ROOM_FRAMES - 1, len(self._rest)), 2), np.float32)
        heard[: len(self._rest)] = self._rest
        spectrum = fft.rfft(sent, size)
        for ear in range(2):
            answer = fft.irfft(spectrum * self._spectrum[:, ear], size)
            heard[: len(sent) + ROOM_FRAMES - 1, ear] += answer[: len(sent) + ROOM_FRAMES - 1]
        self._rest = heard[len(sent) :].copy()
        return heard[: len(sent)]


def _room() -> Sound:
    """The impulse response, of energy 1 in each ear."""
    noise = np.random.default_rng(_SEED).standard_normal((ROOM_FRAMES, 2))
    time = np.arange(ROOM_FRAMES)[:, None] / SAMPLE_RATE
    split = signal.butter(2, _CROSSOVER_HZ, fs=SAMPLE_RATE, output="sos")
    low = signal.sosfilt(split, noise, axis=0)
    decays = [np.exp(-6.91 * time / seconds) for seconds in (_LOW_DECAY_S, _HIGH_DECAY_S)]
    room = low * decays[0] + 0.6 * (noise - low) * decays[1]
    room *= np.clip((time - _BEFORE_S) / 0.02, 0, 1)
    room /= np.sqrt(np.square(room).sum(axis=0))
    for seconds, level in _REFLECTIONS:
        for ear, later in enumerate((1.0, 1.17)):
            room[round(seconds * later * SAMPLE_RATE), ear] += 0.5 * level
    edge = signal.butter(1, 120.0, "highpass", fs=SAMPLE_RATE, output="sos")
    room = signal.sosfilt(edge, room, axis=0)
    room /= np.sqrt(np.square(room).sum(axis=0))
    shaped: Sound = room.astype(np.float32)
    return shaped
