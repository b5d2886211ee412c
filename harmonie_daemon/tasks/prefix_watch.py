"""Going round the playlists that people ask for by their names, for as long as the daemon runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from harmonie_daemon.domain.errors import StoreError, in_words
from harmonie_daemon.tasks.prefix_rounds import PrefixRounds

_log = logging.getLogger(__name__)


class PrefixWatch:
    """One round of every server after the other, then a pause."""

    def __init__(self, servers: Sequence[PrefixRounds], *, every_s: float) -> None:
        self._servers = tuple(servers)
        self._every_s = every_s
        self._told = ""
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Go round from now on; the first time at once."""
        if self._servers:
            self._task = asyncio.create_task(self._run(), name="playlists asked for")

    async def close(self) -> None:
        """End it, in the middle of a round if need be."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Go round now."""
        self._woken.set()

    async def _run(self) -> None:
        """Until cancelled; whatever happens, it goes on."""
        while True:
            for server in self._servers:
                await self._round(server)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._woken.wait()
            self._woken.clear()

    async def _round(self, server: PrefixRounds) -> None:
        try:
            await server.round()
        except StoreError as error:
            self._tell(f"playlists that are asked for by name are not looked at: {error}")
        except Exception as error:  # noqa: BLE001 - the border between this and everything else
            if self._tell(f"looking at playlists broke: {in_words(error)}"):
                _log.debug("it broke here", exc_info=True)
        else:
            self._told = ""

    def _tell(self, words: str) -> bool:
        """Say something, once; whether it was said now."""
        is_new = words != self._told
        if is_new:
            self._told = words
            _log.error("%s", words)
        return is_new
