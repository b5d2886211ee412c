"""Tracks by id, path, tags and filter."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from harmonie_daemon.domain.errors import TrackNotFoundError
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.track import Facets, Track, TrackId
from harmonie_daemon.domain.words import SearchWord
from harmonie_daemon.store import names, spoken_clues, track_counts, track_queries, track_rows
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.names import Named
from harmonie_daemon.store.records import (
    IdArray,
    LibraryCounts,
    MatchKeys,
    OrderBy,
    Page,
    SpokenClues,
)
from harmonie_daemon.store.track_lookup import TrackLookup
from harmonie_daemon.store.tracks.repository import TrackRepository
from harmonie_daemon.store.tracks.words import require_words

List = builtins.list
"""``list`` is a method here."""
T = TypeVar("T")


class TrackFinding(TrackRepository):
    """Nothing is changed here."""

    async def get(self, track_id: TrackId) -> Track:
        """One track. Raises ``TrackNotFoundError``."""
        found = await self.get_many((track_id,))
        if not found:
            raise TrackNotFoundError(f"no track has the id {track_id}")
        return found[0]

    async def get_many(self, ids: Sequence[TrackId]) -> List[Track]:
        """Tracks in the order asked; ids without a track are left out."""
        return await self._db.read(lambda connection: track_rows.load(connection, ids))

    async def answering_models(self, ids: Sequence[TrackId]) -> dict[TrackId, str | None]:
        """Of those of the tracks that exist: the model of the vector they are compared by."""
        return await self._db.read(lambda connection: track_rows.answering_models(connection, ids))

    async def list(
        self,
        filter: TrackFilter,
        *,
        order_by: OrderBy | None = None,
        model: str | None = None,
        words: Sequence[SearchWord] = (),
        limit: int,
        offset: int,
    ) -> Page:
        """A page of the tracks that pass and have all of the words in their names, genres or files.

        Ascending, ties by id, missing values last; left out, the order is that of ids, and with
        words the best match comes first. ``model`` leaves only tracks with a vector of it. Raises
        ``NotReadyError`` while words are still being collected.
        """

        def look(connection: Connection) -> Page:
            if words:
                require_words(connection)
            if words and order_by is None:
                return self._best(connection, filter, model, tuple(words), limit, offset)
            return track_queries.page(
                connection, filter, order_by or "id", model, limit, offset, words
            )

        return await self._db.read(look)

    def _best(
        self,
        connection: Connection,
        filter: TrackFilter,
        model: str | None,
        words: tuple[SearchWord, ...],
        limit: int,
        offset: int,
    ) -> Page:
        """The order is worked out once a generation, for all pages."""
        ids: IdArray = self._found.answer(
            connection,
            (words, filter, model),
            lambda connection: track_queries.best_matching(connection, filter, model, words),
        )
        shown = ids[offset : offset + limit].tolist()
        return Page(tuple(track_rows.load(connection, shown, model)), len(ids))

    async def matching_ids(self, filter: TrackFilter) -> IdArray:
        """Ids of the tracks that pass, with or without a vector: int64[n], ascending."""
        return await self._db.read(
            lambda connection: track_queries.matching_ids(connection, filter)
        )

    async def look_up(self, work: Callable[[TrackLookup], T]) -> T:
        """Find tracks by paths and names: ``work`` runs on a reader thread, in one state."""
        return await self._db.read(lambda connection: work(TrackLookup(connection)))

    async def named(self, keys: Sequence[str]) -> dict[str, Named]:
        """Which of these names (folded keys) an artist, an album or a title goes by."""
        return await self._db.read(lambda connection: names.find(connection, keys))

    async def named_each(self, keys: Sequence[str]) -> dict[str, Named]:
        """The same, with as many tracks for each as if it were the only one."""
        return await self._db.read(lambda connection: names.find_each(connection, keys))

    async def facets(self, ids: Sequence[TrackId] | None = None) -> List[Facets]:
        """What choosing the next track depends on, of these tracks or of all; ascending ids."""
        return await self._db.read(lambda connection: track_queries.facets(connection, ids))

    async def newest(self, n: int) -> List[TrackId]:
        """The tracks that were added last: ``added_at`` descending, then id descending."""
        return await self._db.read(lambda connection: track_queries.newest(connection, n))

    async def paths_and_ids(self) -> List[MatchKeys]:
        """What every track can be recognised by elsewhere; ascending ids."""
        return await self._db.read(track_queries.match_keys)

    async def spoken_clues(self, spoken_styles: Collection[str]) -> List[SpokenClues]:
        """What may say of each track that it is speech; ``spoken_styles`` are the classifier's."""
        return await self._db.read(lambda connection: spoken_clues.load(connection, spoken_styles))

    async def counts(self) -> LibraryCounts:
        """The library in numbers."""
        return await self._db.read(track_counts.library)
