"""The other side of ``nursery``: a small process of one thread that forks workers when told to.

It imports what the workers of its kind need, so that they come into the world with it, and knows
of the daemon only one socket. When that closes, the daemon is gone and so are the workers.
"""

from __future__ import annotations

import importlib
import json
import os
import selectors
import signal
import socket
import sys
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from harmonie_daemon.workers import worker

LARGEST_ORDER_BYTES = 256
FRESH = (
    "import sys, json; order = json.loads(sys.argv[1]); sys.path[:] = order['sys_path']; "
    "from harmonie_daemon.workers.nursery_process import serve_fresh; serve_fresh(order)"
)


def serve(order: dict[str, Any]) -> None:
    """Import, say that it is done, then obey until the daemon is gone. Run in its own process."""
    control = socket.socket(fileno=order["control"])
    try:
        for module in order["preload"]:
            importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 - whatever a module does when it is imported
        _say(control, f"failed {type(error).__name__}: {error}")
        return
    _say(control, "ready")
    _Nursery(control, order).obey()


def serve_fresh(order: dict[str, Any]) -> NoReturn:
    """The one worker of a fresh interpreter."""
    worker.main(Connection(order["pipe"]), order["target"], order["niceness"], trusted=False)


class _Nursery:
    """Its children and their status pipes."""

    def __init__(self, control: socket.socket, order: dict[str, Any]) -> None:
        self._control = control
        self._order = order
        self._status_pipes: dict[int, int] = {}
        self._ends, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def obey(self) -> None:
        """``fork`` with the two pipe ends of the new worker, or ``kill PID``; until it closes."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._ends, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._ends in ready:
                    os.read(self._ends, LARGEST_ORDER_BYTES)
                    self._reap()
                if self._control in ready and not self._obey_one():
                    return

    def _obey_one(self) -> bool:
        try:
            raw, descriptors, _, _ = socket.recv_fds(self._control, LARGEST_ORDER_BYTES, 2)
        except OSError:
            return False
        match raw.decode().split():
            case ["fork"]:
                _say(self._control, f"pid {self._fork(*descriptors)}")
            case ["kill", pid] if int(pid) in self._status_pipes:
                os.kill(int(pid), signal.SIGKILL)
            case []:
                return False
        return True

    def _fork(self, pipe: int, status: int) -> int:
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._become_a_worker(pipe)
        os.close(pipe)
        self._status_pipes[pid] = status
        return pid

    def _become_a_worker(self, pipe: int) -> NoReturn:
        target, niceness = self._order["target"], self._order["niceness"]
        if not self._order["fresh"]:
            tells = self._order["tells"]
            worker.main(Connection(pipe), target, niceness, trusted=True, tells=tells)
        worker.die_with_parent()
        os.set_inheritable(pipe, True)
        fresh = {"pipe": pipe, "target": target, "niceness": niceness, "sys_path": sys.path}
        os.execv(sys.executable, [sys.executable, "-I", "-c", FRESH, json.dumps(fresh)])  # noqa: S606

    def _reap(self) -> None:
        """Tell the daemon how each child that has ended did so."""
        while self._status_pipes:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            pipe = self._status_pipes.pop(pid)
            try:
                os.write(pipe, str(os.waitstatus_to_exitcode(status)).encode())
            except OSError:  # the daemon is not interested any more
                pass
            finally:
                os.close(pipe)


def _say(control: socket.socket, text: str) -> None:
    control.send(text.encode(errors="replace")[:LARGEST_ORDER_BYTES])
