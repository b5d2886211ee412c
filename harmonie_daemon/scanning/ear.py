"""One file from disk to the store: wait until it is whole, read it, hear it, remember it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.job import AnalysisJob, JobFailure, ModelFailure, timeout_s
from harmonie_daemon.analysis.styles import styles_from_genres, styles_from_probabilities
from harmonie_daemon.domain.errors import WorkerError
from harmonie_daemon.domain.track import (
    Analysis,
    AudioFile,
    Descriptors,
    StyleScore,
    Tags,
    TrackId,
    display_path,
)
from harmonie_daemon.library.access import reason, trouble_reading
from harmonie_daemon.library.identity import fingerprint
from harmonie_daemon.scanning.assignment import Assignment, Outcome
from harmonie_daemon.scanning.faults import Faults
from harmonie_daemon.scanning.models import Models
from harmonie_daemon.scanning.rest import OwnLoad
from harmonie_daemon.scanning.tag_reading import NO_TAGS, TagReader, filled
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.workers import Supervisor

log = logging.getLogger(__name__)

QUIET_S = 2.0
"""A file that was written more recently than this may still be growing."""
PATIENCE_S = 10.0
"""How long a growing file holds up its place in a scan before it is left for later."""


@dataclass(frozen=True, slots=True)
class _Heard:
    result: Analysis | JobFailure | None
    """``None``: nothing was left to ask for."""
    may_pass: bool = False
    """The failure may be the machine's, and another try is worth while."""
    owes_model: bool = False


