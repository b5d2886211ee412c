"""The tracks that take part in an evaluation, with the vectors of each model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harmonie_daemon.analysis import job
from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.domain.errors import NotFoundError
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.track import Analysis, AudioFile, Tags
from harmonie_daemon.evaluation.ground_truth import Subject, whole_folders
from harmonie_daemon.evaluation.listening import Progress, hear_all
from harmonie_daemon.library.scanner import walk
from harmonie_daemon.library.tag_job import READING, TIMEOUT_S, TagsJob, TagsRead
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors

Matrix = npt.NDArray[np.float32]
Positions = npt.NDArray[np.intp]

LEAST_SHARE = 0.5
"""A model with vectors of fewer tracks, as a share of the fullest model's, is still on its way."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Tracks in a fixed order; only such as every model has a vector of."""

    subjects: tuple[Subject, ...]
    vectors: Mapping[str, Matrix]
    """Model name to float32[n, dim], rows of length 1 in the order of ``subjects``."""

    def __len__(self) -> int:
        return len(self.subjects)

    @property
    def files(self) -> tuple[AudioFile, ...]:
        """Where the tracks lie."""
        return tuple(subject.file for subject in self.subjects)

    def at(self, positions: Sequence[int]) -> Collection:
        """These tracks of it, in this order."""
        rows = np.array(positions, np.intp)
        return Collection(
            tuple(self.subjects[position] for position in positions),
            {model: matrix[rows] for model, matrix in self.vectors.items()},
        )


async def stored_collection(path: Path) -> Collection:
    """Everything that a database has vectors of, beside the daemon that owns it if one runs.

    Raises ``StoreError``.
    """
    database = await Database.open(path, readers=1, lock=False)
    try:
        return await _known(Tracks(database, time.time), Vectors(database))
    finally:
        await database.close()


async def heard_collection(
    folder: Path,
    most: int,
    rng: np.random.Generator,
    *,
    workers: int,
    on_progress: Progress = lambda done, total: None,
) -> Collection:
    """At most about ``most`` tracks below a folder, heard now with the built-in model.

    Nothing is stored. Raises ``NotFoundError`` if the folder cannot be read.
    """
    found = await asyncio.to_thread(walk, [str(folder)])
    if found.missing_roots:
        raise NotFoundError(f"{folder} is not a readable folder")
    files = sorted(found.files, key=lambda file: file.path)
    files = [files[position] for position in whole_folders(files, most, rng)]
    jobs = [
        (
            job.AnalysisJob(file.path, (BUILTIN_MODEL,), descriptors=False),
            job.timeout_s(file.size),
        )
        for file in files
    ]
    heard = await hear_all(job.HEARING.target, jobs, workers=workers, on_progress=on_progress)
    rows = {
        file: vector
        for file, analysis in zip(files, heard, strict=True)
        if isinstance(analysis, Analysis)
        and (vector := analysis.embeddings[BUILTIN_MODEL]) is not None
    }
    subjects = await _subjects(list(rows), workers)
    return Collection(subjects, {BUILTIN_MODEL: np.stack(list(rows.values()))} if rows else {})


async def _known(tracks: Tracks, vectors: Vectors) -> Collection:
    models = await vectors.models()
    fullest = max((model.tracks for model in models), default=0)
    used = [model.name for model in models if model.tracks > LEAST_SHARE * fullest]
    loaded = {name: await vectors.load(name) for name in used}
    page = await tracks.list(TrackFilter(), limit=2**31, offset=0)
    known = {int(track.id): track for track in page.items}
    common = np.array(sorted(known), np.int64)
    for ids, _ in loaded.values():
        common = np.intersect1d(common, ids)
    if not loaded:
        common = common[:0]
    return Collection(
        tuple(Subject(known[id_].file, known[id_].tags) for id_ in common.tolist()),
        {name: matrix[np.searchsorted(ids, common)] for name, (ids, matrix) in loaded.items()},
    )


async def _subjects(files: Sequence[AudioFile], workers: int) -> tuple[Subject, ...]:
    jobs = [(TagsJob(file.path), TIMEOUT_S) for file in files]
    found = await hear_all(READING.target, jobs, workers=workers, kind=READING)
    return tuple(
        Subject(file, read.tags if isinstance(read, TagsRead) else Tags())
        for file, read in zip(files, found, strict=True)
    )
