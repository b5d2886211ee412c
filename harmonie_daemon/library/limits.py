"""Limits for a stretch of code that reads what strangers wrote; for the main thread of a worker."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

AGAIN_AFTER_S = 0.5
"""In case a bare ``except`` swallowed the first reminder."""


class OutOfTime(BaseException):
    """The work took more processor time than it may."""


@contextmanager
def limited(*, cpu_s: float, memory_bytes: int) -> Iterator[None]:
    """Raise ``OutOfTime`` after so much processor time, ``MemoryError`` beyond so much more memory.

    Both are asked of the kernel: neither a loop nor a single huge allocation gets past them.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_lower(_address_space() + memory_bytes, hard), hard))
    before = signal.signal(signal.SIGPROF, _out_of_time)
    signal.setitimer(signal.ITIMER_PROF, cpu_s, AGAIN_AFTER_S)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    finally:  # even if the time was up just then
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _out_of_time(_number: int, _frame: FrameType | None) -> NoReturn:
    raise OutOfTime


def _lower(bound: int, hard: int) -> int:
    return bound if hard == resource.RLIM_INFINITY else min(bound, hard)


def _address_space() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    return int(pages) * resource.getpagesize()
