"""Saying how a scan goes: in the log and in the service's status line, for as long as it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from harmonie_daemon.domain.task import ScanStatus

FIRST_AFTER_S = 5.0
EVERY_S = 30.0


async def report(
    status: Callable[[], ScanStatus], say: Callable[[str], None], clock: Callable[[], float]
) -> None:
    """Say the progress every half minute until cancelled; a short scan passes in silence."""
    await asyncio.sleep(FIRST_AFTER_S)
    while True:
        say(progress_line(status(), clock()))
        await asyncio.sleep(EVERY_S)


def progress_line(status: ScanStatus, now: float) -> str:
    """One line for people, as in ``analysed 12 of 48, 0 failed, 31 a minute, 1 min left``."""
    if status.phase is None or not status.to_do:
        return f"scan: {status.phase or 'starting'}, {status.discovered} files found"
    done = status.full + status.failed
    line = f"scan: analysed {status.full} of {status.to_do}, {status.failed} failed"
    if status.paused:
        return f"{line}, paused"
    per_second = rate(status, now)
    if per_second is None:
        return line
    left = duration_words((status.to_do - done) / per_second)
    return f"{line}, {60 * per_second:.0f} a minute, {left} left"


def rate(status: ScanStatus, now: float) -> float | None:
    """Files per second so far; ``None`` before the first."""
    done = status.full + status.failed
    elapsed = now - (status.started_at or now)
    return done / elapsed if done and elapsed > 0 else None


def duration_words(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3 h 20 min`` or ``2 d 4 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 36:
        return f"{hours} h {minutes:02d} min"
    return f"{hours // 24} d {hours % 24} h"
