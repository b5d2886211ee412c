"""The built-in model's vectors of an earlier release, turned into those of this one.

No file is heard again. The old vectors answer until all of them are turned; then they go.
"""

from __future__ import annotations

import asyncio
import logging

from harmonie_daemon.analysis.embeddings import (
    BEFORE_TIMBRE_MODEL,
    TIMBRE_MODEL,
    successors,
)
from harmonie_daemon.store.vectors import Vectors

log = logging.getLogger(__name__)

BATCH = 500
"""Tracks in one transaction: a fraction of a second in which nothing else can be written."""


class Succession:
    """Turns what is left to turn; may be asked at any time, and goes on where it was broken off."""

    def __init__(self, vectors: Vectors, *, batch: int = BATCH) -> None:
        self._vectors = vectors
        self._batch = batch
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """Until no vector of the earlier model is left. Raises ``StoreError``."""
        async with self._lock:
            if BEFORE_TIMBRE_MODEL not in {model.name for model in await self._vectors.models()}:
                return
            log.info("vectors of %s become vectors of %s", BEFORE_TIMBRE_MODEL, TIMBRE_MODEL)
            last: int | None = 0
            while last is not None:
                last = await self._vectors.turn(
                    BEFORE_TIMBRE_MODEL, TIMBRE_MODEL, successors, after=last, limit=self._batch
                )
            await self._vectors.conclude(BEFORE_TIMBRE_MODEL, TIMBRE_MODEL)
            log.info("%s has taken the place of %s", TIMBRE_MODEL, BEFORE_TIMBRE_MODEL)
