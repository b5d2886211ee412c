"""Where compositions are asked for, made, kept and given up."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from harmonie_daemon.compose.formats import require_encoder
from harmonie_daemon.domain.brief import Brief
from harmonie_daemon.domain.composition import (
    AudioFormat,
    Composition,
    CompositionId,
    CompositionVersion,
    Origin,
    VersionState,
)
from harmonie_daemon.domain.errors import (
    BusyError,
    CompositionNotFoundError,
    NotReadyError,
)
from harmonie_daemon.domain.task import TaskId, TaskRecord, TaskState
from harmonie_daemon.store.compositions import Compositions
from harmonie_daemon.tasks.composing.archive import Archive
from harmonie_daemon.tasks.composing.commission import (
    MOST_TAKES,
    Commission,
    Compose,
    MakeAudio,
    MakeStems,
    Started,
    remembered,
)
from harmonie_daemon.tasks.composing.folders import CompositionFolders
from harmonie_daemon.tasks.composing.limits import require_seed, require_short, require_small
from harmonie_daemon.tasks.composing.pruning import Pruner
from harmonie_daemon.tasks.composing.workbench import Workbench
from harmonie_daemon.tasks.context import TaskHandle
from harmonie_daemon.tasks.kind import TaskKind
from harmonie_daemon.tasks.runner import Runner

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_WAITING = 50
"""Tasks that may wait in the lane; somebody who asks for more has to come back later."""


class Studio(Archive):
    """One for the daemon. Methods may raise ``StoreError``."""

    def __init__(
        self,
        *,
        compositions: Compositions,
        folders: CompositionFolders,
        workbench: Workbench,
        pruner: Pruner,
        runner: Runner,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(compositions, folders)
        self._workbench = workbench
        self._pruner = pruner
        self._runner = runner
        self._clock = clock
        self._following: set[asyncio.Task[None]] = set()
        self._in_work: dict[TaskId, Commission] = {}

    def tell_of_music(self, tell: Callable[[frozenset[str]], Awaitable[None]] | None) -> None:
        """Whom to tell of the paths of pieces that were put into the library."""
        self._workbench.on_published = tell

    async def create(
        self,
        brief: Brief,
        *,
        title: str,
        origin: Origin,
        prompt: str = "",
        texts: Mapping[str, str] | None = None,
    ) -> Composition:
        """A new composition, of which nothing is made yet. Raises ``BadRequestError``."""
        require_short(title, prompt, texts or {})
        made = Composition(
            CompositionId(str(uuid.uuid4())),
            title,
            self._clock(),
            replace(brief, title=title),
            prompt,
            origin,
            texts=texts or {},
        )
        await self._compositions.add(made)
        return made

    async def start(
        self,
        composition_id: CompositionId,
        *,
        brief: Brief | None = None,
        title: str | None = None,
        prompt: str | None = None,
        seed: int | None = None,
        format: AudioFormat = AudioFormat.MP3,
        with_stems: bool = False,
        takes: int = MOST_TAKES,
    ) -> Started:
        """Begin a new version; what is given replaces what the composition has.

        Without a ``seed`` it follows from the composition and the version's number. With stems the
        task goes on until they are made. Raises ``CompositionNotFoundError``, ``BadRequestError``,
        ``BusyError``, ``NotReadyError``.
        """
        known = await self.get(composition_id)
        title = known.title if title is None else title
        prompt = known.prompt if prompt is None else prompt
        require_short(title, prompt, {})
        require_seed(seed)
        require_encoder(format)
        changed = replace(
            known, title=title, prompt=prompt, brief=replace(brief or known.brief, title=title)
        )
        self._require_room()
        wish = Compose(composition_id, 0, with_stems, takes)
        return await _to_its_end(self._start(changed, wish, seed, format))

    async def start_stems(
        self, composition_id: CompositionId, number: int | None = None
    ) -> Started:
        """Make every instrument of a version audible by itself; nothing is made twice.

        Raises ``CompositionNotFoundError``, ``BadRequestError`` (not composed), ``BusyError``,
        ``NotReadyError``.
        """
        version = await self.composed(composition_id, number)
        return await _to_its_end(self._start_stems(version))

    async def start_audio(
        self, composition_id: CompositionId, format: AudioFormat, number: int | None = None
    ) -> Started:
        """Let the MIDI file of a version sound in this format; nothing is made twice.

        Its mix has the format then. Raises as ``start_stems``.
        """
        require_encoder(format)
        version = await self.composed(composition_id, number)
        wish = MakeAudio(composition_id, version.number, format)
        task_id = self._submit(self._workbench.audio, wish)
        return Started(task_id, version.number, version.seed)

    async def keep_midi(self, composition: Composition, midi: bytes) -> CompositionVersion:
        """A new version of which there is this MIDI file and nothing else yet.

        Raises ``CompositionNotFoundError``, ``BadRequestError`` (too large), ``OSError``.
        """
        require_small(midi)
        return await _to_its_end(self._keep_midi(composition, midi))

    async def task(self, task_id: TaskId) -> tuple[TaskRecord, CompositionVersion] | None:
        """How a task stands and the version it works on; ``None`` if neither is known here.

        Of a task that is so old that it was forgotten the version knows the end.
        """
        record = await self._runner.get(task_id)  # first: one that has ended has all its files
        version = await self._compositions.of_task(task_id)
        if version is None:
            return None
        return (record or remembered(task_id, version)), version

    async def ended(self, started: Started) -> TaskRecord:
        """How a task ended that was started here, once it has."""
        record = await self._runner.wait(started.task_id)
        if record is None:
            raise CompositionNotFoundError("this task has been forgotten")
        return record

    async def delete(self, composition_id: CompositionId) -> None:
        """Give up a composition with all that was made of it; what makes it is cancelled.

        What was put into the music library stays there. Raises ``CompositionNotFoundError``.
        """
        await self.get(composition_id)
        for task_id in self._cancel(composition_id, None):
            await self._runner.wait(task_id)
        await asyncio.to_thread(self._folders.remove_all, composition_id)
        await self._compositions.delete(composition_id)

    def cancel(self, composition_id: CompositionId, number: int) -> bool:
        """Stop whatever makes something of a version; whether there was anything."""
        return bool(self._cancel(composition_id, number))

    async def prune(self) -> None:
        """Remove what is too old or too much; what goes wrong is in the log."""
        in_work = {(one.composition_id, one.version) for one in self._in_work.values()}
        await self._pruner.prune(in_work)

    async def close(self) -> None:
        """Wait until what has ended is known to have ended."""
        await asyncio.gather(*self._following)

    async def _start(
        self, composition: Composition, wish: Compose, seed: int | None, format: AudioFormat
    ) -> Started:
        """``wish``: its version is not known yet."""
        version = await self._compositions.begin_version(
            composition, seed=seed, format=format, at=self._clock()
        )
        if version is None:
            raise CompositionNotFoundError(f"there is no composition {composition.id} any more")
        try:
            numbered = replace(wish, version=version.number)
            task_id = self._submit(self._workbench.compose, numbered)
        except (BusyError, NotReadyError) as error:
            await self._settle(composition.id, version.number, VersionState.FAILED, str(error))
            raise
        await self._compositions.set_task(version, task_id)
        return Started(task_id, version.number, version.seed)

    async def _start_stems(self, version: CompositionVersion) -> Started:
        wish = MakeStems(version.composition_id, version.number)
        for task_id, commission in self._in_work.items():
            if commission == wish:
                return Started(task_id, version.number, version.seed)
        if version.has_stems and version.stems_task_id is not None:
            return Started(version.stems_task_id, version.number, version.seed)
        task_id = self._submit(self._workbench.stems, wish)
        await self._compositions.set_stems_task(version, task_id)
        return Started(task_id, version.number, version.seed)

    async def _keep_midi(self, composition: Composition, midi: bytes) -> CompositionVersion:
        version = await self._compositions.begin_version(
            composition, seed=None, format=AudioFormat.WAV, at=self._clock()
        )
        if version is None:
            raise CompositionNotFoundError(f"there is no composition {composition.id} any more")
        place = (version.composition_id, version.number)
        try:
            files = await asyncio.to_thread(self._folders.put_midi, midi, *place)
        except OSError as error:
            await self._settle(*place, VersionState.FAILED, error.strerror)
            raise
        await self._compositions.complete(
            version, takes=(), files=files, loudness_lufs=None, at=self._clock()
        )
        kept = await self.composed(*place)
        await self.prune()
        return kept

    def _require_room(self) -> None:
        if len(self._in_work) >= MOST_WAITING:
            raise BusyError(f"{MOST_WAITING} compositions wait already; come back later")

    def _submit(self, kind: TaskKind[Any, Any], commission: Commission) -> TaskId:
        self._require_room()  # once more: others were let in while a version was begun
        handle = self._runner.submit(kind, commission)
        self._in_work[handle.id] = commission
        following = asyncio.create_task(
            self._follow(handle, commission), name=f"follow {kind.name}"
        )
        self._following.add(following)
        following.add_done_callback(self._following.discard)
        return handle.id

    async def _follow(self, handle: TaskHandle, commission: Commission) -> None:
        """Whatever way a task ends, its version is not left unended."""
        record = await handle.wait()
        self._in_work.pop(handle.id, None)
        if record.state is TaskState.SUCCESS:
            await self.prune()
        elif isinstance(commission, Compose):
            revoked = record.state is TaskState.REVOKED
            state = VersionState.CANCELLED if revoked else VersionState.FAILED
            await self._settle(commission.composition_id, commission.version, state, record.error)

    async def _settle(
        self, composition_id: CompositionId, number: int, state: VersionState, error: str | None
    ) -> None:
        try:
            await self._compositions.set_state(
                composition_id, number, state, error=error, at=self._clock()
            )
        except Exception as failure:  # noqa: BLE001 - the border of a task
            log.error("the end of a composition could not be recorded: %s", failure)

    def _cancel(self, composition_id: CompositionId, number: int | None) -> list[TaskId]:
        """Stop what is made of a version, or of all; returns the tasks that were stopped."""
        tasks = [
            task_id
            for task_id, one in self._in_work.items()
            if one.composition_id == composition_id and number in (None, one.version)
        ]
        return [task_id for task_id in tasks if self._runner.cancel(task_id)]


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Whoever asked may leave; what was begun is done whole."""
    return await asyncio.shield(asyncio.ensure_future(work))
