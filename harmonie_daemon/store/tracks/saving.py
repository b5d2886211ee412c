"""Remembering what was heard, and what files say about themselves."""

from __future__ import annotations

from collections.abc import Sequence

from harmonie_daemon.domain.mood import TrackMoods
from harmonie_daemon.domain.track import Analysis, AudioFile, StyleScore, Tags, TrackId
from harmonie_daemon.store import mood_basis, track_writes
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.tracks.repository import TrackRepository


class TrackSaving(TrackRepository):
    """Each track is one transaction; its moods are made before it."""

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
        return await self._db.write_prepared(
            lambda connection: mood_basis.moods_after_save(
                connection, file, tags, analysis, styles
            ),
            lambda connection, felt: track_writes.save(
                connection, now, file, fingerprint, tags, analysis, styles, unmapped_genres, felt
            ),
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

        def made(connection: Connection) -> TrackMoods | None:
            if tags is None:
                return None
            return mood_basis.moods_after_tags(connection, track_id, tags)

        return await self._db.write_prepared(
            made,
            lambda connection, felt: track_writes.save_tags(
                connection, track_id, file, tags, styles, unmapped_genres, felt
            ),
        )

    async def save_descriptors(
        self, track_id: TrackId, file: AudioFile, analysis: Analysis
    ) -> bool:
        """Replace descriptors, duration and their version; tags, vectors and styles stay.

        ``False``, and nothing saved, if the track is not that unchanged file any more.
        """
        now = self._clock()
        return await self._db.write_prepared(
            lambda connection: mood_basis.moods_after_descriptors(connection, track_id, analysis),
            lambda connection, felt: track_writes.save_descriptors(
                connection, now, track_id, file, analysis, felt
            ),
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

        def made(connection: Connection) -> TrackMoods | None:
            if analysis.style_probabilities is None:
                return None
            return mood_basis.moods_after_styles(connection, track_id, styles)

        return await self._db.write_prepared(
            made,
            lambda connection, felt: track_writes.save_embeddings(
                connection, now, track_id, file, analysis, styles, felt
            ),
        )
