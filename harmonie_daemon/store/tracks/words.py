"""Words of tracks: collecting them, and which tracks have them."""

from __future__ import annotations

from collections.abc import Sequence

from harmonie_daemon.domain.errors import NotReadyError
from harmonie_daemon.store import texts
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.records import IdArray
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

    async def with_words(
        self, words: Sequence[str], names: Sequence[Sequence[str]] = ()
    ) -> tuple[list[IdArray], list[IdArray]]:
        """The tracks of each word; and of each group of phrases those that have any of them in a
        title, an album or a file's name. See ``texts.hits``.

        Raises ``NotReadyError`` while words are still being collected.
        """

        def look(connection: Connection) -> tuple[list[IdArray], list[IdArray]]:
            require_words(connection)
            return (
                [texts.hits(connection, [word]) for word in words],
                [texts.hits(connection, group, in_names=True) for group in names],
            )

        return await self._db.read(look)

    async def strangers(self, words: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
        """Those of the words that no track has, each with the words of tracks that begin with the
        same two letters and how many tracks have them.

        Raises ``NotReadyError`` while words are still being collected.
        """

        def look(connection: Connection) -> dict[str, list[tuple[str, int]]]:
            require_words(connection)
            return {
                word: texts.beginning_alike(connection, word)
                for word in words
                if not texts.is_there(connection, word)
            }

        return await self._db.read(look)


def require_words(connection: Connection) -> None:
    """Raises ``NotReadyError`` while words are still being collected."""
    if not texts.is_whole(connection):
        raise NotReadyError(
            "the words of the library are still being collected; try again in a minute"
        )
