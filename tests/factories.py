"""Values for tests: each factory takes what matters and makes up the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from harmonie_daemon.domain.track import (
    Analysis,
    AudioFile,
    Descriptors,
    Embedding,
    Scale,
    StyleScore,
    Tags,
    TrackId,
)
from harmonie_daemon.store.tracks import Tracks

MODEL = "timbre316-2"
DIMENSION = 316
DESCRIPTOR_VERSION = 1
MUSIC = "/music"


def make_vector(*leading: float) -> Embedding:
    """A unit vector float32[316] that begins like this and is zero from there on."""
    vector = np.zeros(DIMENSION, np.float32)
    vector[: len(leading)] = leading
    return vector / np.linalg.norm(vector)


def make_file(relative_path: str = "A/B/01 C.flac", root: str = MUSIC, **fields: Any) -> AudioFile:
    """A file of a megabyte, modified at 1,700,000,000.5 s."""
    values: dict[str, Any] = {"size": 1_048_576, "mtime_ns": 1_700_000_000_500_000_000, **fields}
    return AudioFile(root=root, relative_path=relative_path, **values)


def make_tags(**fields: Any) -> Tags:
    """Tags with artist, album and title, unless said otherwise."""
    return replace(Tags(artist="Artist", album="Album", title="Title", track_number=1), **fields)


def make_descriptors(**fields: Any) -> Descriptors:
    """A measured track of 120 BPM in A minor, unless said otherwise."""
    usual = Descriptors(
        bpm=120.0,
        bpm_confidence=3.2,
        key="A",
        scale=Scale.MINOR,
        key_strength=0.8,
        danceability=1.2,
        loudness_db=-9.5,
        onset_rate=3.5,
    )
    return replace(usual, **fields)


def make_analysis(
    vector: Embedding | None = None,
    *,
    model: str = MODEL,
    duration_s: float = 200.0,
    **descriptors: Any,
) -> Analysis:
    """An analysis with one embedding; ``vector=None`` means the track was too short for one."""
    return Analysis(
        duration_s=duration_s,
        descriptors=make_descriptors(**descriptors),
        descriptor_version=DESCRIPTOR_VERSION,
        embeddings={model: vector},
    )


def make_styles(*labels: str, probability: float = 1.0) -> tuple[StyleScore, ...]:
    """``make_styles("Electronic---House")``."""
    split = (label.split("---") for label in labels)
    return tuple(StyleScore(genre, style, probability) for genre, style in split)


async def make_track(
    tracks: Tracks,
    relative_path: str = "A/B/01 C.flac",
    *,
    vector: Embedding | None = None,
    tags: Tags | None = None,
    styles: Sequence[StyleScore] = (),
    root: str = MUSIC,
    unmapped: Sequence[str] = (),
    **analysis: Any,
) -> TrackId:
    """A track in the store, and its id."""
    return await tracks.save(
        make_file(relative_path, root),
        None,
        tags or make_tags(),
        make_analysis(vector, **analysis),
        styles,
        unmapped,
    )
