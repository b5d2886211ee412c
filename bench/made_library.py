"""A data folder with a made-up library, written through the store's own writers.

``python made_library.py FOLDER TRACKS``; ``http.py`` runs it with the interpreter, and so with
the store, of one of its sides. The same count always gives the same library: albums of ten,
artists of a few albums, artists near their styles, styles near their genres, as real ones are.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harmonie_daemon.analysis.descriptors import DESCRIPTOR_VERSION
from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.timbre.vector import DIMENSION
from harmonie_daemon.domain.track import (
    PITCH_CLASSES,
    Analysis,
    AudioFile,
    Descriptors,
    Embedding,
    Scale,
    StyleScore,
    Tags,
)
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks

ROOT = "/srv/made-up music"
MADE_AT = 1_750_000_000.0
GENRES, STYLES_OF_A_GENRE = 15, 27
ALBUM_TRACKS = 10
SPREAD = {"style": 0.8, "artist": 0.6, "album": 0.3, "track": 0.5}
"""Standard deviations around what is one level above, in units of that of the genres."""


@dataclass(frozen=True, slots=True)
class Label:
    """One style, and where it lies."""

    genre: str
    style: str
    centre: Embedding


@dataclass(frozen=True, slots=True)
class Album:
    """What its tracks have in common."""

    artist: str
    title: str
    labels: tuple[Label, ...]
    """The most fitting first."""
    centre: Embedding


async def main(folder: Path, count: int) -> None:
    """Make the folder."""
    rng = np.random.default_rng(0)
    database = await Database.open(folder / "harmonie.db", readers=1)
    tracks = Tracks(database, lambda: MADE_AT)
    number = 0
    for album in albums(rng):
        for position in range(1, ALBUM_TRACKS + 1):
            if number == count:
                await database.close()
                return
            await save(tracks, album, number, position, rng)
            number += 1


async def save(
    tracks: Tracks, album: Album, number: int, position: int, rng: np.random.Generator
) -> None:
    """One track."""
    title = f"Title {number if rng.random() > 0.05 else number % 1000}"
    path = f"{album.artist}/{album.title}/{position:02} {title}.flac"
    tags = Tags(artist=album.artist, album=album.title, title=title, track_number=position)
    file = AudioFile(ROOT, path, 30_000_000 + number, 1_700_000_000_000_000_000 + number)
    fingerprint = number.to_bytes(16, "little")
    await tracks.save(file, fingerprint, tags, analysis(album, rng), styles(album, rng))


def albums(rng: np.random.Generator) -> Iterator[Album]:
    """Albums without end, one artist after the other."""
    labels = list(taxonomy(rng))
    weights = 1.0 / np.arange(1, len(labels) + 1)
    order = rng.permutation(len(labels))
    artist = 0
    while True:
        chosen = rng.choice(order, size=6, replace=False, p=weights / weights.sum())
        own = tuple(labels[index] for index in chosen)
        centre = near(own[0].centre, "artist", rng)
        for album in range(rng.geometric(0.35)):
            yield Album(f"Artist {artist}", f"Album {album}", own, near(centre, "album", rng))
        artist += 1


def taxonomy(rng: np.random.Generator) -> Iterator[Label]:
    """All labels."""
    for genre in range(GENRES):
        centre = rng.standard_normal(DIMENSION).astype(np.float32)
        for style in range(STYLES_OF_A_GENRE):
            yield Label(f"Genre {genre}", f"Style {style}", near(centre, "style", rng))


def near(centre: Embedding, level: str, rng: np.random.Generator) -> Embedding:
    """A point of this level around that centre."""
    return centre + np.float32(SPREAD[level]) * rng.standard_normal(DIMENSION).astype(np.float32)


def analysis(album: Album, rng: np.random.Generator) -> Analysis:
    """What was heard."""
    vector = near(album.centre, "track", rng)
    return Analysis(
        duration_s=max(20.0, float(rng.normal(230.0, 60.0))),
        descriptors=Descriptors(
            bpm=min(220.0, max(40.0, float(rng.normal(118.0, 25.0)))),
            bpm_confidence=float(rng.uniform(0.5, 5.0)),
            key=PITCH_CLASSES[int(rng.integers(12))],
            scale=Scale.MAJOR if rng.random() < 0.6 else Scale.MINOR,
            key_strength=float(rng.uniform(0.3, 0.95)),
            danceability=float(rng.uniform(0.5, 2.5)),
            loudness_db=float(rng.normal(-8.0, 3.0)),
            onset_rate=float(rng.uniform(1.0, 6.0)),
        ),
        descriptor_version=DESCRIPTOR_VERSION,
        embeddings={BUILTIN_MODEL: vector / np.linalg.norm(vector)},
    )


def styles(album: Album, rng: np.random.Generator) -> list[StyleScore]:
    """Most of the album's labels, the first ones surest."""
    count = int(rng.integers(3, len(album.labels) + 1))
    return [
        StyleScore(label.genre, label.style, float(rng.uniform(0.3, 1.0) * 0.7**place))
        for place, label in enumerate(album.labels[:count])
    ]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
