"""A search for clusters that waits at each step until it is let go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from harmonie_daemon.domain.clustering import ClusterMethod, ClusterRequest
from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.clusters.clustering import (
    Batch,
    Best,
    Clustering,
    ClusterPlaylist,
    ClusterProgress,
    Draw,
    Report,
    ScoreParts,
)

BEST = Best(
    Draw(42, ClusterMethod.KMEANS, clusters=5), 0.75, ScoreParts(0.9, 0.8, 0.7, 0.6, 0.5), 3
)


@dataclass
class ScriptedSearch:
    """``go`` lets it on; ``reports`` what it says first; ``error`` what it ends with instead."""

    playlists: tuple[ClusterPlaylist, ...] = ()
    error: str | None = None
    go: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[ClusterRequest] = field(default_factory=list)
    previous: list[str] = field(default_factory=list)
    among: list[tuple[TrackId, ...] | None] = field(default_factory=list)
    cancelled: int = 0

    async def cluster(
        self,
        request: ClusterRequest,
        *,
        previous: Sequence[SavedPlaylist],
        report: Report,
        among: Sequence[TrackId] | None = None,
    ) -> Clustering:
        """Two batches of ten draws, the second of which waits."""
        self.asked.append(request)
        self.among.append(None if among is None else tuple(among))
        self.previous = [one.key for one in previous]
        if self.error is not None:
            raise BadRequestError(self.error)
        await report(_progress(0, None, Batch(1, 10)))
        await report(_progress(10, BEST, Batch(1, 10, done=True)))
        await report(_progress(10, BEST, Batch(2, 10)))
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        await report(_progress(20, BEST, Batch(2, 10, done=True)))
        return Clustering(BEST, self.playlists, 20, 100, 20, 20)


def playlist(name: str, *track_ids: int) -> ClusterPlaylist:
    """One of these tracks."""
    ids = tuple(TrackId(one) for one in track_ids)
    return ClusterPlaylist(f"clustering:{name.lower()}", name, ids, (), len(ids), False)


def _progress(runs: int, best: Best | None, batch: Batch) -> ClusterProgress:
    active = 0 if batch.done else 1
    return ClusterProgress(runs / 20, 100, 20, runs, 2, batch.number, active, best, batch)
