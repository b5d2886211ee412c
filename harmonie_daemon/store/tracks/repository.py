"""What all repositories of tracks work with."""

from __future__ import annotations

from collections.abc import Callable

from harmonie_daemon.store.database import Database
from harmonie_daemon.store.remembered import Remembered

MOST_SEARCHES = 8
"""Searches whose order is kept for further pages, eight bytes a track that was found."""


class TrackRepository:
    """A part of ``Tracks``. Every method may raise ``StoreError``."""

    def __init__(self, db: Database, clock: Callable[[], float]) -> None:
        """``clock`` gives Unix time, for ``added_at`` and ``analyzed_at``."""
        self._db = db
        self._clock = clock
        self._counted = Remembered()
        self._found = Remembered(MOST_SEARCHES)
