"""Words of tracks: collecting them, and which tracks have them."""

from __future__ import annotations

from collections.abc import Sequence

from harmonie_daemon.domain.errors import NotReadyError
from harmonie_daemon.store import texts
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.records import WordHits
from harmonie_daemon.store.tracks.repository import TrackRepository

WORDS_BATCH = 200
"""Tracks whose words are collected in one transaction: a few hundredths of a second."""


class TrackWords(TrackRepository):
    """The writer keeps words in step with the tracks; those of an earlier release's library, and
    all of them when they are made by other rules, are collected once."""

    async def collect_words(self) -> int:
        """Collect what has never been, batch by batch; goes on where it was broken off.

        Returns of how many tracks.
        """
        collected = 0
        while count := await self._db.write(
            lambda connection: texts.collect(connection, WORDS_BATCH)
        ):
            collected += count
        return collected

    async def with_words(self, words: Sequence[str]) -> list[WordHits]:
        """For each word the tracks that have it, as a whole or as a beginning."""

        def look(connection: Connection) -> list[WordHits]:
            require_words(connection)
            return texts.hits(connection, words)

        return await self._db.read(look)


def require_words(connection: Connection) -> None:
    """Raises ``NotReadyError`` while words are still being collected."""
    if not texts.is_whole(connection):
        raise NotReadyError(
            "the words of the library are still being collected; try again in a minute"
        )