class Ear:
    """Hears files, in worker processes, and keeps what comes of it."""

    def __init__(
        self,
        tracks: Tracks,
        supervisor: Supervisor,
        tags: TagReader,
        models: Models,
        own_load: OwnLoad,
        clock: Callable[[], float],
        *,
        weights_dir: str | None = None,
        quiet_s: float = QUIET_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._tracks = tracks
        self._supervisor = supervisor
        self._tags = tags
        self._models = models
        self._own_load = own_load
        self._clock = clock
        self._faults = Faults()
        self._weights_dir = weights_dir
        self._quiet_s = quiet_s
        self._patience_s = patience_s

    async def hear(self, work: Assignment) -> Outcome:
        """Analyse one file and save the result, or the reason why there is none."""
        file = await self._when_quiet(work.file)
        if file is None:
            return Outcome("growing" if await _size_and_mtime(work.file.path) else "vanished")
        if work.track_id is not None and file == work.file:
            redo = self._renew_tags if work.tags else self._redo
            return await redo(work, work.track_id)
        if work.tags:  # it has changed since: another scan hears it
            return Outcome("growing")
        return await self._hear_all(file)

    async def hear_copy(self, copy: AudioFile, original: AudioFile, tags: Tags) -> Outcome:
        """Analyse a copy of what is elsewhere, and keep that; ``tags`` where it says nothing."""
        return await self._hear_all(copy, original, tags)

    async def _hear_all(
        self, file: AudioFile, original: AudioFile | None = None, known: Tags = NO_TAGS
    ) -> Outcome:
        print_ = await asyncio.to_thread(fingerprint, file.path, file.size)
        if print_ is None:
            return await _unreadable(file)
        read = await self._tags.read(file)
        if isinstance(read, JobFailure):
            return await _later(file, read.reason)
        heard = await self._hear(file, self._models.wanted, descriptors=True)
        if isinstance(heard.result, JobFailure):
            why = heard.result.reason
            return await self._failed(file, original, print_, why, passing=heard.may_pass)
        if heard.result is None:
            raise AssertionError("descriptors need no model")
        of_tags, unmapped = styles_from_genres(read.tags.genres)
        styles = _classified(heard.result) or of_tags
        tags = filled(read.tags, known)
        await self._tracks.save(original or file, print_, tags, heard.result, styles, unmapped)
        return Outcome("full", owes_model=heard.owes_model)

    async def _renew_tags(self, work: Assignment, track_id: TrackId) -> Outcome:
        """What is read out of a file has changed, not the file."""
        if await asyncio.to_thread(fingerprint, work.file.path, work.file.size) is None:
            return await _unreadable(work.file)
        read = await self._tags.read(work.file)
        if isinstance(read, JobFailure):
            return await _later(work.file, read.reason)
        tags = read.tags if read.left_out is None else None
        styles, unmapped = styles_from_genres(read.tags.genres)
        saved = await self._tracks.save_tags(track_id, work.file, tags, styles, unmapped)
        return Outcome("tags" if saved else "vanished")

    async def _redo(self, work: Assignment, track_id: TrackId) -> Outcome:
        """A part of a track that stays whatever comes of it."""
        models = tuple(name for name in work.models if self._models.is_usable(name))
        if work.models and not models:
            return Outcome("set_aside", owes_model=True)
        if await asyncio.to_thread(fingerprint, work.file.path, work.file.size) is None:
            return await _unreadable(work.file)
        heard = await self._hear(work.file, models, descriptors=not models)
        if isinstance(heard.result, JobFailure):
            reason = heard.result.reason
            later = await _later(work.file, reason) if heard.may_pass else None
            return later or await self._could_not_redo(work, track_id, models, reason)
        if heard.result is None:
            return Outcome("set_aside", owes_model=True)
        if models:
            styles = _classified(heard.result)
            saved = await self._tracks.save_embeddings(track_id, work.file, heard.result, styles)
        else:
            saved = await self._tracks.save_descriptors(track_id, work.file, heard.result)
        if not saved:
            return Outcome("vanished")
        return Outcome("embeddings" if models else "descriptors", owes_model=heard.owes_model)

    async def _could_not_redo(
        self, work: Assignment, track_id: TrackId, models: tuple[str, ...], reason: str
    ) -> Outcome:
        """A file that once could be heard: what is known of it is better than nothing."""
        if models:
            silent = _without_answer(models)
            await self._tracks.save_embeddings(track_id, work.file, silent)
        log.warning("%s: could not be heard anew: %s", display_path(work.file.path), reason)
        return Outcome("failed", reason)

    async def _hear(self, file: AudioFile, models: tuple[str, ...], *, descriptors: bool) -> _Heard:
        """Ask a worker; if it fails, find out whether the file or a downloaded model is to blame.

        The same file without the model tells: only if that fails, too, is it the file.
        """
        try:
            result = await self._ask(file, models, descriptors=descriptors)
        except WorkerError as error:
            if models in ((), (BUILTIN_MODEL,)):
                return self._not_heard(file, str(error))
            return await self._hear_without(file, models, str(error), descriptors=descriptors)
        match result:
            case Analysis():
                for name in result.embeddings:
                    self._models.answered(name)
                self._faults.passed(file)
                return _Heard(result)
            case JobFailure(reason):
                return self._not_heard(file, reason)
            case ModelFailure(model, reason):
                self._models.set_aside(model, reason)
                others = tuple(name for name in models if name != model)
                if not (others or descriptors):
                    return _Heard(None, owes_model=True)
                heard = await self._hear(file, others or (BUILTIN_MODEL,), descriptors=descriptors)
                return replace(heard, owes_model=True)
            case other:
                assert_never(other)

    async def _hear_without(
        self, file: AudioFile, models: tuple[str, ...], reason: str, *, descriptors: bool
    ) -> _Heard:
        """What the built-in model makes of a file at which a worker failed with others."""
        try:
            result = await self._ask(file, (BUILTIN_MODEL,), descriptors=descriptors)
        except WorkerError as error:
            return self._not_heard(file, str(error))
        if not isinstance(result, Analysis):
            return self._not_heard(
                file, result.reason if isinstance(result, JobFailure) else reason
            )
        downloaded = [name for name in models if name != BUILTIN_MODEL]
        log.info("%s: heard without %s: %s", display_path(file.path), ", ".join(downloaded), reason)
        to_blame = [name for name in downloaded if self._models.stumbled(name, reason)]
        if self._faults.may_pass(file, reason):
            to_blame = []
        silent = {**result.embeddings, **dict.fromkeys(to_blame)}
        owes_model = len(to_blame) < len(downloaded)
        return _Heard(replace(result, embeddings=silent), owes_model=owes_model)

    def _not_heard(self, file: AudioFile, reason: str) -> _Heard:
        return _Heard(JobFailure(reason), may_pass=self._faults.may_pass(file, reason))

    async def _ask(
        self, file: AudioFile, models: tuple[str, ...], *, descriptors: bool
    ) -> Analysis | JobFailure | ModelFailure:
        job = AnalysisJob(file.path, models, self._weights_dir, descriptors)
        with self._own_load.hearing():
            result: Analysis | JobFailure | ModelFailure = await self._supervisor.run(
                job, timeout_s=timeout_s(file.size)
            )
        return result

    async def _failed(
        self,
        file: AudioFile,
        original: AudioFile | None,
        print_: bytes,
        reason: str,
        *,
        passing: bool,
    ) -> Outcome:
        now = await _size_and_mtime(file.path)
        if now is None:
            return Outcome("vanished")
        if now != (file.size, file.mtime_ns):
            return Outcome("growing")
        if passing:
            return await _later(file, reason)
        await self._tracks.record_failure(original or file, print_, reason)
        log.warning("%s: %s", display_path(file.path), reason)
        return Outcome("failed", reason)

    async def _when_quiet(self, file: AudioFile) -> AudioFile | None:
        """The file once it has stopped changing; ``None`` if it does not, or is gone."""
        waited = 0.0
        while True:
            now = await _size_and_mtime(file.path)
            if now is None:
                return None
            changed = now != (file.size, file.mtime_ns)
            file = AudioFile(file.root, file.relative_path, *now)
            age = self._clock() - file.mtime_ns / 1e9
            if not changed and not 0 <= age < self._quiet_s:
                return file
            if waited >= self._patience_s:
                return None
            await asyncio.sleep(self._quiet_s)
            waited += self._quiet_s


def _classified(analysis: Analysis) -> tuple[StyleScore, ...]:
    """The styles that the classifier heard; none without one."""
    if analysis.style_probabilities is None:
        return ()
    return styles_from_probabilities(analysis.style_probabilities)


async def _unreadable(file: AudioFile) -> Outcome:
    """Why no fingerprint could be taken of a file."""
    error = await asyncio.to_thread(trouble_reading, file.path)
    match error:
        case None:
            return Outcome("growing")
        case FileNotFoundError():
            return Outcome("vanished")
    why = f"cannot be read: {reason(error)}"
    log.warning("%s: %s", display_path(file.path), why)
    return Outcome("unreadable", why)


async def _later(file: AudioFile, reason: str) -> Outcome:
    if await _size_and_mtime(file.path) is None:
        return Outcome("vanished")
    log.warning("%s: %s; the next scan tries again", display_path(file.path), reason)
    return Outcome("unreadable", reason)


def _without_answer(models: tuple[str, ...]) -> Analysis:
    return Analysis(0.0, Descriptors(), 0, embeddings=dict.fromkeys(models))


async def _size_and_mtime(path: str) -> tuple[int, int] | None:
    """Off the event loop: a disk may be asleep, a share may hang."""
    try:
        stat = await asyncio.to_thread(os.stat, path)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns
