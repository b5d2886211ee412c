"""From ticks to frames of sound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harmonie_daemon.compose.score import TICKS_PER_BEAT, Tempo


class FrameClock:
    """The tempo map of a score at a sample rate."""

    def __init__(self, tempos: Sequence[Tempo], sample_rate: int) -> None:
        self._ticks = np.array([tempo.at for tempo in tempos], np.float64)
        self._frames_per_tick = (
            np.array([tempo.microseconds_per_beat for tempo in tempos], np.float64)
            * sample_rate
            / (1e6 * TICKS_PER_BEAT)
        )
        spans = np.diff(self._ticks) * self._frames_per_tick[:-1]
        self._frames = np.concatenate(([0.0], np.cumsum(spans)))

    def frame(self, tick: int) -> int:
        """The frame at which a tick is."""
        return int(self.frames(np.array([tick]))[0])

    def frames(self, ticks: NDArray[np.int64] | Sequence[int]) -> NDArray[np.int64]:
        """The same for many."""
        at = np.asarray(ticks, np.float64)
        which = np.maximum(np.searchsorted(self._ticks, at, side="right") - 1, 0)
        found = self._frames[which] + (at - self._ticks[which]) * self._frames_per_tick[which]
        return np.rint(found).astype(np.int64)
