"""Which compositions go when there are too many, or too old ones."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Collection

from harmonie_daemon.domain.composition import CompositionId
from harmonie_daemon.domain.errors import StoreError, in_words
from harmonie_daemon.store.compositions import Compositions, EndedVersion
from harmonie_daemon.tasks.composing.folders import CompositionFolders

log = logging.getLogger(__name__)

DAY_S = 86_400.0
MOST_EMPTY = 10_000
"""Compositions of which nothing is made (yet) that stay on record."""
EMPTY_DAYS = 90.0
"""How long they, and versions that came to nothing, stay where the others stay for ever."""
_BATCH = 500


class Pruner:
    """Removes versions, the oldest first, with their files.

    Never one that something is made of. However little may be kept, the latest stays until it is
    too old: somebody waits for it.
    """

    def __init__(
        self,
        *,
        compositions: Compositions,
        folders: CompositionFolders,
        keep_days: float,
        keep_gb: float,
        clock: Callable[[], float],
    ) -> None:
        """``keep_days``, ``keep_gb``: 0 is without a limit."""
        self._compositions = compositions
        self._folders = folders
        self._keep_s = keep_days * DAY_S or math.inf
        self._keep_bytes = keep_gb * 1e9 or math.inf
        self._clock = clock

    async def prune(self, in_work: Collection[tuple[CompositionId, int]]) -> None:
        """Remove what has to go; what goes wrong is in the log.

        ``in_work``: versions of which something is being made.
        """
        try:
            await self._prune(in_work)
        except (OSError, StoreError) as error:
            log.error("old compositions could not be removed: %s", in_words(error))

    async def _prune(self, in_work: Collection[tuple[CompositionId, int]]) -> None:
        removed = 0
        empty_before = self._clock() - min(self._keep_s, EMPTY_DAYS * DAY_S)
        while surplus := await self._surplus(empty_before, in_work):
            for version in surplus:
                place = (version.composition_id, version.number)
                await asyncio.to_thread(self._folders.remove, *place)
                await self._compositions.delete_version(*place)
            removed += len(surplus)
        if removed:
            log.info("%d versions of compositions have made room", removed)
        await self._compositions.delete_empty(before=empty_before, most=MOST_EMPTY)

    async def _surplus(
        self, empty_before: float, in_work: Collection[tuple[CompositionId, int]]
    ) -> list[EndedVersion]:
        """Of the oldest versions those that have to go."""
        excess = await self._compositions.total_bytes() - self._keep_bytes
        oldest = await self._compositions.ended(empty_before=empty_before, limit=_BATCH)
        latest = oldest[-1] if 0 < len(oldest) < _BATCH else None
        surplus = []
        for version in oldest:
            if (version.composition_id, version.number) in in_work:
                continue
            is_old = version.ended_at < self._clock() - self._keep_s
            if is_old or not version.size_bytes or (excess > 0 and version is not latest):
                surplus.append(version)
                excess -= version.size_bytes
        return surplus
