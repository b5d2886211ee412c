"""Copies of the database, made while it is in use."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.store.driver import copy_database

log = logging.getLogger(__name__)

_DATED = re.compile(r"harmonie-\d{4}-\d{2}-\d{2}T\d{6}\.db", re.ASCII)
UNFINISHED = ".unfinished"


def dated_name(now: float) -> str:
    """The name of a backup made now, in local time: ``harmonie-2026-11-25T040000.db``."""
    return f"harmonie-{datetime.fromtimestamp(now).astimezone():%Y-%m-%dT%H%M%S}.db"


def back_up(database: Path, copy: Path, *, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Copy the database as it is at one moment, whoever writes to it meanwhile.

    Slow by intent: it pauses between steps, for the disk is needed elsewhere. The copy has its
    name once it is whole and was checked, and is for nobody but its owner. Returns ``False``, with
    nothing left behind, when ``stopped`` said so. Raises ``StoreError``: there is no database,
    there is something at ``copy`` already, or it cannot be written (a full disk).
    """
    if not database.is_file():
        raise StoreError(f"there is no database at {database}; start the daemon once to make it")
    if os.path.lexists(copy):
        raise StoreError(f"{copy} exists; nothing is overwritten: remove it, or name another file")
    unfinished = copy.with_name(copy.name + UNFINISHED)
    try:
        _make_private(unfinished)
        whole = copy_database(database, unfinished, stopped=stopped)
        if whole:
            _settle(unfinished, copy)
    except OSError as error:
        raise StoreError(f"{copy} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return whole


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all but the ``keep`` newest backups with a dated name; returns those removed."""
    try:
        dated = sorted(path for path in folder.iterdir() if _DATED.fullmatch(path.name))
        old = dated[: max(0, len(dated) - keep)]
        for path in old:
            path.unlink()
    except OSError as error:
        raise StoreError(f"old backups in {folder} cannot be removed: {error.strerror}") from error
    return old


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _settle(unfinished: Path, copy: Path) -> None:
    """On the disk first, then under its name; ``link`` refuses a name that was taken meanwhile."""
    descriptor = os.open(unfinished, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(unfinished, copy)
    except FileExistsError:
        raise StoreError(f"{copy} was made by somebody else meanwhile; it was left alone") from None
    except OSError:  # a file system without hard links
        unfinished.rename(copy)
