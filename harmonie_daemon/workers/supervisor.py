"""Runs jobs in worker processes that may crash, hang or swell without harm to the daemon."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine
from typing import Any, assert_never

from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.workers.budget import Budget
from harmonie_daemon.workers.kind import MIB, WorkerKind
from harmonie_daemon.workers.messages import Raised, Reply, Returned
from harmonie_daemon.workers.nursery import Nursery
from harmonie_daemon.workers.process import Hear, WorkerDied, WorkerProcess

log = logging.getLogger(__name__)

MEMORY_POLL_S = 0.25
"""How often a busy worker's memory is looked at; an idle one is left asleep."""


class Supervisor:
    """Owns the workers of one kind; each is started when first needed.

    How many are busy at once is decided by the budget, which all supervisors of the daemon share.
    """

    def __init__(self, kind: WorkerKind, budget: Budget) -> None:
        self._kind = kind
        self._budget = budget
        self._nursery = Nursery(kind)
        self._jobs_each = kind.recycle_after if kind.is_trusted else 1
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._releasing: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def start(self) -> None:
        """Start one worker ahead of the first job, and import what they all need."""
        if not self._idle and not self._busy:
            self._idle.append(await self._new_worker())

    async def run(self, job: object, *, timeout_s: float, hear: Hear | None = None) -> Any:
        """What the target returned for this job; ``hear`` gets what a kind that tells says before.

        A worker that dies, hangs or swells gives a trusted job a second chance, alone in the house;
        ``WorkerError`` if that fails too, or if the target raised. Cancelling kills the worker.
        """
        try:
            async with self._budget.together():
                reply = await self._attempt(job, timeout_s, hear)
        except WorkerDied as death:
            if not self._kind.is_trusted:
                raise WorkerError(f"the worker {death}") from death
            async with self._budget.alone():
                reply = await self._last_attempt(job, timeout_s, hear)
        match reply:
            case Returned(value):
                return value
            case Raised(text, origin):
                log.info("a job ended with %s", origin)
                raise WorkerError(text)
            case _:
                assert_never(reply)

    async def close(self) -> None:
        """End every worker at once; jobs under way fail."""
        self._is_closed = True
        for worker in (*self._idle, *self._busy):
            worker.kill()
        for worker in self._idle:
            self._release(worker)
        self._idle.clear()
        while self._releasing:
            await asyncio.wait(self._releasing)
        await self._nursery.shut()

    async def _last_attempt(self, job: object, timeout_s: float, hear: Hear | None) -> Reply:
        try:
            return await self._attempt(job, timeout_s, hear)
        except WorkerDied as death:
            raise WorkerError(f"the worker {death}, twice, the second time alone") from death

    async def _attempt(self, job: object, timeout_s: float, hear: Hear | None) -> Reply:
        async with self._worker() as worker:
            return await self._watched(worker, worker.run(job, hear), timeout_s)

    @contextlib.asynccontextmanager
    async def _worker(self) -> AsyncIterator[WorkerProcess]:
        """A worker of one's own; whatever goes wrong inside is its end."""
        worker = self._living_idle() or await self._new_worker()
        self._busy.add(worker)
        try:
            yield worker
        except BaseException:
            self._release(worker)
            raise
        finally:
            self._busy.discard(worker)
        if self._is_closed or worker.jobs_done >= self._jobs_each:
            self._release(worker)
        else:
            self._idle.append(worker)

    def _living_idle(self) -> WorkerProcess | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive():
                return worker
            self._release(worker)
        return None

    async def _new_worker(self) -> WorkerProcess:
        if self._is_closed:
            raise WorkerError("the workers have been closed")
        return await WorkerProcess.start(self._nursery, trusted=self._kind.is_trusted)

    async def _watched(
        self, worker: WorkerProcess, running: Coroutine[Any, Any, Reply], timeout_s: float
    ) -> Reply:
        """The reply, as long as it comes in time and the worker stays within its memory."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        task = asyncio.ensure_future(running)
        try:
            while (left_s := deadline - loop.time()) > 0:
                done, _ = await asyncio.wait({task}, timeout=min(MEMORY_POLL_S, left_s))
                if done:
                    return task.result()
                self._check_memory(worker)
            raise WorkerDied(f"did not answer within {timeout_s:.0f} s")
        finally:
            task.cancel()

    def _check_memory(self, worker: WorkerProcess) -> None:
        if worker.resident_bytes() > self._kind.memory_limit_bytes:
            limit_mib = self._kind.memory_limit_bytes // MIB
            raise WorkerDied(f"needed more than {limit_mib} MiB of memory")

    def _release(self, worker: WorkerProcess) -> None:
        """Kill now; wait for the end and tidy up in a task of its own."""
        worker.kill()
        task = asyncio.ensure_future(worker.release())
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)
