"""Small values for the store's tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harmonie_daemon.domain.track import (
    Analysis,
    AudioFile,
    Descriptors,
    Embedding,
    StyleScore,
    Tags,
    TrackId,
)
from harmonie_daemon.store.tracks import Tracks

MODEL = "timbre316-2"
DIM = 8


class Clock:
    """Time that moves only when told to."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def make_file(
    relative_path: str = "Artist/Album/01.flac",
    *,
    root: str = "/music",
    size: int = 1_000,
    mtime_ns: int = 1_700_000_000_000_000_000,
) -> AudioFile:
    return AudioFile(root, relative_path, size, mtime_ns)


def make_vector(seed: int = 0, dim: int = DIM) -> Embedding:
    vector = np.random.default_rng(seed).normal(size=dim)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def make_analysis(
    *,
    duration_s: float = 180.0,
    embeddings: Mapping[str, Embedding | None] | None = None,
    descriptor_version: int = 1,
    **descriptors: Any,
) -> Analysis:
    """``descriptors`` are those of ``Descriptors``."""
    return Analysis(
        duration_s,
        Descriptors(**descriptors),
        descriptor_version,
        {MODEL: make_vector()} if embeddings is None else embeddings,
    )


async def save_track(
    tracks: Tracks,
    relative_path: str = "Artist/Album/01.flac",
    *,
    tags: Tags | None = None,
    analysis: Analysis | None = None,
    styles: Sequence[StyleScore] = (),
    unmapped: Sequence[str] = (),
    fingerprint: bytes | None = None,
    **file: Any,
) -> TrackId:
    """``file`` are the fields of ``make_file``."""
    return await tracks.save(
        make_file(relative_path, **file),
        fingerprint,
        tags or Tags(),
        analysis or make_analysis(),
        styles,
        unmapped,
    )
