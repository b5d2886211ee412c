"""Covers of saved playlists: what each depends on, and the pictures, drawn in a thread aside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from harmonie_daemon.domain.errors import HarmonieError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.covers.drawing import (
    Cover,
    CoverRequest,
    Glyph,
    cover_hash,
    draw,
)
from harmonie_daemon.mediaservers.covers.palette import coordinates
from harmonie_daemon.store.vectors import Vectors

TIMEOUT_S = 20.0
"""For a cover, which takes half a second; where a thread hangs, only covers are missing."""
KEPT_COVERS = 8
"""Pictures of 150 KB together: one playlist may be many users'."""
KEPT_PLACES = 512
HEARD_TRACKS = 200
"""Of a playlist: its first tracks say what it sounds like."""

T = TypeVar("T")


class CoverError(HarmonieError):
    """A cover could not be drawn."""


class CoverStudio:
    """Draws covers, one at a time. Unchanged playlists have unchanged requests and hashes."""

    def __init__(
        self,
        vectors: Vectors,
        *,
        repeating: Collection[str] = (),
        drawn_before: dict[str, Cover] | None = None,
    ) -> None:
        """``repeating``: names of recipes whose playlists hold what is played again and again."""
        self._vectors = vectors
        self._repeating = frozenset(repeating)
        self._thread = ThreadPoolExecutor(1, "covers")
        self._places: dict[tuple[str, tuple[TrackId, ...]], tuple[float, ...]] = {}
        self._covers = {} if drawn_before is None else drawn_before
        self.drawn = 0
        """Covers so far."""

    def close(self) -> None:
        """Draw nothing any more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def request(self, playlist: SavedPlaylist) -> CoverRequest:
        """What its cover depends on. Raises ``StoreError``."""
        glyph = Glyph.LOOP if playlist.recipe in self._repeating else Glyph.NONE
        return CoverRequest(playlist.name, await self._place(playlist.track_ids), glyph)

    async def hash(self, request: CoverRequest) -> str:
        """A short name for the cover. Raises ``CoverError``."""
        return await self._aside(lambda: cover_hash(request))

    async def cover(self, request: CoverRequest, name: str) -> Cover:
        """The pictures; ``name`` is their hash. Raises ``CoverError``."""
        if name not in self._covers:
            self._covers[name] = await self._aside(lambda: draw(request))
            self.drawn += 1
            while len(self._covers) > KEPT_COVERS:
                del self._covers[next(iter(self._covers))]
        return self._covers[name]

    async def _place(self, tracks: tuple[TrackId, ...]) -> tuple[float, ...]:
        """Where the playlist lies among all sounds; remembered, for most do not change."""
        model, heard = await self._vectors.active_model() or "", tracks[:HEARD_TRACKS]
        if (model, heard) not in self._places:
            _, vectors = await self._vectors.load(model, heard)
            while len(self._places) >= KEPT_PLACES:
                del self._places[next(iter(self._places))]
            self._places[model, heard] = coordinates(vectors)
        return self._places[model, heard]

    async def _aside(self, work: Callable[[], T]) -> T:
        """Off the event loop, within bounds of time."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await loop.run_in_executor(self._thread, work)
        except TimeoutError:
            raise CoverError(f"a cover was not drawn within {TIMEOUT_S:.0f} s") from None
        except (OSError, ValueError, MemoryError) as error:  # a font of the system that is damaged
            raise CoverError(f"a cover cannot be drawn: {type(error).__name__}") from error
