"""Work that many wait for and that is done once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harmonie_daemon.domain.errors import NotReadyError


@dataclass(slots=True, eq=False)
class _Flight:
    task: asyncio.Task[bytes]
    waiting: int = 0


class Flights:
    """One piece of work for each name at a time; who asks meanwhile waits for it.

    Whoever leaves takes nobody along: the work ends early only when nobody waits any more.
    """

    def __init__(self) -> None:
        self._by_name: dict[str, _Flight] = {}
        self._tasks: set[asyncio.Task[bytes]] = set()
        self.shared = 0
        """How many found somebody at work on it already."""

    async def join(self, name: str, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """What ``work`` makes, for everybody who asks for ``name``; raises what it raises."""
        flight = self._by_name.get(name)
        if flight is None:
            flight = self._begun(name, work)
        else:
            self.shared += 1
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            if flight.task.cancelled() and not _is_cancelled():
                raise NotReadyError("the daemon is stopping") from None
            raise
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._forget(name, flight)
                flight.task.cancel()

    async def close(self) -> None:
        """End all of it, and what is ending already."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begun(self, name: str, work: Callable[[], Awaitable[bytes]]) -> _Flight:
        async def fly() -> bytes:
            return await work()

        flight = self._by_name[name] = _Flight(asyncio.create_task(fly(), name=f"answer {name}"))

        def landed(task: asyncio.Task[bytes]) -> None:
            self._tasks.discard(task)
            self._forget(name, flight)
            if not task.cancelled():
                task.exception()  # everybody who would have wanted to know has left

        self._tasks.add(flight.task)
        flight.task.add_done_callback(landed)
        return flight

    def _forget(self, name: str, flight: _Flight) -> None:
        """Whoever asks from now on begins anew."""
        if self._by_name.get(name) is flight:
            del self._by_name[name]


def _is_cancelled() -> bool:
    """Whether it is the one who waits that is to end."""
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0
