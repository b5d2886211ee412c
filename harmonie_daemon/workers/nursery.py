"""Where worker processes of one kind come from: a process of ours that forks them.

``multiprocessing`` has one fork server for the whole program, with one list of modules and the
daemon's whole environment, keys included. Each kind has its own here, started with an environment
that holds no secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe

from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.workers.environment import worker_environment
from harmonie_daemon.workers.kind import Start, WorkerKind
from harmonie_daemon.workers.nursery_process import LARGEST_ORDER_BYTES

END_TIMEOUT_S = 5.0
"""Processes that were killed take milliseconds."""
NURSERY = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "import sys, json; order = json.loads(sys.argv[1]); sys.path[:] = order['sys_path']; "
    "from harmonie_daemon.workers.nursery_process import serve; serve(order)"
)
"""A Ctrl-C in the terminal is for the daemon, from the first moment on."""


@dataclass(frozen=True, slots=True)
class Newborn:
    """A worker process that has just been forked."""

    pid: int
    connection: Connection
    """For jobs and replies."""
    status: int
    """Descriptor that becomes readable when the process has ended, with its exit code as text."""


class Nursery:
    """Forks workers of one kind. Belongs to the event loop that uses it."""

    def __init__(self, kind: WorkerKind) -> None:
        self._kind = kind
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._turn = asyncio.Lock()
        self._is_shut = False

    async def fork(self) -> Newborn:
        """A new worker; the first one waits until everything has been imported.

        Raises ``WorkerError`` when the workers of this kind cannot be started at all. To be
        awaited to its end: an answer that nobody takes would be taken for the next one.
        """
        async with self._turn:
            try:
                return await self._fork(self._control or await self._open())
            except OSError:  # it was killed, and its workers with it
                self.close()
            try:
                return await self._fork(await self._open())
            except OSError as error:
                self.close()
                raise WorkerError(f"the workers for {self._kind.name} end at once") from error

    def kill(self, pid: int) -> None:
        """End a worker, unless it has ended: only its parent knows whether the pid is still its."""
        if self._control is not None:
            try:
                self._control.send(f"kill {pid}".encode())
            except OSError:
                return

    def close(self) -> None:
        """End it, and with it every worker that is left."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def shut(self) -> None:
        """End it for good, also one that is being started at the moment.

        Whoever waits for a word of it hears its end. A socket that is closed would never wake them.
        """
        self._is_shut = True
        if self._process is not None:
            self._process.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_TIMEOUT_S), self._turn:
                pass
        self.close()

    async def _open(self) -> socket.socket:
        self._require_open()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            self._process = await asyncio.to_thread(self._launch, theirs.fileno())
        self._control = ours
        self._require_open()
        word = await _heard(ours)
        if word != "ready":
            self.close()
            reason = word.removeprefix("failed ") or "their process ended at once"
            raise WorkerError(f"the workers for {self._kind.name} cannot start: {reason}")
        return ours

    def _require_open(self) -> None:
        if self._is_shut:
            self.close()
            raise WorkerError("the workers have been closed")

    def _launch(self, control: int) -> subprocess.Popen[bytes]:
        order = {
            "control": control,
            "preload": self._kind.preload,
            "target": self._kind.target,
            "niceness": self._kind.niceness,
            "tells": self._kind.tells,
            "fresh": self._kind.start is Start.FRESH,
            "sys_path": [path or os.getcwd() for path in sys.path],  # noqa: PTH109
        }
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-I", "-c", NURSERY, json.dumps(order)],
            env=worker_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[control],
        )

    async def _fork(self, control: socket.socket) -> Newborn:
        ours, theirs = Pipe()
        status, their_status = os.pipe()
        try:
            socket.send_fds(control, [b"fork"], [theirs.fileno(), their_status])
            word, _, pid = (await _heard(control)).partition(" ")
        except OSError:
            ours.close()
            os.close(status)
            raise
        finally:
            theirs.close()
            os.close(their_status)
        if word != "pid":
            ours.close()
            os.close(status)
            raise ConnectionResetError("the nursery ended")
        return Newborn(int(pid), ours, status)


async def _heard(control: socket.socket) -> str:
    """What it says next; nothing when it has ended."""
    raw = await asyncio.get_running_loop().sock_recv(control, LARGEST_ORDER_BYTES)
    return raw.decode(errors="replace")
