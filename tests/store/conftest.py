from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from tests.store.factories import Clock


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "harmonie.db")
    yield database
    await database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tracks(db: Database, clock: Clock) -> Tracks:
    return Tracks(db, clock)


@pytest.fixture
def vectors(db: Database) -> Vectors:
    return Vectors(db)
