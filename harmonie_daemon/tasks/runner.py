"""The one task machine: states, lanes, children, cancel, and what a restart leaves behind."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from harmonie_daemon.domain.errors import BusyError, HarmonieError, NotReadyError, in_words
from harmonie_daemon.domain.task import Lane, TaskId, TaskRecord, TaskState
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.tasks.board import Job, TaskBoard, now
from harmonie_daemon.tasks.context import Surroundings, TaskContext, TaskHandle, as_details
from harmonie_daemon.tasks.kind import ArgsT, ProgressT, TaskKind

log = logging.getLogger(__name__)

KEPT_TASKS = 200
"""Ended tasks of each kind that stay on record; those that are part of another do not count."""
TRIM_EVERY = 50
INTERRUPTED = "interrupted by shutdown"
GRACE_S = 5.0
"""How long work that was cancelled may take to end before it is left to itself."""


class Runner(TaskBoard):
    """Runs tasks, one at a time in each lane; lanes never wait for one another."""

    def __init__(self, tasks: Tasks, clock: Callable[[], float], *, grace_s: float = GRACE_S):
        super().__init__(tasks)
        self._clock = clock
        self._grace_s = grace_s
        self._kinds: dict[str, TaskKind[Any, Any]] = {}
        self._occupied: set[Lane] = set()
        self._alarms: dict[Lane, asyncio.TimerHandle] = {}
        self._driving: set[asyncio.Task[None]] = set()
        self._ended = 0
        self.outcomes: Counter[tuple[str, TaskState]] = Counter()
        """How tasks of each kind ended since the start."""
        self._closing = False

    async def start(self) -> None:
        """Mark what an earlier process left unfinished, and forget the oldest tasks."""
        orphans = await self._tasks.interrupt_orphans(self._clock())
        if orphans:
            log.info("%d unfinished tasks of the last run marked as interrupted", orphans)
        await self._tasks.trim(KEPT_TASKS)

    def register(self, kind: TaskKind[ArgsT, ProgressT]) -> TaskKind[ArgsT, ProgressT]:
        """Let tasks of this kind be asked for; its name must be new."""
        if kind.name in self._kinds:
            raise ValueError(f"two kinds of task are called {kind.name}")
        self._kinds[kind.name] = kind
        self._lanes[kind.name] = kind.lane
        return kind

    def submit(
        self,
        kind: TaskKind[ArgsT, Any],
        arguments: ArgsT,
        *,
        after_s: float = 0.0,
        at_once: bool = False,
    ) -> TaskHandle:
        """Ask for a task; one that waits and covers the wish, or can be made to, is it.

        ``after_s``: not before so many seconds have passed. ``at_once``: although the last one of
        its kind failed and a new try is not due yet. Raises ``NotReadyError`` when the daemon is
        stopping, ``BusyError`` when as many of the kind wait as may.
        """
        self._require_known(kind)
        queue, not_before = self._queues[kind.lane], now() + after_s
        if at_once:
            queue.release(kind.name, forgive=False)
        job = self._queued(kind, arguments, not_before)
        self._advance(kind.lane)
        return job.handle

    def _queued(self, kind: TaskKind[ArgsT, Any], arguments: ArgsT, not_before: float) -> Job:
        """One that waits and covers the wish, now if need be; else a new one."""
        queue = self._queues[kind.lane]
        for waiting in queue.of_kind(kind.name):
            merged = kind.merged(waiting.context.arguments, arguments)
            if merged is not None:
                waiting.context.renew(merged)
                waiting.not_before = min(waiting.not_before, not_before)
                return waiting
        most = kind.most_waiting
        if most is not None and sum(1 for _ in queue.of_kind(kind.name)) >= most:
            raise BusyError(f"{most} tasks of this kind wait already; come back later")
        job = self._job(kind, arguments, parent=None)
        job.not_before = not_before
        queue.add(job)
        self._drive(job)
        return job

    def takes(self, kind: str) -> bool:
        """Whether tasks of this kind can be asked for (still)."""
        return not self._closing and kind in self._kinds

    async def retire(self, kind: str) -> None:
        """Stop the tasks of a kind for good, before what they work with is closed."""
        if self._kinds.pop(kind, None) is None:
            return
        ending = [job for job in self._live.values() if job.kind.name == kind]
        for job in ending:
            if not job.record.state.is_final:
                self._end_early(job, TaskState.FAILURE, INTERRUPTED)
        if ending:
            await asyncio.wait([job.ended for job in ending])

    def cancel(self, task_id: TaskId) -> bool:
        """Revoke a task and its children, at once; ``False`` when it has ended already.

        Work under way is interrupted, its worker processes with it. What has not ended after the
        grace is left to itself, and the lane goes on.
        """
        job = self._live.get(task_id)
        if job is None or job.record.state.is_final:
            return False
        self._end_early(job, TaskState.REVOKED, None)
        return True

    async def close(self) -> None:
        """Stop every task; they end as failures with the reason."""
        self._closing = True
        for alarm in self._alarms.values():
            alarm.cancel()
        for job in list(self._live.values()):
            if not job.record.state.is_final:
                self._end_early(job, TaskState.FAILURE, INTERRUPTED)
        while self._driving:
            await asyncio.wait(self._driving)

    def _require_known(self, kind: TaskKind[Any, Any]) -> None:
        if not self.takes(kind.name):
            raise NotReadyError("the daemon is stopping")

    def _job(self, kind: TaskKind[Any, Any], arguments: Any, parent: Job | None) -> Job:
        made_at = self._clock()
        record = TaskRecord(
            TaskId(str(uuid.uuid4())),
            kind.name,
            TaskState.QUEUED,
            created_at=made_at,
            updated_at=made_at,
            parent_id=None if parent is None else parent.record.id,
            arguments=as_details(arguments),
        )

        def spawn(child_kind: TaskKind[Any, Any], arguments: Any) -> TaskHandle:
            return self._spawn(job, child_kind, arguments)

        def others_wait() -> bool:
            return self._queues[kind.lane].has_one(now())

        def leave(left_over: Any) -> Any:
            return self._queued(kind, left_over, now()).context.arguments

        around = Surroundings(self._clock, self._tasks.save, spawn, leave, others_wait)
        context: TaskContext[Any, Any] = TaskContext(record, arguments, around)
        job = Job(kind, context, asyncio.get_running_loop().create_future(), parent=parent)
        self._live[record.id] = job
        return job

    def _spawn(self, parent: Job, kind: TaskKind[Any, Any], arguments: Any) -> TaskHandle:
        self._require_known(kind)
        child = self._job(kind, arguments, parent)
        parent.children.add(child)
        if parent.record.state.is_final:
            self._end_early(child, TaskState.REVOKED, None)
        child.turn.set()
        self._drive(child)
        return child.handle

    def _drive(self, job: Job) -> None:
        driving = asyncio.create_task(self._run(job), name=f"{job.kind.name} {job.record.id}")
        self._driving.add(driving)
        driving.add_done_callback(self._driving.discard)

    def _advance(self, lane: Lane) -> None:
        """Let the next one of a free lane begin, or wake up when its time has come."""
        if lane in self._occupied or self._closing:
            return
        if (alarm := self._alarms.pop(lane, None)) is not None:
            alarm.cancel()
        queue, time = self._queues[lane], now()
        if (job := queue.take(time)) is not None:
            self._occupied.add(lane)
            job.holds_lane = True
            job.turn.set()
        elif (next_time := queue.next_time()) < float("inf"):
            loop = asyncio.get_running_loop()
            self._alarms[lane] = loop.call_at(next_time, self._advance, lane)

    async def _run(self, job: Job) -> None:
        """From the wish to the end. Never raises, and gives the lane free whatever happens."""
        try:
            await self._save(job)
            job.recorded.set()
            await job.turn.wait()
            if not job.record.state.is_final:
                job.context.finish(TaskState.STARTED)
                await self._save(job)
                await self._work(job)
        except Exception as error:  # noqa: BLE001 - the border of a task: a result no record can hold
            _report(job.kind, error)
            job.context.finish(TaskState.FAILURE, error=in_words(error))
        finally:
            await self._end_children(job)
            await self._save(job)
            job.recorded.set()
            self._live.pop(job.record.id, None)
            if job.parent is not None:
                job.parent.children.discard(job)
            else:
                self._leave_lane(job)
                await self._trim_now_and_then()
            self.outcomes[job.kind.name, job.record.state] += 1
            job.ended.set_result(job.record)

    async def _work(self, job: Job) -> None:
        if job.record.state.is_final:  # while the start was being saved
            return
        job.working = asyncio.ensure_future(job.kind.work(job.context))
        giving_up = asyncio.create_task(job.given_up.wait())
        try:
            await asyncio.wait({job.working, giving_up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            giving_up.cancel()
        if not job.working.done():
            log.warning("%s ignores that it was cancelled and is left to itself", job.kind.name)
        elif job.working.cancelled():
            job.context.finish(TaskState.REVOKED)
        elif (error := job.working.exception()) is None:
            job.context.finish(TaskState.SUCCESS, details=job.working.result())
        elif not job.record.state.is_final:
            _report(job.kind, error)
            job.context.finish(TaskState.FAILURE, error=in_words(error))

    def _end_early(self, job: Job, state: TaskState, error: str | None) -> None:
        """Put an end to a task and its children; its work is told and has the grace to go."""
        for child in job.children:
            self._end_early(child, state, error)
        job.context.finish(state, error=error)
        self._queues[job.kind.lane].remove(job)
        job.turn.set()
        if job.working is not None:
            job.working.cancel()
            asyncio.get_running_loop().call_later(self._grace_s, job.given_up.set)

    async def _end_children(self, job: Job) -> None:
        """A task that has ended has no children that go on."""
        for child in job.children:
            self._end_early(child, TaskState.REVOKED, None)
        while job.children:
            await asyncio.wait([child.ended for child in job.children])

    def _leave_lane(self, job: Job) -> None:
        """Give the lane to the next; see to what this one left and whether it is tried again."""
        lane, kind = job.kind.lane, job.kind
        if job.holds_lane:
            self._occupied.discard(lane)
        if self.takes(kind.name):
            match job.record.state:
                case TaskState.SUCCESS:
                    self._queues[lane].release(kind.name)
                case TaskState.FAILURE:
                    wait_s = self._queues[lane].hold(kind, now())
                    if wait_s is not None:
                        log.info("%s is tried again in %.0f s", kind.name, wait_s)
                        self.submit(kind, job.context.arguments)
                case _:
                    self._queues[lane].release(kind.name)
        self._advance(lane)

    async def _trim_now_and_then(self) -> None:
        self._ended += 1
        if self._ended % TRIM_EVERY == 0:
            try:
                await self._tasks.trim(KEPT_TASKS)
            except HarmonieError as error:
                log.error("old tasks could not be forgotten: %s", error)

    async def _save(self, job: Job) -> None:
        """A record that cannot be saved is lost; the task is not."""
        try:
            await self._tasks.save(job.record)
        except Exception as error:  # noqa: BLE001 - the border of a task
            log.error("how %s stands could not be recorded: %s", job.kind.name, error)


def _report(kind: TaskKind[Any, Any], error: BaseException) -> None:
    """Errors of our own say what is wrong; others need their traceback."""
    unforeseen = None if isinstance(error, HarmonieError) else error
    log.error("%s failed: %s", kind.name, error, exc_info=unforeseen)
