"""The backup that the clock asks for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.store.backup import back_up, dated_name, prune

log = logging.getLogger(__name__)


class ScheduledBackup:
    """Copies the database into a folder and keeps the newest copies."""

    def __init__(
        self, database: Path, folder: Path, *, keep: int, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._folder = folder
        self._keep = keep
        self._clock = clock
        self._is_stopped = False
        self._copying: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Copy now; what goes wrong is in the log, and what was copied before stays."""
        self._copying = asyncio.create_task(asyncio.to_thread(self._copy), name="backup")
        await asyncio.shield(self._copying)

    async def close(self) -> None:
        """Break off the copy that is being made."""
        self._is_stopped = True
        if self._copying is not None:
            await asyncio.wait([self._copying])

    def _copy(self) -> None:
        copy = self._folder / dated_name(self._clock())
        try:
            if back_up(self._database, copy, stopped=lambda: self._is_stopped):
                prune(self._folder, self._keep)
                log.info("database copied to %s", copy)
        except StoreError as error:
            log.error("the backup failed: %s", error)
