"""The parent's handle of one worker process: its pipe, its end, its memory."""

from __future__ import annotations

import asyncio
import os
import select
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from harmonie_daemon.workers.messages import (
    Raised,
    Reply,
    Returned,
    Told,
    exchange,
    receive_reply,
    send_job,
)
from harmonie_daemon.workers.nursery import Newborn, Nursery

Hear = Callable[[Any], Awaitable[None]]
"""Takes what a worker tells; the worker goes on meanwhile, until its pipe is full."""


class WorkerDied(Exception):  # noqa: N818 - an event, turned into a WorkerError further up
    """The process ended while it held a job; the message says how."""


class WorkerProcess:
    """One running worker. Not thread-safe: it belongs to the event loop that made it."""

    def __init__(self, nursery: Nursery, newborn: Newborn, *, trusted: bool) -> None:
        self._nursery = nursery
        self._trusted = trusted
        self._connection = newborn.connection
        self._status = newborn.status
        self._end: asyncio.Future[None] | None = None
        self.pid = newborn.pid
        self.jobs_done = 0

    @classmethod
    async def start(cls, nursery: Nursery, *, trusted: bool) -> WorkerProcess:
        """Fork a worker. Raises ``WorkerError`` when none can be."""
        starting = asyncio.ensure_future(nursery.fork())
        try:
            return cls(nursery, await asyncio.shield(starting), trusted=trusted)
        except asyncio.CancelledError:
            starting.add_done_callback(lambda done: _discard(nursery, done))
            raise

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        return not poll.poll(0)

    async def run(self, job: object, hear: Hear | None = None) -> Reply:
        """Give it a job and wait; ``WorkerDied`` if the process ends first.

        ``hear`` is given what a trusted worker says before its answer.
        """
        try:
            reply = await (
                self._trusting(job, hear) if self._trusted else exchange(self._connection, job)
            )
        except (EOFError, OSError) as error:
            self.kill()  # it may live on, after an answer that was too long
            await self._ended()
            raise WorkerDied(self._how_it_ended()) from error
        self.jobs_done += 1
        return reply

    async def _trusting(self, job: object, hear: Hear | None) -> Reply:
        """Believes that a worker reads what it is sent, and that an answer has an end."""
        send_job(self._connection, job)
        while True:
            await self._readable()
            match receive_reply(self._connection):
                case Told(value):
                    if hear is not None:
                        await hear(value)
                case Returned() | Raised() as reply:
                    return reply

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        readable = loop.create_future()
        loop.add_reader(self._connection.fileno(), _set, readable)
        try:
            await readable
        finally:
            loop.remove_reader(self._connection.fileno())

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
        self._nursery.kill(self.pid)

    async def release(self) -> None:
        """Kill it if need be, wait for its end and give back what the handle holds."""
        self.kill()
        await self._ended()
        os.close(self._status)
        self._connection.close()

    async def _ended(self) -> None:
        """Wait for the end of the process; any number of tasks may, and may be cancelled."""
        if self._end is None:
            loop = asyncio.get_running_loop()
            self._end = loop.create_future()
            self._end.add_done_callback(lambda _: loop.remove_reader(self._status))
            loop.add_reader(self._status, _set, self._end)
        await asyncio.wait({self._end})

    def _how_it_ended(self) -> str:
        """To be asked once: the pipe says it once. Empty when the nursery went down with it."""
        code = os.read(self._status, 16).decode()
        return describe_exit(int(code)) if code else "was lost"


def describe_exit(exit_code: int) -> str:
    """How a process ended, for a person."""
    if exit_code < 0:
        return f"crashed with {signal.Signals(-exit_code).name}"
    return f"ended with exit code {exit_code}"


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _discard(nursery: Nursery, starting: asyncio.Future[Newborn]) -> None:
    """End a worker that nobody waits for any more."""
    if starting.cancelled() or starting.exception() is not None:
        return
    newborn = starting.result()
    nursery.kill(newborn.pid)
    newborn.connection.close()
    os.close(newborn.status)
