"""A deterministic library made of numbers: clusters of vectors with artists, songs and keys."""

from __future__ import annotations

import numpy as np

from harmonie_daemon.domain.track import PITCH_CLASSES, Facets, Scale, TrackId
from harmonie_daemon.similarity.columns import Columns
from harmonie_daemon.similarity.index import FlatIndex, Floats
from harmonie_daemon.similarity.space import Space

MODEL = "test-1"


def unit_rows(count: int, dim: int = 16, *, seed: int = 0, clusters: int = 8) -> Floats:
    """float32[count, dim], rows of length 1 around ``clusters`` centres."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((clusters, dim))
    rows = centres[rng.integers(clusters, size=count)] + 0.4 * rng.standard_normal((count, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def make_facets(
    track_id: int,
    *,
    artist: str | None = None,
    title: str | None = None,
    album: str | None = None,
    bpm: float | None = 120.0,
    key: str | None = "C",
    scale: Scale | None = Scale.MAJOR,
    danceability: float | None = 1.0,
    further_artists: tuple[str, ...] = (),
    bpm_confidence: float | None = 3.0,
    folder: str | None = None,
    key_strength: float | None = 0.8,
    energy: float | None = 0.5,
) -> Facets:
    """One track as choosing sees it."""
    return Facets(
        id=TrackId(track_id),
        artist_key=artist,
        title_key=title,
        album_key=album,
        bpm=bpm,
        key=key,
        scale=scale,
        danceability=danceability,
        added_at=float(track_id),
        further_artist_keys=further_artists,
        bpm_confidence=bpm_confidence,
        loudness_db=-8.0,
        folder=folder,
        key_strength=key_strength,
        energy=energy,
    )


def library(count: int, *, seed: int = 0) -> list[Facets]:
    """Tracks 1 to ``count``; every fourth song is there twice, one in ten lacks something."""
    rng = np.random.default_rng(seed)
    return [
        make_facets(
            number + 1,
            artist=None if number % 10 == 3 else f"artist {number % max(3, count // 6)}",
            title=f"song {number // 2 if number % 4 < 2 else number}",
            album=f"album {number // 8}",
            bpm=None if number % 10 == 5 else float(rng.integers(70, 170)),
            key=None if number % 10 == 7 else PITCH_CLASSES[int(rng.integers(12))],
            scale=Scale.MINOR if rng.random() < 0.5 else Scale.MAJOR,
            danceability=None if number % 10 == 9 else float(rng.random() * 3),
        )
        for number in range(count)
    ]


def make_space(facets: list[Facets], vectors: Floats | None = None) -> Space:
    """A space over these tracks, with a vector each."""
    columns = Columns.of(facets)
    rows = unit_rows(len(facets)) if vectors is None else vectors
    return Space(FlatIndex(columns.ids, rows), columns, MODEL, 1)
