"""The worker's side: settle in, then one job after the other until the pipe closes."""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import signal
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

from harmonie_daemon.domain.errors import in_words
from harmonie_daemon.workers.messages import (
    Raised,
    Reply,
    Returned,
    receive_job,
    send_reply,
    send_told,
)

PR_SET_PDEATHSIG = 1
IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
"""The number of the ioprio_set system call, which glibc does not wrap."""
IOPRIO_WHO_PROCESS = 1
IOPRIO_IDLE = 3 << 13
"""Read only when nobody else wants the disk."""


def main(
    connection: Connection, target: str, niceness: int, *, trusted: bool, tells: bool = False
) -> NoReturn:
    """Serve jobs until the daemon closes the pipe; never returns to whoever forked it.

    ``tells``: the target gets a function that says something to the daemon in between.
    """
    _settle(connection.fileno(), niceness)
    function = load(target)
    if tells:
        function = _telling(function, connection)
    while True:
        try:
            job = receive_job(connection, trusted=trusted)
        except (EOFError, OSError):
            os._exit(0)
        _send(connection, _run(function, job), trusted=trusted)


def load(target: str) -> Callable[[Any], Any]:
    """The function that ``package.module:function`` names."""
    module, _, name = target.partition(":")
    function: Callable[[Any], Any] = getattr(importlib.import_module(module), name)
    return function


def _telling(function: Callable[..., Any], connection: Connection) -> Callable[[Any], Any]:
    def tell(value: object) -> None:
        try:
            send_told(connection, value)
        except OSError:  # the daemon is gone, and nobody wants the rest
            os._exit(0)

    return lambda job: function(job, tell)


def _run(function: Callable[[Any], Any], job: object) -> Reply:
    try:
        return Returned(function(job))
    except Exception as error:  # noqa: BLE001 - the border of a worker job
        return Raised(in_words(error), _origin(error))


def _send(connection: Connection, reply: Reply, *, trusted: bool) -> None:
    try:
        send_reply(connection, reply, trusted=trusted)
    except OSError:
        os._exit(0)
    except Exception as error:  # noqa: BLE001 - a result of any kind that cannot be pickled
        refusal = Raised(f"its result cannot be sent: {in_words(error)}", _origin(error))
        send_reply(connection, refusal, trusted=trusted)


def _origin(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{error!r}{where}"


def _settle(pipe: int, niceness: int) -> None:
    """Die with the parent, keep quiet, yield to everyone else.

    The parent process is the nursery, which ends as soon as nobody but the daemon holds the
    other end of its socket; so no worker may keep a copy of it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    _close_all_but(pipe)
    os.nice(niceness)
    number = IOPRIO_SET.get(platform.machine())
    if number is not None:
        _libc().syscall(number, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE)


def die_with_parent() -> None:
    """Be killed when the parent ends, however that happens; survives an exec."""
    _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _close_all_but(pipe: int) -> None:
    """Send standard output and error nowhere (C libraries print there); close the rest."""
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silence, descriptor)
    for name in [entry.name for entry in Path("/proc/self/fd").iterdir()]:
        if int(name) > 2 and int(name) != pipe:
            _close(int(name))


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        return
