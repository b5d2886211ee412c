"""What a scan could not look into: said in the log, kept in the status until looked at again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from harmonie_daemon.domain.task import ScanStatus
from harmonie_daemon.domain.track import display_path
from harmonie_daemon.library.roots import lies_in
from harmonie_daemon.library.scanner import Walk

log = logging.getLogger(__name__)

NAMED = 20
"""At most so many are named; the others are counted."""


def with_unreadable(status: ScanStatus, found: Walk, *, whole: bool) -> ScanStatus:
    """The status with what this walk could not look into.

    Of what a walk that is not ``whole`` did not look at, the last word stands.
    """
    told = [(display_path(path), why) for path, why in found.unreadable]
    _say(told)
    if whole:
        return replace(status, unreadable=tuple(told[:NAMED]), unreadable_count=len(told))
    stands = _elsewhere(status.unreadable, found)
    count = len(told) + status.unreadable_count - len(status.unreadable) + len(stands)
    return replace(status, unreadable=tuple((told + stands)[:NAMED]), unreadable_count=count)


def _say(told: Sequence[tuple[str, str]]) -> None:
    for path, why in told[:NAMED]:
        log.warning(
            "%s cannot be read: %s; the tracks below it are kept, harmonie doctor says what to do",
            path,
            why,
        )
    if len(told) > NAMED:
        log.warning("and %d more cannot be read", len(told) - NAMED)


def _elsewhere(before: Sequence[tuple[str, str]], found: Walk) -> list[tuple[str, str]]:
    """What an earlier scan could not read and this one did not look at."""
    looked_at = [display_path(path) for path in (*found.covered, *found.missing_roots)]
    return [(path, why) for path, why in before if not any(lies_in(path, at) for at in looked_at)]
