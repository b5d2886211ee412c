"""The work of the three kinds of task: a piece, its stems, the sound of its MIDI file."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from harmonie_daemon.domain.composition import (
    CompositionFile,
    CompositionId,
    CompositionVersion,
    FileKind,
    VersionState,
)
from harmonie_daemon.domain.errors import CompositionNotFoundError, HarmonieError, in_words
from harmonie_daemon.domain.task import Lane
from harmonie_daemon.store.compositions import Compositions
from harmonie_daemon.tasks.composing.commission import (
    Commission,
    Compose,
    Ensemble,
    Made,
    MakeAudio,
    MakeStems,
    Making,
    Tell,
)
from harmonie_daemon.tasks.composing.folders import CompositionFolders
from harmonie_daemon.tasks.composing.publishing import Publisher, tags_of
from harmonie_daemon.tasks.context import TaskContext
from harmonie_daemon.tasks.kind import TaskKind

log = logging.getLogger(__name__)

MADE_SHARE = 0.97
"""Of the progress of a task; what is left is putting files in their place."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the progress of a task, from 0 to 1."""

    start: float
    end: float

    def at(self, fraction: float) -> float:
        """Where in the whole a fraction of this part is."""
        return self.start + (self.end - self.start) * fraction


WHOLE, PIECE, ITS_STEMS = Stretch(0.0, 1.0), Stretch(0.0, 0.6), Stretch(0.6, 1.0)

ArgumentsT = TypeVar("ArgumentsT", Compose, MakeStems, MakeAudio)


