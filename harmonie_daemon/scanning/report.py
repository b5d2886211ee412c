"""Saying how a scan goes: in the log and in the service's status line, for as long as it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from harmonie_daemon.domain.task import ScanStatus

FIRST_AFTER_S = 5.0
EVERY_S = 30.0


async def report(status: Callable[[], ScanStatus], say: Callable[[str], None]) -> None:
    """Say the progress every half minute until cancelled; a short scan passes in silence.

    While nothing changes, as in quiet hours, nothing is said.
    """
    await asyncio.sleep(FIRST_AFTER_S)
    said = ""
    while True:
        line = progress_line(status())
        if line != said:
            say(line)
        said = line
        await asyncio.sleep(EVERY_S)


def progress_line(status: ScanStatus) -> str:
    """One line for people, as in ``analysed 12 of 48, 0 failed, 31 a minute, 1 min left``."""
    if status.phase is None or not status.to_do:
        return f"scan: {status.phase or 'starting'}, {status.discovered} files found"
    line = f"scan: {work_words(status)}, {status.failed} failed"
    if status.paused:
        return f"{line}, paused ({(status.paused_because or '').partition(': ')[0]})"
    if not status.remaining_s:
        return line
    per_minute = 60 * (status.to_do - status.done) / status.remaining_s
    return f"{line}, {per_minute:.0f} a minute, {duration_words(status.remaining_s)} left"


def work_words(status: ScanStatus) -> str:
    """``analysed 12 of 48``, or ``re-embedding 12 of 48`` when only that is left."""
    others = status.to_do - status.to_embed
    if status.to_embed and status.done - status.embeddings_only >= others:
        return f"re-embedding {status.embeddings_only} of {status.to_embed}"
    return f"analysed {status.done - status.failed} of {status.to_do}"


def outcome_line(status: ScanStatus) -> str:
    """What a scan came to; what did not happen is left out but for the three main counts."""
    counts = [
        f"{status.discovered} files",
        f"{status.full} analysed",
        *(
            f"{count} {word}"
            for count, word in (
                (status.descriptors_only, "measured anew"),
                (status.embeddings_only, "re-embedded"),
                (status.tags_read, "with tags read anew"),
                (status.moved, "moved"),
                (status.removed, "removed"),
                (status.hidden, "hidden"),
                (status.returned, "back"),
            )
            if count
        ),
        f"{status.failed} failed",
        *([f"{status.unreadable_count} could not be read"] if status.unreadable_count else ()),
    ]
    return f"scan: {', '.join(counts)} in {duration_words(status.last_duration_s or 0)}"


def ending_line(status: ScanStatus) -> str:
    """What is said of a scan that failed or was cancelled."""
    done = f" after {status.done} of {status.to_do}" if status.to_do else ""
    return (
        f"scan: failed{done}: {status.last_error}"
        if status.last_error
        else f"scan: cancelled{done}"
    )


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
