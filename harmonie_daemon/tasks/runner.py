"""The one task machine: states, lanes, progress, cancel, and what a restart leaves behind."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from harmonie_daemon.domain.errors import HarmonieError, in_words
from harmonie_daemon.domain.task import Lane, TaskId, TaskRecord, TaskState
from harmonie_daemon.store.tasks import Tasks

log = logging.getLogger(__name__)

SAVE_EVERY_S = 2.0
"""Progress reaches the database at most this often; the truth in between is in memory."""
KEPT_TASKS = 500
"""Finished tasks that stay on record."""

Work = Callable[["TaskContext"], Awaitable[Mapping[str, Any] | None]]


class TaskContext:
    """What a piece of work sees of its own task."""

    def __init__(self, record: TaskRecord, save: Callable[[TaskRecord], Awaitable[None]]) -> None:
        self._record = record
        self._save = save
        self._saved_at = 0.0

    @property
    def record(self) -> TaskRecord:
        """The task as it stands."""
        return self._record

    async def progress(self, fraction: float, now: float, **details: object) -> None:
        """Report progress (0 to 1) and structured details; cheap enough to call often."""
        self._record = replace(
            self._record,
            state=TaskState.PROGRESS,
            progress=min(1.0, max(0.0, fraction)),
            updated_at=now,
            details={**self._record.details, **details},
        )
        if now - self._saved_at >= SAVE_EVERY_S:
            self._saved_at = now
            await self._save(self._record)

    def finish(
        self, state: TaskState, now: float, error: str | None = None, **details: object
    ) -> None:
        """Put the task into a state; the runner saves it."""
        self._record = replace(
            self._record,
            state=state,
            progress=1.0 if state is TaskState.SUCCESS else self._record.progress,
            updated_at=now,
            error=error,
            details={**self._record.details, **details},
        )


class Runner:
    """Runs tasks, one at a time in each lane; lanes never wait for one another."""

    def __init__(self, tasks: Tasks, clock: Callable[[], float]) -> None:
        self._tasks = tasks
        self._clock = clock
        self._lanes = {lane: asyncio.Lock() for lane in Lane}
        self._running: dict[TaskId, asyncio.Task[TaskRecord]] = {}
        self._closing = False

    async def start(self) -> None:
        """Mark what an earlier process left unfinished, and forget the oldest tasks."""
        orphans = await self._tasks.interrupt_orphans(self._clock())
        if orphans:
            log.info("%d unfinished tasks of the last run marked as interrupted", orphans)
        await self._tasks.trim(KEPT_TASKS)

    def submit(self, kind: str, lane: Lane, work: Work) -> tuple[TaskId, asyncio.Task[TaskRecord]]:
        """Queue ``work``; the second value ends with the final record and never raises."""
        task_id = TaskId(str(uuid.uuid4()))
        now = self._clock()
        record = TaskRecord(task_id, kind, TaskState.QUEUED, created_at=now, updated_at=now)
        task = asyncio.create_task(self._run(record, lane, work), name=f"{kind} {task_id}")
        self._running[task_id] = task
        task.add_done_callback(lambda _: self._running.pop(task_id, None))
        return task_id, task

    def cancel(self, task_id: TaskId) -> bool:
        """Ask a task to stop; ``False`` when it is not running any more."""
        task = self._running.get(task_id)
        return task.cancel() if task is not None else False

    async def close(self) -> None:
        """Stop every task; they end as failures with the reason."""
        self._closing = True
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, record: TaskRecord, lane: Lane, work: Work) -> TaskRecord:
        context = TaskContext(record, self._tasks.save)
        try:
            await self._tasks.save(record)
            async with self._lanes[lane]:
                context.finish(TaskState.STARTED, self._clock())
                await self._tasks.save(context.record)
                details = await work(context)
            context.finish(TaskState.SUCCESS, self._clock(), **(details or {}))
        except asyncio.CancelledError:
            self._end_cancelled(context)
        except Exception as error:  # the border of a task
            log.error("%s failed: %s", record.kind, error, exc_info=not _is_expected(error))
            context.finish(TaskState.FAILURE, self._clock(), error=in_words(error))
        await self._save_final(context.record)
        return context.record

    def _end_cancelled(self, context: TaskContext) -> None:
        if self._closing:
            context.finish(TaskState.FAILURE, self._clock(), error="interrupted by shutdown")
        else:
            context.finish(TaskState.REVOKED, self._clock())

    async def _save_final(self, record: TaskRecord) -> None:
        try:
            await self._tasks.save(record)
        except Exception as error:  # noqa: BLE001 - the record is lost, not the task
            log.error("the end of %s could not be recorded: %s", record.kind, error)


def _is_expected(error: Exception) -> bool:
    """Errors of our own say what is wrong; others need their traceback."""
    return isinstance(error, HarmonieError)
