"""How far a job of rendering is, told in stages whose cost is known ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from harmonie_daemon.domain.composition import AudioFormat


class Stage(StrEnum):
    """What is being done, as clients read it."""

    PLAYING = "playing"
    MASTERING = "mastering"
    ENCODING = "encoding"


@dataclass(frozen=True, slots=True)
class RenderProgress:
    """What a worker says in between."""

    stage: Stage
    fraction: float
    """Of the whole job, 0 to 1."""


Tell = Callable[[RenderProgress], None]

PLAYING_COST, MASTERING_COST = 1.0, 0.2
ENCODING_COSTS = {
    AudioFormat.MP3: 1.5,
    AudioFormat.AAC: 1.0,
    AudioFormat.OPUS: 1.0,
    AudioFormat.OGG: 0.5,
    AudioFormat.FLAC: 0.1,
    AudioFormat.WAV: 0.05,
}
"""Of a second of sound, beside playing it; see bench/compose.py."""
_STEP = 0.01


class Progress:
    """Adds up what is done and tells of every hundredth."""

    def __init__(self, tell: Tell, planned: float) -> None:
        """``planned``: the cost of everything that will be begun."""
        self._tell = tell
        self._planned = max(planned, 1e-9)
        self._done = 0.0
        self._current = 0.0
        self._stage = Stage.PLAYING
        self._told = -1.0

    def begin(self, stage: Stage, cost: float) -> None:
        """The stage before is done; the next one costs so much."""
        self._done += self._current
        self._current = cost
        if stage is not self._stage:
            self._stage, self._told = stage, -1.0
        self.within(0.0)

    def within(self, fraction: float) -> None:
        """How much of the present stage is done, 0 to 1."""
        total = min(1.0, (self._done + self._current * fraction) / self._planned)
        if total >= self._told + _STEP:
            self._told = total
            self._tell(RenderProgress(self._stage, total))
