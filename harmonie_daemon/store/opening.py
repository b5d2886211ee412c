"""The store, opened: the database and every repository on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from harmonie_daemon.domain.errors import ConfigurationError
from harmonie_daemon.store.catalogue import Catalogues
from harmonie_daemon.store.compositions import Compositions
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.meta import Meta
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.prefix_lists import PrefixLists
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors

READERS = 3
"""A scan and a playlist may each keep one busy for a second; requests go on."""


@dataclass(frozen=True, slots=True)
class Store:
    """What we remember, one repository an aggregate."""

    database: Database
    tracks: Tracks
    vectors: Vectors
    playlists: Playlists
    tasks: Tasks
    compositions: Compositions
    plays: Plays
    prefix_lists: PrefixLists
    catalogues: Catalogues
    meta: Meta


@asynccontextmanager
async def open_store(path: Path, clock: Callable[[], float]) -> AsyncIterator[Store]:
    """Open the database at ``path``, making it and its folder if need be.

    Raises ``ConfigurationError`` when the folder cannot be made, ``StoreError`` when the database
    is in use, damaged or cannot be written.
    """
    _make_folder(path.parent)
    database = await Database.open(path, readers=READERS)
    try:
        yield Store(
            database=database,
            tracks=Tracks(database, clock),
            vectors=Vectors(database),
            playlists=Playlists(database),
            tasks=Tasks(database),
            compositions=Compositions(database),
            plays=Plays(database, clock),
            prefix_lists=PrefixLists(database),
            catalogues=Catalogues(database),
            meta=Meta(database),
        )
    finally:
        await database.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"data_dir={str(folder)!r} cannot be made: {error.strerror}; "
            "set HARMONIE_DATA_DIR to a folder that can be written"
        ) from error
