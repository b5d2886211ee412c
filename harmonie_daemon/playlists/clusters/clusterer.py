"""Makes playlists of what sounds alike: the daemon's side of a clustering."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from harmonie_daemon.domain.clustering import FEWEST_TRACKS, ClusterRequest
from harmonie_daemon.domain.errors import TooFewTracksError
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.clusters.clustering import Clustering, Report
from harmonie_daemon.playlists.clusters.finishing import Finishing
from harmonie_daemon.playlists.clusters.job import CLUSTERING
from harmonie_daemon.playlists.clusters.trial import Trial
from harmonie_daemon.playlists.clusters.workroom import clear, furnished
from harmonie_daemon.playlists.eligible import Eligible
from harmonie_daemon.similarity.id_sets import shared
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.workers import Budget, Supervisor

log = logging.getLogger(__name__)

EVERYTHING = TrackFilter()


class Clusterer:
    """Makes clusterings, one at a time, each in worker processes of its own."""

    def __init__(
        self,
        *,
        tracks: Tracks,
        spaces: Spaces,
        budget: Budget,
        folder: Path,
    ) -> None:
        """``folder`` is made while a clustering is, and goes with it."""
        self._tracks = tracks
        self._eligible = Eligible(tracks, spaces)
        self._finishing = Finishing(tracks, spaces)
        self._budget = budget
        self._folder = folder
        self._turn = asyncio.Lock()

    async def cluster(
        self,
        request: ClusterRequest,
        *,
        previous: Sequence[SavedPlaylist],
        report: Report,
        among: Sequence[TrackId] | None = None,
    ) -> Clustering:
        """The best of what the request lets be tried; playlists that are not saved yet.

        ``among``: only these tracks. ``previous`` are those of last time: what continues one has
        its key. ``report`` is told of the beginning and of the end of every batch. May be cancelled
        at any moment: the worker is killed. Raises ``TooFewTracksError``, ``WorkerError`` when the
        worker died twice, ``StoreError``.
        """
        async with self._turn:
            space, ids = await self._eligible.within(EVERYTHING, spoken=False)
            if among is not None:
                ids = shared(ids, among)
            if len(ids) < FEWEST_TRACKS:
                raise TooFewTracksError(
                    f"Not enough analyzed tracks ({len(ids)}) for clustering. "
                    f"Minimum required: {FEWEST_TRACKS}."
                )
            async with self._worker(space, ids) as supervisor:
                trial = Trial(supervisor, self._folder, request, len(ids), report)
                best = await trial.best()
                selected = await trial.finished(best.draw)
            playlists = await self._finishing.playlists(space, ids, selected, previous)
            found = Clustering(
                best=best,
                playlists=tuple(playlists),
                max_songs_per_cluster=request.max_songs_per_cluster,
                tracks=len(ids),
                total_runs=request.runs,
                runs_completed=trial.runs_completed,
            )
        log.info(
            "clustering: %d playlists with %d of %d tracks, score %.2f, %d of %d draws",
            len(found.playlists),
            found.songs,
            found.tracks,
            found.best.score,
            found.runs_completed,
            found.total_runs,
        )
        return found

    @asynccontextmanager
    async def _worker(self, space: Space, ids: IdArray) -> AsyncIterator[Supervisor]:
        """A supervisor, and the folder for what its workers are given; neither outlives this."""
        supervisor = Supervisor(CLUSTERING, self._budget)
        try:
            moods = await self._tracks.mood_table()
            await furnished(self._folder, space, ids, moods)
            yield supervisor
        finally:
            await supervisor.close()
            await asyncio.to_thread(clear, self._folder)
