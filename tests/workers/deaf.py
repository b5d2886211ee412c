"""A worker that takes its time before it reads what it is sent; imported in the worker process."""

from __future__ import annotations

import time

time.sleep(4)


def answer(_: bytes) -> bytes:
    """Too late."""
    return b"late"
