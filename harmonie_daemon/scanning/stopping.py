"""Long work in a thread that ends when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def stoppable(work: Callable[[Callable[[], bool]], T]) -> T:
    """Run ``work(stopped)`` in a thread; when the caller is cancelled, ``stopped()`` turns true."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(work, stop.is_set)
    finally:
        stop.set()
