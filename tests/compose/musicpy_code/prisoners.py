"""What a process tries that has broken out of the evaluator; imported in processes of their own.

``attempt`` shuts some layers of the jail and then does, in plain Python, what a hostile program
would; it answers which of its attempts came through.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from harmonie_daemon.compose.musicpy_code import child
from harmonie_daemon.compose.musicpy_code.jail import seccomp, shut
from harmonie_daemon.compose.musicpy_code.jail.shutting import ALL
from harmonie_daemon.compose.musicpy_code.verdict import Ending, Layer, Verdict, packed
from harmonie_daemon.domain.errors import CodeError, CodeUnavailableError

NOBODY = 65534


def attempt(job: bytes) -> bytes:
    """``{"layers": 15, "uid": 65534, "folder": …, "port": …}`` to ``{"read a file": true, …}``."""
    order = json.loads(job)
    socket.getaddrinfo("127.0.0.1", 1)  # whatever it imports
    attempts = _attempts(order["folder"], order["port"])
    if order["uid"]:
        os.setgid(order["uid"])
        os.setuid(order["uid"])
    shut(Layer(order["layers"]))
    return json.dumps({name: _came_through(act) for name, act in attempts.items()}).encode()


def _came_through(act: Callable[[], object]) -> bool:
    try:
        act()
    except (OSError, MemoryError, ValueError):
        return False
    return True


def _attempts(folder: str, port: int) -> dict[str, Callable[[], object]]:
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getppid()

    def check(result: int) -> None:
        if result < 0:
            raise OSError(ctypes.get_errno(), "refused")

    def fork() -> None:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)

    def unlink() -> None:
        Path(folder, "there").unlink()

    return {
        "read a file": lambda: os.read(os.open("/etc/passwd", os.O_RDONLY), 1),
        "list a folder": lambda: next(Path("/").iterdir()),
        "make a file": lambda: os.open(f"{folder}/new", os.O_CREAT | os.O_WRONLY),
        "write a file": lambda: os.write(
            os.open(f"{folder}/there", os.O_WRONLY | os.O_APPEND), b"x"
        ),
        "connect": lambda: socket.create_connection(("127.0.0.1", port), timeout=1),
        "make a socket": socket.socket,
        "fork": fork,
        "run a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "signal the parent": lambda: os.kill(parent, 0),
        "executable memory": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC),
        "a gigabyte": lambda: mmap.mmap(-1, 2**30),
        "put off the alarm": lambda: signal.setitimer(signal.ITIMER_REAL, 0),
        "ignore the alarm": lambda: signal.signal(signal.SIGALRM, signal.SIG_IGN),
        "limits undone": lambda: check(libc.prctl(1, 0, 0, 0, 0)),
        "a file in memory": lambda: os.memfd_create("x"),
        "sleep": lambda: time.sleep(0.01),
        "delete a file": unlink,
    }


def wait_in_jail(_: bytes) -> bytes:
    """Do nothing for ever, without a system call that is refused."""
    shut()
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
    return b"woke up"


def work_in_jail(_: bytes) -> bytes:
    """Work for ever, and put off the alarm, which only seccomp keeps one from."""
    shut(ALL & ~Layer.SECCOMP)
    signal.setitimer(signal.ITIMER_REAL, 0)
    while True:
        pass


def without_seccomp(source: bytes) -> bytes:
    """The job of the daemon, on a machine for which there is no filter."""
    seccomp.MACHINES.clear()
    return child.work_through(source)


_SHUT = Layer.RLIMITS | Layer.NO_NEW_PRIVILEGES | Layer.SECCOMP
_HOSTILE_MIDI = b"MThd\0\0\0\x06\0\1\xff\xff\x03\xc0"
LIES: dict[str, tuple[bytes, type[Exception], str]] = {
    "nothing": (b"", CodeError, "gave no music"),
    "words of its own": (b'{"ok": true, "midi": "TVRoZA=="}', CodeError, "gave no music"),
    "an ending that is none": (b"X\x0f\0\0\0\1", CodeError, "gave no music"),
    "layers that are none": (b"M\xf0\0\0\0\1", CodeUnavailableError, "not evaluated"),
    "no seccomp": (
        packed(Verdict(Ending.MUSIC, Layer.RLIMITS, 1, _HOSTILE_MIDI)),
        CodeUnavailableError,
        "not evaluated",
    ),
    "hostile MIDI": (packed(Verdict(Ending.MUSIC, _SHUT, 7, _HOSTILE_MIDI)), CodeError, "line 7"),
    "no MIDI": (packed(Verdict(Ending.MUSIC, _SHUT, 7, b"RIFF")), CodeError, "line 7"),
    "endless words": (
        packed(Verdict(Ending.FAULT, _SHUT, 1, b"\x1b[2J\n" * 99_999)),
        CodeError,
        ".",
    ),
}
"""What a child may say that somebody else has got hold of, and what becomes of it."""


def lie(which: bytes) -> bytes:
    """Answer whatever is asked for."""
    return LIES[which.decode()][0]


def end(_: bytes) -> bytes:
    """Die, as of a fault in a library."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return b""
