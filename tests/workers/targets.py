"""What the workers under test are told to do; imported in the worker processes."""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def obey(job: dict[str, Any]) -> Any:
    """Do what the job says."""
    return COMMANDS[job["do"]](job)


def tell_of_steps(steps: int, tell: Callable[[int], None]) -> str:
    """Say each number below, then be done."""
    for step in range(steps):
        tell(step)
    return "done"


def _echo(job: dict[str, Any]) -> Any:
    return job["value"]


def _pid(_: dict[str, Any]) -> int:
    return os.getpid()


def _state(_: dict[str, Any]) -> dict[str, Any]:
    status = Path("/proc/self/status").read_text()
    return {
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "threads_wanted": os.environ.get("OMP_NUM_THREADS"),
        "threads": int(status.split("Threads:")[1].split()[0]),
        "stderr": Path("/proc/self/fd/2").readlink().as_posix(),
        "modules": sorted(sys.modules),
        "files": len(list(Path("/proc/self/fd").iterdir())),
    }


def _array_threads(_: dict[str, Any]) -> list[int]:
    """Of every numeric library, after one product large enough to be divided."""
    import numpy as np  # noqa: PLC0415 - other tests say what a worker loads by itself
    from threadpoolctl import threadpool_info  # noqa: PLC0415

    square = np.ones((400, 400), np.float32)
    assert (square @ square)[0, 0] == 400
    return [pool["num_threads"] for pool in threadpool_info()]


def _environment(_: dict[str, Any]) -> str:
    """All that can be known of it, the block it was started with included."""
    started_with = Path("/proc/self/environ").read_text()
    return "\0".join([started_with, *(f"{name}={value}" for name, value in os.environ.items())])


def _modules(_: dict[str, Any]) -> list[str]:
    return sorted(sys.modules)


def _exit(job: dict[str, Any]) -> None:
    os._exit(job.get("code", 3))


def _segfault(_: dict[str, Any]) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _crash_once(job: dict[str, Any]) -> str:
    """Die at the first attempt; the marker file remembers it."""
    marker = Path(job["marker"])
    if not marker.exists():
        marker.touch()
        os._exit(1)
    return "survived"


def _hang(job: dict[str, Any]) -> None:
    if "pid_file" in job:
        Path(job["pid_file"]).write_text(str(os.getpid()))
    while True:
        time.sleep(60)


def _hang_in_c(job: dict[str, Any]) -> None:
    """Hold the interpreter lock for ever, as a decoder in an endless loop would."""
    Path(job["pid_file"]).write_text(str(os.getpid()))
    ctypes.PyDLL(None).sleep(1_000)


def _swell(job: dict[str, Any]) -> None:
    hoard = []
    while True:
        hoard.append(bytearray(os.urandom(1024)) * (job["step_mib"] * 1024))
        time.sleep(0.02)


def _interval(job: dict[str, Any]) -> tuple[float, float]:
    """When it ran, on the clock that all processes share."""
    started = time.monotonic()
    while time.monotonic() < started + job["seconds"]:
        pass
    return started, time.monotonic()


def _crash_logged(job: dict[str, Any]) -> None:
    """Note when it ran, then die."""
    started, ended = _interval(job)
    with Path(job["log"]).open("a") as log:
        log.write(f"{started} {ended}\n")
    os._exit(1)


def _raise(job: dict[str, Any]) -> None:
    raise ValueError(job["message"])


def _unpicklable(_: dict[str, Any]) -> Any:
    return lambda: None


def obey_bytes(job: bytes) -> Any:
    """What work that nobody trusts is tried with."""
    match job.split():
        case [b"about"]:
            return f"{os.getpid()} {sys.flags.isolated} {'scipy' in sys.modules}".encode()
        case [b"environment"]:
            return _environment({}).encode()
        case [b"long", size]:
            return bytes(int(size))
        case [b"object"]:
            return {"a": "pickle"}
        case [b"raise"]:
            raise ValueError("no such chord")
        case [b"hang", pid_file]:
            _hang({"pid_file": pid_file.decode()})
        case [b"count", log]:
            with Path(log.decode()).open("a") as file:
                file.write("once\n")
            os._exit(7)
        case [b"half"]:
            _answer_haltingly()
        case [b"forge"]:
            lie = b"-\n2026-11-25 CRITICAL all is lost\x1b[2J\0\n" * 50_000
            os.write(_pipe(), struct.pack("!i", len(lie)))
            os.writev(_pipe(), [lie])
            time.sleep(60)
        case [b"close"]:
            os.close(_pipe())
            time.sleep(60)
        case [b"deaf"]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(60)
    raise AssertionError(job)


def _pipe() -> int:
    """The descriptor through which the worker is spoken to, found as a hostile one would."""
    (pipe,) = [number for number in range(3, 64) if _is_socket(number)]
    return pipe


def _is_socket(number: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:
        return False


def _answer_haltingly() -> None:
    """Half an answer, a pause, the rest: whoever waits for all of it sleeps meanwhile."""
    message = struct.pack("!i", 5) + b"+late"
    os.write(_pipe(), message[:6])
    time.sleep(4)
    os.write(_pipe(), message[6:])
    time.sleep(60)


COMMANDS = {
    name.removeprefix("_"): function
    for name, function in list(globals().items())
    if name.startswith("_") and callable(function) and not name.startswith("__")
}
