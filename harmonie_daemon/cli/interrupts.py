"""Ctrl-C, where something has to be put away first."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def interrupts() -> Iterator[asyncio.Event]:
    """An event that Ctrl-C sets, instead of an exception in the middle of things."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, event.set)
    try:
        yield event
    finally:
        loop.remove_signal_handler(signal.SIGINT)
