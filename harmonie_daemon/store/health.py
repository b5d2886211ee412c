"""Whether the database was closed properly, and what to say when it is damaged."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.store.rows import fetch

if TYPE_CHECKING:
    from harmonie_daemon.store.database import Connection

logger = logging.getLogger(__name__)

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

    Raises ``StoreError``.
    """
    if connection.pragma("user_version") == 0:
        if fetch(connection, "SELECT name FROM sqlite_schema LIMIT 1"):
            raise StoreError(f"{path} is not a harmonie database; it was left as it is")
    elif fetch(connection, _STATE) == [(_RUNNING,)]:
        logger.warning("harmonie was not stopped cleanly; checking %s", path)
        problems = "\n".join(text for (text,) in fetch(connection, "PRAGMA quick_check(3)"))
        if problems != "ok":
            raise damaged(path, "; ".join(problems.splitlines()))


def damaged(path: Path, what: str) -> StoreError:
    """The error for a damaged file, with what to do about it."""
    copies = sorted(path.parent.glob(f"{path.name}.backup-v*[0-9]"))
    restore = f"put the backup {copies[-1]} in its place" if copies else "start without it"
    return StoreError(
        f"{path} is damaged ({what}); stop harmonie, move the file and its -wal and -shm "
        f"neighbours aside and {restore}: the next scan makes up for what is missing"
    )
