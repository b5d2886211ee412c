"""A small library in a real store, with what is asked of it in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harmonie_daemon.discovery.discovery import Discovery
from harmonie_daemon.domain.track import (
    Analysis,
    AudioFile,
    Descriptors,
    Embedding,
    StyleScore,
    Tags,
    TrackId,
)
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors

MODEL = "timbre316-2"
DIM = 8


@dataclass(frozen=True, slots=True)
class MusicShelf:
    """Everything between the database and an answer."""

    database: Database
    tracks: Tracks
    spaces: Spaces
    discovery: Discovery
    plays: dict[TrackId, int] = field(default_factory=dict)

    async def add(
        self,
        name: str,
        *,
        sound: int | None = None,
        tags: Tags | None = None,
        styles: Sequence[StyleScore] = (),
        unmapped: Sequence[str] = (),
        features: Mapping[str, float] | None = None,
        duration_s: float = 180.0,
        **descriptors: object,
    ) -> TrackId:
        """Save a track; tracks of one ``sound`` (0 to 7) lie near each other."""
        embeddings = {MODEL: None if sound is None else near(sound, name)}
        heard = Analysis(duration_s, Descriptors(**descriptors), 1, embeddings, features or {})  # type: ignore[arg-type]
        file = AudioFile("/music", name, 1000, 1)
        return await self.tracks.save(file, None, tags or Tags(), heard, styles, unmapped)

    async def names(self, text: str, limit: int = 5, **asked: str) -> list[str]:
        """The names of what answers, best first."""
        found = await self.discovery.discover(text, limit=limit, **asked)  # type: ignore[arg-type]
        return [hit.name for hit in found.hits]


def near(sound: int, name: str) -> Embedding:
    """A unit vector near one of the axes; the same for the same name."""
    noise = np.random.default_rng(list(name.encode())).standard_normal(DIM)
    vector = np.eye(DIM)[sound] + 0.1 * noise
    return (vector / np.linalg.norm(vector)).astype(np.float32)


@asynccontextmanager
async def open_shelf(folder: Path) -> AsyncIterator[MusicShelf]:
    """An empty library."""
    database = await Database.open(folder / "harmonie.db")
    tracks, vectors = Tracks(database, lambda: 1.0), Vectors(database)
    spaces = Spaces(vectors)
    await spaces.load()
    plays: dict[TrackId, int] = {}

    async def counted() -> dict[TrackId, int]:
        return plays

    discovery = Discovery(tracks, vectors, spaces, Resolver(tracks), counted)
    try:
        yield MusicShelf(database, tracks, spaces, discovery, plays)
    finally:
        spaces.close()
        await database.close()
