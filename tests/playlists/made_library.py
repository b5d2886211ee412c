"""A library in a real store: the whole chain from the database to the kitchen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harmonie_daemon.domain.track import (
    PITCH_CLASSES,
    Analysis,
    AudioFile,
    Descriptors,
    Embedding,
    Scale,
    StyleScore,
    Tags,
    TrackId,
)
from harmonie_daemon.playlists.builder import PlaylistBuilder
from harmonie_daemon.playlists.listening_recipes import register_listening
from harmonie_daemon.playlists.recipes import RecipeKitchen
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.search import Search
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from tests.playlists.factories import MODEL

STYLES = (
    StyleScore("Electronic", "House", 1.0),
    StyleScore("Rock", "Indie Rock", 1.0),
    StyleScore("Jazz", "Bop", 1.0),
    StyleScore("Electronic", "Ambient", 1.0),
)
DIM = 16


@dataclass(frozen=True, slots=True)
class MadeLibrary:
    """Everything between the database and a playlist."""

    tracks: Tracks
    vectors: Vectors
    spaces: Spaces
    search: Search
    resolver: Resolver
    builder: PlaylistBuilder
    kitchen: RecipeKitchen
    plays: Plays
    database: Database

    async def add(
        self,
        name: str,
        vector: Embedding | None = None,
        *,
        tags: Tags | None = None,
        styles: Sequence[StyleScore] = (),
        model: str = MODEL,
        **descriptors: object,
    ) -> TrackId:
        """Save one track at ``/music/<name>``."""
        heard = Descriptors(**descriptors)  # type: ignore[arg-type]
        analysis = Analysis(180.0, heard, 1, {model: vector})
        file = AudioFile("/music", name, 1000, 1)
        return await self.tracks.save(file, None, tags or Tags(), analysis, styles)

    async def fill(self, count: int, *, styles: bool = False) -> list[TrackId]:
        """Save ``count`` tracks: 8 kinds of sound, albums of 10, every artist with 2 albums."""
        sound = np.eye(DIM)
        rng = np.random.default_rng(4)
        ids = []
        for number in range(count):
            album = number // 10
            row = sound[album % 8] + 0.1 * rng.standard_normal(DIM)
            tags = Tags(
                artist=f"Artist {album // 8 // 2 * 8 + album % 8}",
                album=f"Album {album}",
                title=f"Song {number}",
            )
            ids.append(
                await self.add(
                    f"a{album}/{number}.flac",
                    (row / np.linalg.norm(row)).astype(np.float32),
                    tags=tags,
                    styles=STYLES[album % 4 : album % 4 + 1] if styles else (),
                    bpm=float(rng.integers(70, 170)),
                    key=PITCH_CLASSES[int(rng.integers(12))],
                    scale=Scale.MINOR if rng.random() < 0.5 else Scale.MAJOR,
                    danceability=float(rng.random() * 3),
                )
            )
        return ids


class Ticks:
    """A clock that ticks once each time it is read, so that tracks have an order of arrival."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@asynccontextmanager
async def open_library(folder: Path) -> AsyncIterator[MadeLibrary]:
    """An empty library with its index loaded."""
    database = await Database.open(folder / "harmonie.db")
    tracks, vectors = Tracks(database, Ticks()), Vectors(database)
    spaces = Spaces(vectors)
    await spaces.load()
    resolver = Resolver(tracks)
    builder = PlaylistBuilder(tracks, spaces, resolver)
    kitchen = RecipeKitchen(tracks, spaces, resolver, builder)
    plays = Plays(database, Ticks())
    register_listening(kitchen, plays, tracks, spaces, builder)
    try:
        yield MadeLibrary(
            tracks,
            vectors,
            spaces,
            Search(tracks, spaces),
            resolver,
            builder,
            kitchen,
            plays,
            database,
        )
    finally:
        spaces.close()
        await database.close()
