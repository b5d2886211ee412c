"""How the daemon's process computes, so that its answers and its event loop do not wait.

These settings belong to the process as a whole, whoever works in it.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys

from threadpoolctl import threadpool_limits

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
SWITCH_INTERVAL_S = 0.001
"""How long a thread may compute in Python before another one gets its turn. With the usual 5 ms
the event loop waits that long for each busy thread, several times in one request."""
GARBAGE_THRESHOLDS = (10_000, 10, 100)
"""Of the three generations of the garbage collector. A list of 500 tracks makes some 10,000
objects, all of which go without its help; the usual (700, 10, 10) looks through everything there
is several times for each."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
MALLOC = {_M_ARENA_MAX: 2, _M_MMAP_THRESHOLD: 4 << 20, _M_TRIM_THRESHOLD: 16 << 20}
"""glibc: how many heaps threads share, the size (bytes) from which an array has pages of its own,
and what may be left free at the end of a heap. By itself each of our threads gets a heap, which
keeps whatever it once needed, and arrays of up to 32 MiB end up in it."""


def compute_calmly() -> None:
    """One thread for each array operation; turns that are short; little garbage collection; what
    is let go of goes back to the system.

    BLAS divides each product among all cores and spins while it waits for the slowest: where one
    core is busy (with a worker, or with another request) that takes four times as long as one
    thread does. Libraries that are loaded later read the environment.
    """
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    threadpool_limits(1)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:  # other libraries than glibc have none, or need none
        for option, value in MALLOC.items():
            set_option(option, value)


def keep_what_is_loaded() -> None:
    """Spare the garbage collector what lives as long as the process: code, models, schemas.

    A whole collection looks at each such object, 100 ms on a fast machine, while nothing else
    runs. The library in memory is arrays and adds nothing to that, however it grows.
    """
    gc.collect()
    gc.freeze()
