"""Styles of tracks, and what the library holds of the taxonomy."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from harmonie_daemon.domain.track import Embedding, TrackId
from harmonie_daemon.store import style_writes, track_counts
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.records import GenreCount, StyleCount
from harmonie_daemon.store.tracks.repository import TrackRepository

T = TypeVar("T")


class TrackStyles(TrackRepository):
    """Rows for filters, and the classifier's whole vector."""

    async def style_probabilities(self, track_id: TrackId) -> Embedding | None:
        """The classifier's probability of every style, float32[400]; ``None`` without."""
        return await self._db.read(
            lambda connection: style_writes.probabilities(connection, int(track_id))
        )

    async def genres(self, style_min: float = 0.0) -> list[GenreCount]:
        """The genres of the library, by number of style rows of at least ``style_min``."""
        return await self._count(
            ("genres", style_min), lambda connection: track_counts.genres(connection, style_min)
        )

    async def styles(self, style_min: float = 0.0, genre: str | None = None) -> list[StyleCount]:
        """The labels of the library, or of one genre (compared by ``text_key``)."""
        return await self._count(
            ("styles", style_min, genre),
            lambda connection: track_counts.styles(connection, style_min, genre),
        )

    async def unmapped_genres(self, limit: int) -> list[tuple[str, int]]:
        """Genre tags that no style stands for, with their tracks, the most frequent first."""
        return await self._db.read(
            lambda connection: track_counts.unmapped_genres(connection, limit)
        )

    async def _count(self, question: Hashable, work: Callable[[Connection], list[T]]) -> list[T]:
        """Walking through every style of every track is done once a generation."""
        counted = await self._db.read(
            lambda connection: self._counted.answer(connection, question, work)
        )
        return list(counted)
