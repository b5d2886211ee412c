"""Which tracks a playlist that appears by itself may take."""

from __future__ import annotations

from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.playlists.builder import NOTHING
from harmonie_daemon.playlists.spoken import Speech, asks_for_speech
from harmonie_daemon.similarity.id_sets import shared, without
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks


class Eligible:
    """The library without what is not wanted: speech, and what a filter holds back."""

    def __init__(self, tracks: Tracks, spaces: Spaces) -> None:
        self._tracks = tracks
        self._spaces = spaces
        self._speech = Speech(tracks, spaces)

    async def within(self, gate: TrackFilter, *, spoken: bool) -> tuple[Space, IdArray]:
        """The library's space, and the tracks in it (ascending ids) that may be taken."""
        space = await self._spaces.current()
        passing = None if gate.is_open else await self._tracks.matching_ids(gate)
        left_out = await self.left_out(gate, spoken=spoken)
        return space, await self._spaces.compute(_allowed, space.index.ids, passing, left_out)

    async def left_out(self, gate: TrackFilter, *, spoken: bool) -> IdArray:
        """Speech (ascending ids), unless it is wanted."""
        is_wanted = spoken or asks_for_speech(gate)
        return NOTHING if is_wanted else await self._speech.ids()


def _allowed(ids: IdArray, passing: IdArray | None, left_out: IdArray) -> IdArray:
    """All of them ascending, each once. Array work."""
    if passing is not None:
        ids = shared(ids, passing)
    return without(ids, left_out)
