"""The processors that workers of all kinds share: many jobs at once, or one alone.

One budget for the whole daemon, so that scanning, clustering and rendering together never keep
more of them busy than the operator allowed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Budget:
    """Lets at most ``processors`` in together, or one alone. One that wants to be alone goes first.

    Whoever waits longest is let in first. Nothing is awaited on the way out, so that cancelling
    can never leave it shut.
    """

    def __init__(self, processors: int) -> None:
        self.processors = processors
        self._inside = 0
        self._wanting_alone = 0
        self._is_alone = False
        self._waiting: list[asyncio.Future[None]] = []

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Enter beside others."""
        await self._wait_until(self._has_room)
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._wake()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Enter when everyone has left, and keep everyone out."""
        self._wanting_alone += 1
        try:
            await self._wait_until(self._is_empty)
            self._is_alone = True
        finally:
            self._wanting_alone -= 1
            self._wake()
        try:
            yield
        finally:
            self._is_alone = False
            self._wake()

    def _has_room(self) -> bool:
        return self._inside < self.processors and not self._is_alone and not self._wanting_alone

    def _is_empty(self) -> bool:
        return not self._inside and not self._is_alone

    async def _wait_until(self, may_enter: Callable[[], bool]) -> None:
        while not may_enter():
            change = asyncio.get_running_loop().create_future()
            self._waiting.append(change)
            await change

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for change in waiting:
            if not change.done():
                change.set_result(None)
