"""A service that does not work is left alone for a while, and then tried once."""

from __future__ import annotations

from collections.abc import Callable


class Breaker:
    """Counts failures in a row. Open, it lets nothing through until its time is over; then one."""

    def __init__(self, clock: Callable[[], float], *, failures: int = 3, rest_s: float = 30.0):
        """Opens after so many ``failures`` in a row. ``clock`` gives seconds that never go back."""
        self._clock = clock
        self._most_failures = failures
        self._rest_s = rest_s
        self._failures = 0
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether nothing is let through now."""
        return self.wait_s > 0

    @property
    def wait_s(self) -> float:
        """Seconds until something is let through again."""
        return max(0.0, self._open_until - self._clock())

    def let_through(self) -> bool:
        """Whether to try now. Of those who come after a rest the first does so alone."""
        if self.is_open:
            return False
        if self._failures >= self._most_failures:
            self._open_until = self._clock() + self._rest_s
        return True

    def worked(self) -> None:
        """It is as it should be."""
        self._failures, self._open_until = 0, 0.0

    def failed(self, *, rest_s: float | None = None) -> None:
        """It did not work. ``rest_s``: it is known to be of no use for so long."""
        self._failures += 1
        if rest_s is not None:
            self._failures = max(self._failures, self._most_failures)
        if self._failures >= self._most_failures:
            rest = self._rest_s if rest_s is None else rest_s
            self._open_until = self._clock() + rest
