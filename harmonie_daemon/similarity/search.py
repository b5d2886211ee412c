"""What sounds like this track?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.playlist import PlaylistItem, Ranking
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.similarity.index import Hits
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks

OPEN = TrackFilter()


@dataclass(frozen=True, slots=True)
class Similar:
    """The neighbours of one track, nearest first by the ranking asked for; scores are cosines."""

    query_id: TrackId
    matches: tuple[PlaylistItem, ...]


class Search:
    """Nearest neighbours under filters."""

    def __init__(self, tracks: Tracks, spaces: Spaces) -> None:
        self._tracks = tracks
        self._spaces = spaces

    async def similar(
        self,
        track_id: TrackId,
        *,
        limit: int = 10,
        filter: TrackFilter = OPEN,
        include_self: bool = False,
        ranking: Ranking = Ranking.COSINE,
    ) -> Similar:
        """The ``limit`` nearest tracks, in the space of the model that answers for the query.

        A track without an embedding (too short, silent) has no neighbours. Raises
        ``TrackNotFoundError`` for an unknown id and ``NotReadyError`` while loading.
        """
        track = await self._tracks.get(track_id)
        if track.model is None:
            return Similar(track_id, ())
        space = await self._spaces.current(track.model)
        allow = None if filter.is_open else await self._tracks.matching_ids(filter)
        exclude = None if include_self else np.array([track_id], np.int64)
        hits = await self._spaces.compute(
            _neighbours, space, track_id, limit, allow, exclude, ranking
        )
        return Similar(
            track_id,
            tuple(
                PlaylistItem(TrackId(int(found)), float(score))
                for found, score in zip(hits.ids, hits.scores, strict=True)
            ),
        )


def _neighbours(
    space: Space,
    track_id: TrackId,
    limit: int,
    allow: IdArray | None,
    exclude: IdArray | None,
    ranking: Ranking,
) -> Hits:
    query = np.array([track_id], np.int64)
    if not np.isin(query, space.index.ids).all():
        return Hits(np.zeros(0, np.int64), np.zeros(0, np.float32))
    vector = space.index.vectors(query)[0]
    return space.index.search(vector, limit, allow=allow, exclude=exclude, ranking=ranking)
