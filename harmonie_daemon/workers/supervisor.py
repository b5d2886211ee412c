"""Runs jobs in worker processes that may crash, hang or swell without harm to the daemon."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, assert_never

from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.workers.gate import Gate
from harmonie_daemon.workers.messages import Raised, Reply, Returned
from harmonie_daemon.workers.process import WorkerDied, WorkerProcess

log = logging.getLogger(__name__)

MIB = 1024 * 1024
MEMORY_POLL_S = 0.25
"""How often a busy worker's memory is looked at; an idle one is left asleep."""


class Supervisor:
    """Owns up to ``count`` workers; each is started when first needed.

    ``target`` is ``package.module:function``, called in the worker with the job; job and result
    are pickled. ``preload`` names modules that the forkserver imports once for all workers.
    """

    def __init__(
        self,
        target: str,
        count: int,
        *,
        preload: Sequence[str] = (),
        memory_limit_bytes: int = 1_200 * MIB,
        recycle_after: int = 500,
        niceness: int = 10,
    ) -> None:
        self._target = target
        self._preload = tuple(preload)
        self._memory_limit_bytes = memory_limit_bytes
        self._recycle_after = recycle_after
        self._niceness = niceness
        self._gate = Gate(count)
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._releasing: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def start(self) -> None:
        """Start one worker ahead of the first job, and with it the forkserver."""
        if not self._idle and not self._busy:
            self._idle.append(await self._new_worker())

    async def run(self, job: object, *, timeout_s: float) -> Any:
        """What the target returned for this job.

        A worker that dies, hangs or swells gives the job a second chance, alone in the house;
        ``WorkerError`` if that fails too, or if the target raised. Cancelling kills the worker.
        """
        try:
            async with self._gate.together():
                reply = await self._attempt(job, timeout_s)
        except WorkerDied:
            async with self._gate.alone():
                reply = await self._last_attempt(job, timeout_s)
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

    async def _last_attempt(self, job: object, timeout_s: float) -> Reply:
        try:
            return await self._attempt(job, timeout_s)
        except WorkerDied as death:
            raise WorkerError(f"the worker {death}, twice, the second time alone") from death

    async def _attempt(self, job: object, timeout_s: float) -> Reply:
        async with self._worker() as worker:
            return await self._watched(worker, worker.run(job), timeout_s)

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
        if self._is_closed or worker.jobs_done >= self._recycle_after:
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
        return await WorkerProcess.start(
            self._target, preload=self._preload, niceness=self._niceness
        )

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
        if worker.resident_bytes() > self._memory_limit_bytes:
            limit_mib = self._memory_limit_bytes // MIB
            raise WorkerDied(f"needed more than {limit_mib} MiB of memory")

    def _release(self, worker: WorkerProcess) -> None:
        """Kill now; wait for the end and tidy up in a task of its own."""
        worker.kill()
        task = asyncio.ensure_future(worker.release())
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)
