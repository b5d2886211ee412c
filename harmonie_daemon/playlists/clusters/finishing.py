"""From chosen tracks to playlists: their order, which earlier ones they continue, their names."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.clusters.clustering import MAKER, ClusterPlaylist
from harmonie_daemon.playlists.clusters.job import Selected
from harmonie_daemon.playlists.clusters.names import (
    extra_word,
    new_name,
    still_true,
    tempo_word,
)
from harmonie_daemon.playlists.continuity import successors
from harmonie_daemon.playlists.sequencing import sequenced
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks

TrackIds = tuple[TrackId, ...]


class Finishing:
    """The last touches, in the daemon's process."""

    def __init__(self, tracks: Tracks, spaces: Spaces) -> None:
        self._tracks = tracks
        self._spaces = spaces

    async def playlists(
        self,
        space: Space,
        ids: IdArray,
        selected: Sequence[Selected],
        earlier: Sequence[SavedPlaylist],
    ) -> list[ClusterPlaylist]:
        """Playlists of these rows of ``ids``; one that continues an earlier one has its key.

        It has its name, too, as long as that is true: who looks for the list in an app finds it
        again. When its mood or tempo is another one, it is renamed in place, since the name is
        all that says what is in it.
        """
        lists = [await self._in_order(space, ids[list(one.rows)]) for one in selected]
        heirs = await self._spaces.compute(successors, lists, earlier)
        tempos = [tempo_word(_known_bpms(space, track_ids)) for track_ids in lists]
        names = await self._names(lists, selected, tempos, heirs)
        taken = {playlist.key for playlist in earlier}
        fresh = (own for n in itertools.count(1) if (own := f"{MAKER}:{n}") not in taken)
        return [
            ClusterPlaylist(
                key=next(fresh) if heir is None else heir.key,
                name=name,
                track_ids=track_ids,
                moods=tuple((mood.label, mood.mean) for mood in one.moods),
                cluster_size=one.cluster_size,
                continues=heir is not None,
            )
            for one, track_ids, heir, name in zip(selected, lists, heirs, names, strict=True)
        ]

    async def _in_order(self, space: Space, ids: IdArray) -> TrackIds:
        track_ids = [TrackId(id_) for id_ in ids.tolist()]
        return await self._spaces.compute(sequenced, space, track_ids)

    async def _names(
        self,
        lists: Sequence[TrackIds],
        selected: Sequence[Selected],
        tempos: Sequence[str],
        heirs: Sequence[SavedPlaylist | None],
    ) -> list[str]:
        moods = [[mood.label for mood in one.moods] for one in selected]
        kept = [
            heir.name if heir is not None and still_true(heir.name, labels, tempo) else ""
            for heir, labels, tempo in zip(heirs, moods, tempos, strict=True)
        ]
        taken = {name for name in kept if name}
        for place, track_ids in enumerate(lists):
            if kept[place]:
                continue
            extra = extra_word(await self._tracks.get_many(track_ids))
            kept[place] = new_name(moods[place], tempos[place], extra, taken)
            taken.add(kept[place])
        return kept


def _known_bpms(space: Space, track_ids: TrackIds) -> list[float]:
    columns = space.columns.take(np.sort(np.array(track_ids, np.int64)))
    bpms: list[float] = columns.bpm[~np.isnan(columns.bpm)].tolist()
    return bpms