class Workbench:
    """Makes one thing at a time, in the lane of compositions."""

    def __init__(
        self,
        *,
        compositions: Compositions,
        folders: CompositionFolders,
        ensemble: Ensemble,
        publisher: Publisher | None,
        clock: Callable[[], float],
    ) -> None:
        """``publisher``: where finished pieces are put among other music, if anywhere."""
        self._compositions = compositions
        self._folders = folders
        self._ensemble = ensemble
        self._publisher = publisher
        self.on_published: Callable[[frozenset[str]], Awaitable[None]] | None = None
        """Told of the paths of new music."""
        self._clock = clock
        self.compose: TaskKind[Compose, Making] = TaskKind("compose", Lane.COMPOSE, self._compose)
        self.stems: TaskKind[MakeStems, Making] = TaskKind("stems", Lane.COMPOSE, self._stems)
        self.audio: TaskKind[MakeAudio, Making] = TaskKind("audio", Lane.COMPOSE, self._audio)

    @property
    def kinds(self) -> tuple[TaskKind[Any, Making], ...]:
        """What the runner has to know."""
        return (self.compose, self.stems, self.audio)

    async def _compose(self, context: TaskContext[Compose, Making]) -> Mapping[str, Any]:
        version = await self._version(context.arguments)
        place = (version.composition_id, version.number)
        share = PIECE if context.arguments.with_stems else WHOLE
        await self._compositions.set_state(*place, VersionState.COMPOSING)
        async with self._workshop() as workshop:
            made = await self._ensemble.compose(
                version, workshop, _tell(context, share), takes=context.arguments.takes
            )
            files = await self._put(context, workshop, made, share)
            try:  # before it counts as composed: who sees that sees where it stands, too
                await self._publish(context, version, made, files)
            except asyncio.CancelledError:
                await asyncio.to_thread(self._folders.remove, *place)
                raise
            saving = self._compositions.complete(
                version,
                takes=made.takes,
                files=files,
                loudness_lufs=made.loudness_lufs,
                at=self._clock(),
            )
            await self._keep(saving, place)
        if context.arguments.with_stems:
            await self._add_stems(context, await self._version(context.arguments), ITS_STEMS)
        return _result(context.arguments)

    async def _stems(self, context: TaskContext[MakeStems, Making]) -> Mapping[str, Any]:
        version = await self._version(context.arguments)
        if not version.has_stems:
            await self._add_stems(context, version, WHOLE)
        return _result(context.arguments)

    async def _audio(self, context: TaskContext[MakeAudio, Making]) -> Mapping[str, Any]:
        version = await self._version(context.arguments)
        wanted = context.arguments.format
        if version.file(FileKind.MIX, format=wanted.value) is not None:
            return _result(context.arguments)
        midi = version.file(FileKind.MIDI)
        if midi is None:
            raise CompositionNotFoundError("this version has no MIDI file that could sound")
        score = self._folders.path(midi)
        await self._add(
            context,
            f"audio-{wanted}",
            lambda workshop: self._ensemble.audio(score, wanted, workshop, _tell(context, WHOLE)),
            WHOLE,
        )
        return _result(context.arguments)

    async def _add_stems(
        self, context: TaskContext[ArgumentsT, Making], version: CompositionVersion, share: Stretch
    ) -> None:
        def make(workshop: Path) -> Awaitable[Made]:
            return self._ensemble.stems(version, workshop, _tell(context, share))

        await self._add(context, "stems", make, share)

    async def _add(
        self,
        context: TaskContext[ArgumentsT, Making],
        part: str,
        make: Callable[[Path], Awaitable[Made]],
        share: Stretch,
    ) -> None:
        """Files for a version that is composed."""
        place = (context.arguments.composition_id, context.arguments.version)
        async with self._workshop() as workshop:
            made = await make(workshop)
            files = await self._put(context, workshop, made, share, part)
            saving = self._compositions.add_files(*place, files, at=self._clock())
            await self._keep(saving, place, part)

    @contextlib.asynccontextmanager
    async def _workshop(self) -> AsyncIterator[Path]:
        """An empty folder, which is gone afterwards. If the disk is the reason that something
        fails, the failure says so: writers of sound files know of no reason."""
        workshop = await asyncio.to_thread(self._folders.new_workshop)
        try:
            yield workshop
        except HarmonieError:
            await asyncio.to_thread(self._folders.require_writable, workshop)
            raise
        finally:
            await asyncio.to_thread(self._folders.clear, workshop)

    async def _put(
        self,
        context: TaskContext[ArgumentsT, Making],
        workshop: Path,
        made: Made,
        share: Stretch,
        part: str = "",
    ) -> tuple[CompositionFile, ...]:
        await context.progress(share.at(MADE_SHARE), Making("putting the files in place"))
        place = (context.arguments.composition_id, context.arguments.version)
        putting = asyncio.create_task(
            asyncio.to_thread(self._folders.put, workshop, made.files, *place, part)
        )
        try:
            return await asyncio.shield(putting)
        except asyncio.CancelledError:
            await asyncio.wait([putting])
            await asyncio.to_thread(self._folders.remove, *place, part)
            raise

    async def _publish(
        self,
        context: TaskContext[Compose, Making],
        version: CompositionVersion,
        made: Made,
        files: Sequence[CompositionFile],
    ) -> None:
        """Put the mix into the library. If that cannot be done, it is composed all the same."""
        mix = replace(version, files=tuple(files)).file(FileKind.MIX)
        if self._publisher is None or mix is None:
            return
        tags = tags_of(
            version.brief, version.brief.title, bpm=made.bpm, key=made.key, at=self._clock()
        )
        source = self._folders.path(mix)
        try:
            path = await asyncio.to_thread(self._publisher.publish, source, version.format, tags)
        except OSError as error:
            problem = f"not put into the library: {in_words(error)}; see compose.library"
            log.warning("%s: %s", version.brief.title, problem)
            context.log(problem)
            return
        await self._compositions.set_library_path(version, str(path))
        if self.on_published is not None:
            await self.on_published(frozenset({str(path)}))

    async def _keep(
        self, saving: Awaitable[bool], place: tuple[CompositionId, int], part: str = ""
    ) -> None:
        """Have rows tell of files that are in place; what no row tells of goes."""
        try:
            is_kept = await saving
        except HarmonieError:
            await asyncio.to_thread(self._folders.remove, *place, part)
            raise
        if not is_kept:
            await asyncio.to_thread(self._folders.remove, *place)
            raise CompositionNotFoundError("the composition was deleted while it was made")

    async def _version(self, arguments: Commission) -> CompositionVersion:
        found = await self._compositions.version(arguments.composition_id, arguments.version)
        if found is None:
            raise CompositionNotFoundError("the composition was deleted before it was made")
        return found


def _tell(context: TaskContext[ArgumentsT, Making], share: Stretch) -> Tell:
    async def tell(stage: str, fraction: float) -> None:
        await context.progress(share.at(MADE_SHARE * fraction), Making(stage))

    return tell


def _result(arguments: Commission) -> Mapping[str, Any]:
    return {"composition_id": arguments.composition_id, "version": arguments.version}
