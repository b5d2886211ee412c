"""Telling systemd how we are: READY, STATUS, WATCHDOG, STOPPING (see sd_notify(3))."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable

from harmonie_daemon.domain.errors import HarmonieError

log = logging.getLogger(__name__)


def notify(message: str) -> None:
    """Send ``message`` (such as ``READY=1``) to systemd; nothing happens without systemd."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.sendto(message.encode(), address)
        except OSError:
            return  # a notification that gets lost must not stop the music


def watchdog_interval_s() -> float | None:
    """Seconds between two signs of life (half of what systemd allows); ``None`` if unwanted."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(
        os.getpid()
    ):
        return None
    return int(microseconds) / 2e6


async def keep_alive(interval_s: float, is_well: Callable[[], Awaitable[object]]) -> None:
    """Send a sign of life at the interval, each time that ``is_well()`` returns.

    When it raises there is none, and it is asked again soon enough for one more try in time.
    """
    while True:
        try:
            await is_well()
        except HarmonieError as error:
            log.error("no sign of life is given to systemd: %s", error)
            await asyncio.sleep(interval_s / 4)
        else:
            notify("WATCHDOG=1")
            await asyncio.sleep(interval_s)
