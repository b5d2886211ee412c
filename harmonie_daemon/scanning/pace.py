"""How fast files are finished, and how long the rest will take."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

WINDOW = 100
"""Files that the estimate looks back on: hours of speech do not spoil it for long."""


class Pace:
    """Measures from ``start`` on; what came before a rest says nothing about what comes after."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=WINDOW + 1)

    def start(self) -> None:
        """Begin (again) to measure."""
        self._times.clear()
        self._times.append(self._clock())

    def finished(self) -> None:
        """One more file is done."""
        self._times.append(self._clock())

    def left_s(self, files: int) -> float | None:
        """Seconds that so many files will take; ``None`` before the first was finished."""
        if len(self._times) < 2 or self._times[-1] <= self._times[0]:
            return None
        return files * (self._times[-1] - self._times[0]) / (len(self._times) - 1)
