"""Something happens just before a read of the store, at a place that a test can go through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from harmonie_daemon.store.database import Database


class Interruption:
    """Counts reads, and lets it happen before one of them."""

    def __init__(self, before: int, happen: Callable[[], Awaitable[None]]) -> None:
        self.happened = False
        self._left = before
        self._happen = happen

    async def step(self) -> None:
        """A read is about to begin."""
        self._left -= 1
        if self._left == 0:
            self.happened = True
            await self._happen()


@contextmanager
def interrupted(before: int, happen: Callable[[], Awaitable[None]]) -> Iterator[Interruption]:
    """``happen`` before the read of this number, from 1, of any database."""
    made, read = Interruption(before, happen), Database.read

    async def counted(self: Database, work: Callable[..., object]) -> object:
        await made.step()
        return await read(self, work)

    with patch.object(Database, "read", counted):
        yield made
