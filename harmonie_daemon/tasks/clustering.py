"""Clusterings as tasks: groups of tracks that sound alike become playlists, saved and pushed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.domain.playlist import Recipe, SavedPlaylist
from harmonie_daemon.domain.task import Lane, TaskId
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.clusters.clustering import (
    MAKER,
    Batch,
    Best,
    Clustering,
    ClusterPlaylist,
    ClusterProgress,
    Report,
)
from harmonie_daemon.playlists.makers import Maker
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.tasks.context import TaskContext, TaskHandle
from harmonie_daemon.tasks.kind import TaskKind
from harmonie_daemon.tasks.refresh import Refresher, target_word
from harmonie_daemon.tasks.runner import Runner

MAIN_CLUSTERING = "main_clustering"
CLUSTERING_BATCH = "clustering_batch"
STARTED = "Main clustering task started."
SEARCHING = 0.9
"""The share of a clustering that finding the playlists is."""
PUSHING = 0.95
NAMED_BATCHES = 100
MOST_WAITING = 50
"""Clusterings of different wishes; each may take an hour."""


@dataclass(frozen=True, slots=True)
class ClusteringProgress:
    """Where a clustering stands."""

    step: str
    """``searching``, ``saving`` or ``pushing``."""
    tracks: int = 0
    total_runs: int = 0
    runs_completed: int = 0
    total_batch_jobs: int = 0
    batch_jobs_launched: int = 0
    active_runs_count: int = 0
    """Batches that are being tried."""
    best_score: float | None = None
    """0 to 1."""
    score_parts: Mapping[str, float] | None = None
    best_draw: Mapping[str, Any] | None = None
    """Of the best score: ``method``, ``params``, ``components`` and ``run_id``."""
    clustering_run_job_ids: tuple[str, ...] = ()
    """Of the batches that were begun last, at most 100."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """Some draws of a clustering."""

    number: int
    """From 1 on."""
    runs: int


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """Where they stand: a worker says no more than that it is done with all of them."""

    runs: int


MainContext = TaskContext[ClusterRequest, ClusteringProgress]
BatchContext = TaskContext[BatchRequest, BatchProgress]


class ClusterSearch(Protocol):
    """What finds the clusters, in a worker of its own."""

    async def cluster(
        self,
        request: ClusterRequest,
        *,
        previous: Sequence[SavedPlaylist],
        report: Report,
        among: Sequence[TrackId] | None = None,
    ) -> Clustering:
        """The outcome, which may be cancelled at any time; raises ``HarmonieError``.

        ``among``: only these tracks. ``previous``: the playlists of last time, which new ones may
        continue. ``report`` is told of the beginning and of the end of every batch.
        """


class _Batches:
    """What a search reports, as progress, and each of its batches as a part."""

    def __init__(self, context: MainContext, kind: TaskKind[BatchRequest, BatchProgress]) -> None:
        self._context = context
        self._kind = kind
        self._ends: dict[int, asyncio.Event] = {}
        self.so_far = ClusteringProgress("searching")

    async def report(self, now: ClusterProgress) -> None:
        """Say how far the search is; a batch begins, or has ended."""
        if not self.so_far.total_batch_jobs:
            self._context.log(
                f"Fetched {now.tracks} tracks. Preparing {now.total_runs} runs in "
                f"{now.total_batches} batches."
            )
        ids = self.so_far.clustering_run_job_ids
        if now.batch is not None:
            ids = (*ids, *self._follow(now.batch))[-NAMED_BATCHES:]
        self.so_far = replace(_searching(now), clustering_run_job_ids=ids)
        await self._context.progress(SEARCHING * now.fraction, self.so_far)

    def end(self, number: int) -> asyncio.Event:
        """Set when the batch has ended."""
        return self._ends.setdefault(number, asyncio.Event())

    def _follow(self, batch: Batch) -> Iterator[TaskId]:
        """The part that begins with a batch, if it does."""
        if batch.done:
            self.end(batch.number).set()
        else:
            yield self._context.spawn(self._kind, BatchRequest(batch.number, batch.runs)).id


class Clusterings:
    """Clusterings, one after another in the lane of AudioMuse's mains.

    Whoever wants one, the API or a recipe whose time has come, calls ``submit`` and need not wait:
    the task saves its playlists as those of ``MAKER`` and then has them pushed. A refresh must not
    wait for it, since the push that ends it is a refresh, which would wait for that one.
    """

    def __init__(
        self,
        *,
        search: ClusterSearch,
        playlists: Playlists,
        refresher: Refresher,
        runner: Runner,
        clock: Callable[[], float],
    ) -> None:
        self._search = search
        self._maker = Maker(MAKER, playlists)
        self._refresher = refresher
        self._runner = runner
        self._clock = clock
        self._batches: dict[TaskId, _Batches] = {}
        self._main: TaskKind[ClusterRequest, ClusteringProgress] = runner.register(
            TaskKind(MAIN_CLUSTERING, Lane.MAIN, self._work, most_waiting=MOST_WAITING)
        )
        self._batch: TaskKind[BatchRequest, BatchProgress] = runner.register(
            TaskKind(CLUSTERING_BATCH, Lane.MAIN, self._try)
        )

    def submit(self, request: ClusterRequest) -> TaskHandle:
        """Ask for a clustering; one that waits and is asked for in the same words is it.

        Raises ``NotReadyError`` when the daemon is stopping, ``BusyError`` when too many wait.
        """
        return self._runner.submit(self._main, request)

    def begin(self, recipe: Recipe) -> TaskHandle:
        """Ask for the clustering of a recipe whose time has come."""
        return self.submit(recipe.clustering or ClusterRequest())

    async def _work(self, context: MainContext) -> Mapping[str, Any]:
        context.log(STARTED)
        batches = self._batches[context.record.id] = _Batches(context, self._batch)
        previous = await self._maker.playlists()
        try:
            found = await self._search.cluster(
                context.arguments, previous=previous, report=batches.report
            )
        finally:
            del self._batches[context.record.id]
        context.log(f"{len(found.playlists)} playlists with a score of {found.best.score:.2f}.")
        so_far = _found(batches.so_far, found)
        await context.progress(SEARCHING, replace(so_far, step="saving"))
        await self._maker.put(self._saved(found.playlists), instead_of=previous)
        await context.progress(PUSHING, replace(so_far, step="pushing"))
        pushed = await self._refresher.push()
        for target, outcome in pushed.targets.items():
            context.log(f"{target}: {target_word(outcome)}.")
        return {
            **asdict(replace(so_far, step="done")),
            "num_playlists_created": len(found.playlists),
            "num_songs": found.songs,
            "targets": {name: target_word(outcome) for name, outcome in pushed.targets.items()},
        }

    def _saved(self, playlists: Sequence[ClusterPlaylist]) -> list[SavedPlaylist]:
        now = self._clock()
        return [SavedPlaylist(one.key, "", one.name, one.track_ids, now) for one in playlists]

    async def _try(self, context: BatchContext) -> Mapping[str, Any]:
        """Last as long as the batch; a search that is to do without one of them ends with it."""
        parent = TaskId(context.record.parent_id or "")
        wish = context.arguments
        await context.progress(0.0, BatchProgress(wish.runs))
        batches = self._batches.get(parent)
        if batches is None:
            return {}
        try:
            await batches.end(wish.number).wait()
        except asyncio.CancelledError:
            self._runner.cancel(parent)
            raise
        context.log(f"{wish.runs} draws tried.")
        return asdict(BatchProgress(wish.runs))


def _searching(now: ClusterProgress) -> ClusteringProgress:
    return ClusteringProgress(
        "searching",
        tracks=now.tracks,
        total_runs=now.total_runs,
        runs_completed=now.runs_completed,
        total_batch_jobs=now.total_batches,
        batch_jobs_launched=now.batches_launched,
        active_runs_count=now.batches_active,
        **({} if now.best is None else _best(now.best)),
    )


def _found(so_far: ClusteringProgress, found: Clustering) -> ClusteringProgress:
    return replace(
        so_far,
        tracks=found.tracks,
        total_runs=found.total_runs,
        runs_completed=found.runs_completed,
        active_runs_count=0,
        **_best(found.best),
    )


def _best(best: Best) -> dict[str, Any]:
    draw = best.draw
    return {
        "best_score": best.score,
        "score_parts": asdict(best.parts),
        "best_draw": {
            "method": draw.method.value,
            "params": draw.params,
            "components": best.components,
            "run_id": draw.run_id,
        },
    }
