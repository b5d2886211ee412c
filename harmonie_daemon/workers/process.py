"""The parent's handle of one worker process: its pipe, its end, its memory."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType

from harmonie_daemon.workers import worker
from harmonie_daemon.workers.messages import Reply

ENVIRONMENT = "harmonie_daemon.workers.environment"
_starting = threading.Lock()


class WorkerDied(Exception):  # noqa: N818 - an event, turned into a WorkerError further up
    """The process ended while it held a job; the message says how."""


class WorkerProcess:
    """One running worker. Not thread-safe: it belongs to the event loop that made it."""

    def __init__(self, process: ForkServerProcess, connection: Connection) -> None:
        self._process = process
        self._connection = connection
        self._end: asyncio.Future[None] | None = None
        self.jobs_done = 0

    @classmethod
    async def start(cls, target: str, *, preload: Sequence[str], niceness: int) -> WorkerProcess:
        """Fork a worker; the first one waits a second for the forkserver to import."""
        starting = asyncio.ensure_future(asyncio.to_thread(_start, target, preload, niceness))
        try:
            return cls(*await asyncio.shield(starting))
        except asyncio.CancelledError:
            starting.add_done_callback(_discard)
            raise

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid or 0

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.is_alive()

    async def run(self, job: object) -> Reply:
        """Give it a job and wait; ``WorkerDied`` if the process ends first."""
        loop = asyncio.get_running_loop()
        readable = loop.create_future()
        try:
            self._connection.send(job)
            loop.add_reader(self._connection.fileno(), _set, readable)
            await readable
            reply: Reply = self._connection.recv()
        except (EOFError, OSError) as error:
            raise WorkerDied(await self._obituary()) from error
        finally:
            loop.remove_reader(self._connection.fileno())
        self.jobs_done += 1
        return reply

    def resident_bytes(self) -> int:
        """Memory it holds now (VmRSS); 0 if it is gone."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return 0
        for line in status.splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    async def release(self) -> None:
        """Kill it if need be, wait for its end and give back what the handle holds."""
        self._process.kill()
        await self._ended()
        self._process.join()
        self._process.close()
        self._connection.close()

    async def _obituary(self) -> str:
        await self._ended()
        self._process.join()
        return describe_exit(self._process.exitcode)

    async def _ended(self) -> None:
        """Wait for the end of the process; any number of tasks may, and may be cancelled."""
        if self._end is None:
            loop = asyncio.get_running_loop()
            self._end = loop.create_future()
            sentinel = self._process.sentinel
            self._end.add_done_callback(lambda _: loop.remove_reader(sentinel))
            loop.add_reader(sentinel, _set, self._end)
        await asyncio.wait({self._end})


def describe_exit(exit_code: int | None) -> str:
    """How a process ended, for a person."""
    if exit_code is not None and exit_code < 0:
        return f"crashed with {signal.Signals(-exit_code).name}"
    return f"ended with exit code {exit_code}"


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _start(
    target: str, preload: Sequence[str], niceness: int
) -> tuple[ForkServerProcess, Connection]:
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=worker.main, args=(theirs, target, niceness), daemon=True, name="harmonie-worker"
    )
    with _starting, theirs, _hidden_main():
        context.set_forkserver_preload([ENVIRONMENT, worker.__name__, *preload])
        process.start()
    return process, ours


@contextmanager
def _hidden_main() -> Iterator[None]:
    """Keep multiprocessing from importing the daemon's own start script into every worker."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _discard(starting: asyncio.Future[tuple[ForkServerProcess, Connection]]) -> None:
    """End a worker that nobody waits for any more."""
    if starting.cancelled() or starting.exception() is not None:
        return
    process, connection = starting.result()
    connection.close()
    process.kill()
