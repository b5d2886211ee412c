"""Whether the database was closed properly, and what to say when it is damaged."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from harmonie_daemon.domain.errors import UnusableDatabaseError
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.rows import fetch

logger = logging.getLogger(__name__)

UNFINISHED = ".unfinished"
"""Ends the name of a copy that is still being made."""
MOST_NAMED = 5
"""Backups named in a message."""
_RUNNING, _STOPPED = "running", "stopped"
_STATE = "SELECT value FROM meta WHERE key = 'state'"
_SET_STATE = """
INSERT INTO meta (key, value) VALUES ('state', ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""


def mark_running(connection: Connection) -> None:
    """From here on, a stop without ``mark_stopped`` is an unclean one."""
    connection.execute(_SET_STATE, (_RUNNING,))


def mark_stopped(connection: Connection) -> None:
    """Everything is written."""
    connection.execute(_SET_STATE, (_STOPPED,))


def check(connection: Connection, path: Path) -> None:
    """Refuse a file that is not ours, and examine ours after an unclean stop.

    Raises ``UnusableDatabaseError``.
    """
    if connection.pragma("user_version") == 0:
        if fetch(connection, "SELECT name FROM sqlite_schema LIMIT 1"):
            raise UnusableDatabaseError(f"{path} is not a harmonie database; it was left as it is")
    elif fetch(connection, _STATE) == [(_RUNNING,)]:
        logger.warning("harmonie was not stopped cleanly; checking %s", path)
        problems = "\n".join(text for (text,) in fetch(connection, "PRAGMA quick_check(3)"))
        if problems != "ok":
            raise damaged(path, "; ".join(problems.splitlines()))


def damaged(path: Path, what: str) -> UnusableDatabaseError:
    """The error for a damaged file, with what to do about it."""
    copies = [
        f"{copy.relative_to(path.parent)} of {_day(copy)}" for copy in backups(path)[:MOST_NAMED]
    ]
    beside = f"; beside it lie, newest first: {', '.join(copies)}" if copies else ""
    restore = "put a backup in its place" if copies else "start without it"
    return UnusableDatabaseError(
        f"{path} is damaged ({what}); stop harmonie, move the file and its -wal and -shm "
        f"neighbours aside and {restore}: the next scan makes up for what is missing{beside}"
    )


def backups(path: Path) -> list[Path]:
    """The copies beside a database, newest first: those of ``harmonie backup`` in the default
    folder, and ``harmonie.db.backup…`` whoever made them.
    """
    found = (*path.parent.glob(f"{path.name}.backup*"), *path.parent.glob("backups/*.db"))
    copies = [(copy.stat().st_mtime, copy) for copy in found if copy.suffix != UNFINISHED]
    return [copy for _, copy in sorted(copies, reverse=True)]


def _day(copy: Path) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(copy.stat().st_mtime))
