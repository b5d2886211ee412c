"""The tasks that have not ended, and what can be asked of tasks in general."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harmonie_daemon.domain.task import Lane, TaskId, TaskRecord
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.tasks.context import TaskContext, TaskHandle
from harmonie_daemon.tasks.kind import TaskKind
from harmonie_daemon.tasks.lane_queue import LaneQueue


@dataclass(slots=True, eq=False)
class Job:
    """A task that has not ended."""

    kind: TaskKind[Any, Any]
    context: TaskContext[Any, Any]
    ended: asyncio.Future[TaskRecord]
    not_before: float = 0.0
    recorded: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it stands in the store, or could not be brought there."""
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    given_up: asyncio.Event = field(default_factory=asyncio.Event)
    working: asyncio.Task[Mapping[str, Any] | None] | None = None
    parent: Job | None = None
    children: set[Job] = field(default_factory=set)
    """Those that have not ended."""
    holds_lane: bool = False

    @property
    def record(self) -> TaskRecord:
        """The task as it stands."""
        return self.context.record

    @property
    def handle(self) -> TaskHandle:
        """For whoever asked."""
        return TaskHandle(self.record.id, lambda: asyncio.shield(self.ended), self.recorded.wait)


class TaskBoard:
    """What stands where; of a task that has not ended the truth is in memory, not in the store."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._queues = {lane: LaneQueue[Job]() for lane in Lane}
        self._lanes: dict[str, Lane] = {}
        """By the name of the kind."""
        self._live: dict[TaskId, Job] = {}

    async def get(self, task_id: TaskId) -> TaskRecord | None:
        """The task as it stands now."""
        job = self._live.get(task_id)
        return job.record if job is not None else await self._tasks.get(task_id)

    async def newest(
        self,
        *,
        kinds: Sequence[str] | None = None,
        parent_id: TaskId | None = None,
        limit: int = 100,
    ) -> list[TaskRecord]:
        """The newest tasks first; mains, or the children of ``parent_id``."""
        found = await self._tasks.newest(kinds=kinds, parent_id=parent_id, limit=limit)
        return [self._live[one.id].record if one.id in self._live else one for one in found]

    def running(self) -> list[TaskRecord]:
        """Every task that has not ended, children included, oldest first."""
        return [job.record for job in self._live.values()]

    def waiting(self, kind: str) -> list[TaskRecord]:
        """The mains of this kind that have not begun, first to last."""
        return [job.record for job in self._queue_of(kind).of_kind(kind)]

    async def wait(self, task_id: TaskId) -> TaskRecord | None:
        """The task at its end; ``None`` for one that was forgotten."""
        job = self._live.get(task_id)
        return await job.handle.wait() if job is not None else await self._tasks.get(task_id)

    def begun_or_due(self, kind: str) -> list[TaskContext[Any, Any]]:
        """The mains of this kind that run or only wait for their turn, oldest first."""
        queue, time = self._queue_of(kind), now()
        return [
            job.context
            for job in self._live.values()
            if job.kind.name == kind and job.parent is None and not job.record.state.is_final
            if job.holds_lane or queue.is_due(job, time)
        ]

    async def settled(self, kind: str) -> None:
        """Wait until no task of this kind runs or only waits for its turn."""
        queue = self._queue_of(kind)
        while ending := [
            job.ended
            for job in self._live.values()
            if job.kind.name == kind and (job.turn.is_set() or queue.is_due(job, now()))
        ]:
            await asyncio.wait(ending)

    def _queue_of(self, kind: str) -> LaneQueue[Job]:
        return self._queues[self._lanes[kind]]


def now() -> float:
    """The loop's clock, which the times in queues are of."""
    return asyncio.get_running_loop().time()
