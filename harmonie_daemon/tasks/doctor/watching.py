"""Whether changes below the music folders are noticed as they happen. Everything here blocks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.checkup import Finding, fine, note, problem
from harmonie_daemon.domain.track import display_path
from harmonie_daemon.library.mounts import file_system, hides_changes, read_mountinfo
from harmonie_daemon.library.selection import is_hidden

WATCHING = "watching"
LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
COUNTED_FOR_S = 5.0
TIGHT = 0.8
"""Share of the limit from which on the next album may be one too many."""


def examine_watching(
    settings: Settings, unwatched: Mapping[str, str], limit_file: Path = LIMIT
) -> Iterator[Finding]:
    """Look at every root; ``unwatched`` are those that a watcher had to give up, and why."""
    if not settings.scan.watch:
        yield note(WATCHING, "changes are found by scans alone: scan.watch is off")
        return
    mounts = read_mountinfo()
    watched = 0
    for root in map(str, settings.roots):
        kind = file_system(os.path.realpath(root), mounts)
        if hides_changes(kind):
            yield note(
                WATCHING,
                f"{display_path(root)} is on a network file system ({kind}), whose changes this "
                "machine does not hear of; scans find them",
                "for new music to be heard sooner, lower scan.interval_hours",
            )
        elif root in unwatched:
            yield problem(
                WATCHING,
                f"{display_path(root)} is not watched: {unwatched[root]}",
                _raise(limit_file),
            )
        elif os.path.isdir(root):  # noqa: PTH112 - str
            watched += 1
    yield from _limits(settings, watched, limit_file)


def _limits(settings: Settings, watched: int, limit_file: Path) -> Iterator[Finding]:
    limit = _number(limit_file)
    if not watched or limit is None:
        return
    count, is_all = _folders(map(str, settings.roots), limit)
    said = (
        f"{'' if is_all else 'at least '}{count} folders of music, of {limit} that can be watched"
    )
    if count > TIGHT * limit:
        yield problem(WATCHING, said, _raise(limit_file))
    else:
        yield fine(WATCHING, said)


def _raise(limit_file: Path) -> str:
    wanted = max(2 * (_number(limit_file) or 0), 524_288)
    return (
        f"echo fs.inotify.max_user_watches={wanted} | sudo tee /etc/sysctl.d/60-harmonie.conf && "
        "sudo sysctl --system, then restart harmonie"
    )


def _folders(roots: Iterator[str], most: int) -> tuple[int, bool]:
    """How many folders there are, and whether that is all of them: there is little time."""
    count, until = 0, time.monotonic() + COUNTED_FOR_S
    for root in roots:
        for _, folders, _ in os.walk(root):
            folders[:] = [name for name in folders if not is_hidden(name)]
            count += 1
            if count > most or time.monotonic() > until:
                return count, False
    return count, True


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None
