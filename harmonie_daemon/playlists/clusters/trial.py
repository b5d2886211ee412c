"""Trying draws in a worker, round after round, and telling how far that is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.playlists.clusters.clustering import (
    Batch,
    Best,
    ClusterProgress,
    Draw,
    Report,
)
from harmonie_daemon.playlists.clusters.draws import (
    BATCH_RUNS,
    batches,
    draw,
    is_in_vain,
    ranking,
    rounds,
)
from harmonie_daemon.playlists.clusters.job import Finish, Prepare, Selected, Try
from harmonie_daemon.workers import Supervisor

STEP_TIMEOUT_S = 900.0
"""A step takes seconds; on the slowest machine with the largest library minutes."""


class Trial:
    """One clustering as far as it is the worker's."""

    def __init__(
        self,
        supervisor: Supervisor,
        folder: Path,
        request: ClusterRequest,
        tracks: int,
        report: Report,
    ) -> None:
        self._supervisor = supervisor
        self._folder = str(folder)
        self._request = request
        self._tracks = tracks
        self._report = report
        self._best: Best | None = None
        self._launched = 0
        self._total_batches = 0
        self.runs_completed = 0

    async def best(self) -> Best:
        """The draw whose playlists are best; its score is that of the whole library."""
        songs: int = await self._run(Prepare(self._folder, self._request))
        plan = rounds(self._request.runs, songs)
        self._total_batches = sum(-(-one.kept // BATCH_RUNS) for one in plan)
        await self._tell()
        left = [draw(self._request, number) for number in range(1, self._request.runs + 1)]
        for number, look in enumerate(plan):
            tried = await self._tried(left[: look.kept], look.tracks, is_first=number == 0)
            left = [one.draw for one in tried]
        if self._best is None:
            raise AssertionError("a request has a run at least")
        return self._best

    async def finished(self, chosen: Draw) -> list[Selected]:
        """The playlists of this draw."""
        selected: list[Selected] = await self._run(Finish(self._folder, self._request, chosen))
        return selected

    async def _tried(self, draws: Sequence[Draw], tracks: int, *, is_first: bool) -> list[Best]:
        """These draws, the best first; of the first round as many as are worth while."""
        tried: list[Best] = []
        for some in batches(draws):
            self._launched += 1
            batch = Batch(self._launched, len(some))
            await self._tell(batch)
            tried += await self._run(Try(self._folder, self._request, some, tracks))
            self._best = ranking(tried)[0]
            if is_first:
                self.runs_completed = len(tried)
            await self._tell(Batch(batch.number, batch.runs, done=True))
            if is_first and is_in_vain(tried, self._request.runs):
                break
        return ranking(tried)

    async def _run(self, job: Prepare | Try | Finish) -> Any:
        return await self._supervisor.run(job, timeout_s=STEP_TIMEOUT_S)

    async def _tell(self, batch: Batch | None = None) -> None:
        is_active = batch is not None and not batch.done
        completed = self._launched - is_active
        await self._report(
            ClusterProgress(
                fraction=completed / self._total_batches,
                tracks=self._tracks,
                total_runs=self._request.runs,
                runs_completed=self.runs_completed,
                total_batches=self._total_batches,
                batches_launched=self._launched,
                batches_active=int(is_active),
                best=self._best,
                batch=batch,
            )
        )
