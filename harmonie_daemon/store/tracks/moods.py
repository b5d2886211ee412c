"""Moods of tracks."""

from __future__ import annotations

from collections.abc import Sequence

from harmonie_daemon.domain.mood import TrackMoods
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store import generations, mood_basis, moods
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.records import MoodTable
from harmonie_daemon.store.tracks.repository import TrackRepository

MOODS_BATCH = 200
"""Tracks whose moods are made anew in one transaction: a few hundredths of a second."""


class MoodScores(TrackRepository):
    """They are saved with what they follow from (``TrackSaving``)."""

    async def moods(self, ids: Sequence[TrackId]) -> dict[TrackId, TrackMoods]:
        """The moods of those of the tracks that have any, each by itself, not ranked."""
        return await self._db.read(lambda connection: moods.load(connection, ids))

    async def mood_table(self) -> MoodTable:
        """The labels' scores of every track, for arithmetic."""
        return await self._db.read(moods.table)

    async def renew_moods(self) -> int:
        """Make moods of an earlier version of the model anew; returns of how many tracks."""
        renewed = 0
        while count := await self._db.write_prepared(
            lambda connection: mood_basis.renewed(connection, MOODS_BATCH), _save_all
        ):
            renewed += count
        return renewed


def _save_all(connection: Connection, made: Sequence[tuple[int, TrackMoods | None]]) -> int:
    for track_id, felt in made:
        moods.save(connection, track_id, felt)
    if made:
        generations.record(connection, [track_id for track_id, _ in made])
    return len(made)
