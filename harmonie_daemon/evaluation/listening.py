"""Files heard for an evaluation, in worker processes; nothing of it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from harmonie_daemon.analysis.job import HEARING
from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.evaluation.baselines import Unheard
from harmonie_daemon.workers import Budget, Supervisor
from harmonie_daemon.workers.kind import WorkerKind

Progress = Callable[[int, int], None]
"""Told how many jobs are done, of how many."""


async def hear_all(
    target: str,
    jobs: Sequence[tuple[object, float]],
    *,
    workers: int,
    kind: WorkerKind = HEARING,
    on_progress: Progress = lambda done, total: None,
) -> list[Any]:
    """What ``target`` returns for each job with its time limit in seconds, in order.

    A job that costs its worker leaves ``Unheard``. Cancelling ends the workers, which are of this
    kind.
    """
    supervisor = Supervisor(replace(kind, target=target), Budget(workers))
    done = 0

    async def hear(job: object, timeout_s: float) -> Any:
        nonlocal done
        try:
            return await supervisor.run(job, timeout_s=timeout_s)
        except WorkerError as error:
            return Unheard(str(error))
        finally:
            done += 1
            on_progress(done, len(jobs))

    on_progress(0, len(jobs))
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(hear(job, timeout_s)) for job, timeout_s in jobs]
    finally:
        await supervisor.close()
    return [task.result() for task in running]
