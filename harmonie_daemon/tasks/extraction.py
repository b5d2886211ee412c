"""One file from disk to the store: wait until it is whole, read it, hear it, remember it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from harmonie_daemon.analysis.job import AnalysisJob, JobFailure, timeout_s
from harmonie_daemon.analysis.styles import styles_from_genres
from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.domain.track import Analysis, AudioFile, Tags, display_path
from harmonie_daemon.library.identity import fingerprint
from harmonie_daemon.library.tags import read_tags
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.workers import Supervisor

log = logging.getLogger(__name__)

QUIET_S = 2.0
"""A file that was written more recently than this may still be growing."""
PATIENCE_S = 10.0
"""How long a growing file holds up its place in a scan before it is left for later."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the work on one file ended.

    ``vanished`` files are gone; ``growing`` ones are still being written and wait for later;
    ``unreadable`` ones cannot be opened, which is tried again at every scan, because a change
    of permissions leaves no trace in size and time.
    """

    kind: Literal["analysed", "failed", "vanished", "growing", "unreadable"]
    reason: str = ""


class Extractor:
    """Takes files through the analysis and keeps what comes of it."""

    def __init__(
        self,
        tracks: Tracks,
        supervisor: Supervisor,
        models: tuple[str, ...],
        clock: Callable[[], float],
    ) -> None:
        self._tracks = tracks
        self._supervisor = supervisor
        self._models = models
        self._clock = clock

    async def extract(self, found: AudioFile) -> Outcome:
        """Analyse one file and save the result, or the reason why there is none."""
        file = await self._when_quiet(found)
        if file is None:
            return Outcome("growing" if _size_and_mtime(found.path) else "vanished")
        tags, print_ = await asyncio.to_thread(_read, file)
        if print_ is None:
            return Outcome("unreadable", "cannot be read; check its permissions")
        heard = await self._hear(file)
        if isinstance(heard, JobFailure):
            return await self._failed(file, print_, heard.reason)
        styles, unmapped = styles_from_genres(tags.genres)
        await self._tracks.save(file, print_, tags, heard, styles, unmapped)
        return Outcome("analysed")

    async def _hear(self, file: AudioFile) -> Analysis | JobFailure:
        job = AnalysisJob(path=file.path, models=self._models)
        try:
            heard: Analysis | JobFailure = await self._supervisor.run(
                job, timeout_s=timeout_s(file.size)
            )
        except WorkerError as error:
            return JobFailure(str(error))
        return heard

    async def _failed(self, file: AudioFile, print_: bytes, reason: str) -> Outcome:
        now = _size_and_mtime(file.path)
        if now is None:
            return Outcome("vanished")
        if now != (file.size, file.mtime_ns):
            return Outcome("growing")
        await self._tracks.record_failure(file, print_, reason)
        log.warning("%s: %s", display_path(file.path), reason)
        return Outcome("failed", reason)

    async def _when_quiet(self, file: AudioFile) -> AudioFile | None:
        """The file once it has stopped changing; ``None`` if it does not, or is gone."""
        waited = 0.0
        while True:
            now = _size_and_mtime(file.path)
            if now is None:
                return None
            changed = now != (file.size, file.mtime_ns)
            file = AudioFile(file.root, file.relative_path, *now)
            age = self._clock() - file.mtime_ns / 1e9
            if not changed and not 0 <= age < QUIET_S:
                return file
            if waited >= PATIENCE_S:
                return None
            await asyncio.sleep(QUIET_S)
            waited += QUIET_S


def _read(file: AudioFile) -> tuple[Tags, bytes | None]:
    return read_tags(file.path), fingerprint(file.path, file.size)


def _size_and_mtime(path: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)  # noqa: PTH116 - paths are str with surrogate escapes
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
