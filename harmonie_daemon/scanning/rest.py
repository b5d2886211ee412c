"""When no further file is begun: somebody asked, quiet hours, or a busy machine."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from harmonie_daemon.domain.quiet_hours import QuietHours

LOOK_AT_LOAD_S = 20.0
LONGEST_NAP_S = 60.0
"""The clock may be set, or the machine may sleep, while quiet hours last."""
LOAD_MEMORY_S = 60.0
"""Time constant of the first of the three load averages."""


def load_average() -> float:
    """The machine's load over the last minute, as ``uptime`` shows it."""
    return os.getloadavg()[0]


class OwnLoad:
    """What our workers add to the load average, by the kernel's own formula."""

    def __init__(self, workers: int, clock: Callable[[], float]) -> None:
        self._workers = workers
        self._clock = clock
        self._busy = 0
        self._average = 0.0
        self._since = clock()

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """One file is being heard, or waits for a worker that will."""
        self._change(+1)
        try:
            yield
        finally:
            self._change(-1)

    @property
    def now(self) -> float:
        """Our share of the load average."""
        busy = min(self._busy, self._workers)
        elapsed_s = max(0.0, self._clock() - self._since)
        return busy + (self._average - busy) * math.exp(-elapsed_s / LOAD_MEMORY_S)

    def _change(self, by: int) -> None:
        self._average, self._since = self.now, self._clock()
        self._busy += by


class Rest:
    """Says whether a file may be begun, and lets others wait until one may.

    :param max_load: load average of everybody else above which we rest; 0: never.
    :param clock: Unix time.
    """

    def __init__(
        self,
        own_load: OwnLoad,
        clock: Callable[[], float],
        *,
        max_load: float = 0.0,
        quiet_hours: QuietHours | None = None,
        load: Callable[[], float] = load_average,
        longest_nap_s: float = LONGEST_NAP_S,
    ) -> None:
        self._own_load = own_load
        self._clock = clock
        self._max_load = max_load
        self._quiet_hours = quiet_hours
        self._load = load
        self._longest_nap_s = longest_nap_s
        self._go = asyncio.Event()
        self._go.set()

    @property
    def asked(self) -> bool:
        """Whether somebody has asked for it."""
        return not self._go.is_set()

    def pause(self) -> None:
        """Rest until ``resume``."""
        self._go.clear()

    def resume(self) -> None:
        """Take ``pause`` back; quiet hours and load have their own say."""
        self._go.set()

    def because(self) -> str | None:
        """Why no file is begun now, for a person; ``None`` when one may be."""
        if self.asked:
            return "paused by request"
        if self._quiet_hours is not None and self._quiet_left_s() is not None:
            return f"quiet hours until {self._quiet_hours.end_words}"
        if self._is_busy():
            return f"others keep the machine busy: their load is {self._others():.1f}"
        return None

    async def over(self) -> bool:
        """Return once a file may be begun; whether that took any waiting."""
        waited = False
        while True:
            if self.asked:
                await self._go.wait()
            elif (nap_s := self._nap_s()) is not None:
                await asyncio.sleep(min(nap_s, self._longest_nap_s))
            else:
                return waited
            waited = True

    def _nap_s(self) -> float | None:
        left_s = self._quiet_left_s()
        if left_s is not None:
            return left_s
        return LOOK_AT_LOAD_S if self._is_busy() else None

    def _quiet_left_s(self) -> float | None:
        if self._quiet_hours is None:
            return None
        return self._quiet_hours.left_s(datetime.fromtimestamp(self._clock()))

    def _is_busy(self) -> bool:
        return self._max_load > 0 and self._others() > self._max_load

    def _others(self) -> float:
        return max(0.0, self._load() - self._own_load.now)
