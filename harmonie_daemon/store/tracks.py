"""The repository of tracks: files, what they say of themselves and what was heard in them."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import TypeVar

from harmonie_daemon.domain.errors import TrackNotFoundError
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.mood import TrackMoods
from harmonie_daemon.domain.track import (
    Analysis,
    AudioFile,
    Embedding,
    Facets,
    StyleScore,
    Tags,
    Track,
    TrackId,
)
from harmonie_daemon.library.scanner import KnownFile
from harmonie_daemon.store import (
    hidden_files,
    moods,
    spoken_clues,
    style_writes,
    track_counts,
    track_queries,
    track_rows,
    track_writes,
)
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.records import (
    GenreCount,
    IdArray,
    LibraryCounts,
    MatchKeys,
    OrderBy,
    Page,
    SpokenClues,
    StyleCount,
)
from harmonie_daemon.store.remembered import Remembered
from harmonie_daemon.store.track_lookup import TrackLookup

__all__ = [
    "GenreCount",
    "IdArray",
    "LibraryCounts",
    "MatchKeys",
    "OrderBy",
    "Page",
    "StyleCount",
    "Tracks",
]

MOODS_BATCH = 200
"""Tracks whose moods are made anew in one transaction: a few hundredths of a second."""
List = builtins.list
"""``list`` is a method here."""
T = TypeVar("T")


class Tracks:
    """Tracks by id, path, tags and filter. Every method may raise ``StoreError``."""

    def __init__(self, db: Database, clock: Callable[[], float]) -> None:
        """``clock`` gives Unix time, for ``added_at`` and ``analyzed_at``."""
        self._db = db
        self._clock = clock
        self._counted = Remembered()

    async def known_files(self, below: Sequence[str] | None = None) -> List[KnownFile]:
        """Every file the store remembers, undecodable and hidden ones included; ascending ids.

        ``below``: only files at or below these absolute paths.
        """
        return await self._db.read(lambda connection: track_queries.known_files(connection, below))

    async def save(
        self,
        file: AudioFile,
        fingerprint: bytes | None,
        tags: Tags,
        analysis: Analysis,
        styles: Sequence[StyleScore],
        unmapped_genres: Sequence[str] = (),
    ) -> TrackId:
        """Remember what was heard in the file; a known path keeps its id and ``added_at``.

        Vectors of models that ``analysis`` does not mention, and the classifier's styles, stay if
        size and modification time are the known ones or the new vectors say that it sounds the
        same (its tags were edited); they go if the file is another. An earlier failure is
        forgotten. Raises ``StoreError`` for a vector that is not finite, not of length 1 or of
        another dimension than its model's; nothing is saved then.

        ``styles`` are the classifier's when the analysis has ``style_probabilities``, else
        those of the tags.
        """
        now = self._clock()
        return await self._db.write(
            lambda connection: track_writes.save(
                connection, now, file, fingerprint, tags, analysis, styles, unmapped_genres
            )
        )

    async def save_tags(
        self,
        track_id: TrackId,
        file: AudioFile,
        tags: Tags | None,
        styles: Sequence[StyleScore],
        unmapped_genres: Sequence[str],
    ) -> bool:
        """Replace the tags of an unchanged file, and what depends on them; nothing was heard.

        ``None``: they were not read whole, and what is known of them stays. ``False``, and nothing
        saved, if the track is not that unchanged file any more.
        """
        return await self._db.write(
            lambda connection: track_writes.save_tags(
                connection, track_id, file, tags, styles, unmapped_genres
            )
        )

    async def save_descriptors(
        self, track_id: TrackId, file: AudioFile, analysis: Analysis
    ) -> bool:
        """Replace descriptors, duration and their version; tags, vectors and styles stay.

        ``False``, and nothing saved, if the track is not that unchanged file any more.
        """
        now = self._clock()
        return await self._db.write(
            lambda connection: track_writes.save_descriptors(
                connection, now, track_id, file, analysis
            )
        )

    async def save_embeddings(
        self,
        track_id: TrackId,
        file: AudioFile,
        analysis: Analysis,
        styles: Sequence[StyleScore] = (),
    ) -> bool:
        """Add or replace the vectors of the models that ``analysis`` mentions; all else stays.

        If the analysis has ``style_probabilities``, they and ``styles`` replace the styles.
        ``False``, and nothing saved, if the track is not that unchanged file any more. Raises
        ``StoreError`` as ``save`` does.
        """
        now = self._clock()
        return await self._db.write(
            lambda connection: track_writes.save_embeddings(
                connection, now, track_id, file, analysis, styles
            )
        )

    async def style_probabilities(self, track_id: TrackId) -> Embedding | None:
        """The classifier's probability of every style, float32[400]; ``None`` without."""
        return await self._db.read(
            lambda connection: style_writes.probabilities(connection, int(track_id))
        )

    async def moods(self, ids: Sequence[TrackId]) -> dict[TrackId, TrackMoods]:
        """The moods of those of the tracks that have any, each by itself, not ranked."""
        return await self._db.read(lambda connection: moods.load(connection, ids))

    async def renew_moods(self) -> int:
        """Make moods of an earlier version of the model anew; returns of how many tracks."""
        renewed = 0
        while count := await self._db.write(
            lambda connection: moods.renew_outdated(connection, MOODS_BATCH)
        ):
            renewed += count
        return renewed

    async def record_failure(self, file: AudioFile, fingerprint: bytes | None, reason: str) -> None:
        """Remember that the file cannot be decoded. Its track disappears, its id stays reserved."""
        now = self._clock()
        await self._db.write(
            lambda connection: track_writes.record_failure(
                connection, now, file, fingerprint, reason
            )
        )

    async def move_many(self, moves: Sequence[tuple[TrackId, AudioFile]]) -> int:
        """Give known files (tracks or failures) new paths, roots, sizes and modification times.

        All at once, so that files may change places. Whatever else was known at a new path is
        removed; returns how much that was. ``TrackNotFoundError``, and nothing moved, for an
        unknown id.
        """
        return await self._db.write(lambda connection: track_writes.move_many(connection, moves))

    async def hide(self, ids: Sequence[TrackId]) -> int:
        """Leave these files out of every answer from now on; returns how many were in them."""
        now = self._clock()
        return await self._db.write(lambda connection: hidden_files.hide(connection, now, ids))

    async def show_below(self, roots: Sequence[str]) -> int:
        """Show the hidden files at or below these absolute paths again; returns how many."""
        return await self._db.write(lambda connection: hidden_files.show_below(connection, roots))

    async def forget_hidden(self, before: float) -> int:
        """Forget files that have been hidden since then (Unix time) or longer; how many."""

        def forget(connection: Connection) -> int:
            expired = hidden_files.hidden_before(connection, before)
            return track_writes.remove(connection, expired)

        return await self._db.write(forget)

    async def remove(self, ids: Sequence[TrackId]) -> int:
        """Forget these files and their tracks; returns how many were known."""
        return await self._db.write(lambda connection: track_writes.remove(connection, ids))

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
        order_by: OrderBy = "id",
        model: str | None = None,
        limit: int,
        offset: int,
    ) -> Page:
        """A page of the tracks that pass, ascending, ties by id, missing values last.

        ``model`` leaves only tracks with a vector of it.
        """
        return await self._db.read(
            lambda connection: track_queries.page(
                connection, filter, order_by, model, limit, offset
            )
        )

    async def matching_ids(
        self,
        filter: TrackFilter,
        model: str | None = None,
    ) -> IdArray:
        """Ids of the tracks that pass (and have a vector of ``model``), int64[n], ascending."""
        return await self._db.read(
            lambda connection: track_queries.matching_ids(connection, filter, model)
        )

    async def look_up(self, work: Callable[[TrackLookup], T]) -> T:
        """Find tracks by paths and names: ``work`` runs on a reader thread, in one state."""
        return await self._db.read(lambda connection: work(TrackLookup(connection)))

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

    async def failures(self, limit: int = 20) -> List[tuple[str, str]]:
        """Path and reason of the files that could not be decoded, the latest first."""
        return await self._db.read(lambda connection: track_counts.failures(connection, limit))

    async def unmapped_genres(self, limit: int) -> List[tuple[str, int]]:
        """Genre tags that no style stands for, with their tracks, the most frequent first."""
        return await self._db.read(
            lambda connection: track_counts.unmapped_genres(connection, limit)
        )

    async def genres(self, style_min: float = 0.0) -> List[GenreCount]:
        """The genres of the library, by number of style rows of at least ``style_min``."""
        return await self._count(
            ("genres", style_min), lambda connection: track_counts.genres(connection, style_min)
        )

    async def styles(self, style_min: float = 0.0, genre: str | None = None) -> List[StyleCount]:
        """The labels of the library, or of one genre (compared by ``text_key``)."""
        return await self._count(
            ("styles", style_min, genre),
            lambda connection: track_counts.styles(connection, style_min, genre),
        )

    async def _count(self, question: Hashable, work: Callable[[Connection], List[T]]) -> List[T]:
        """Walking through every style of every track is done once a generation."""
        counted = await self._db.read(
            lambda connection: self._counted.answer(connection, question, work)
        )
        return list(counted)
