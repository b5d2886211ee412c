"""One scan: from the folders as they are to a store that agrees with them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, assert_never

from harmonie_daemon.domain.task import ScanPhase, ScanStatus
from harmonie_daemon.domain.track import AudioFile, TrackId, display_path
from harmonie_daemon.library.identity import fingerprint, match_moves
from harmonie_daemon.library.scanner import (
    Classification,
    Walk,
    classify,
    known_paths,
    retired,
    walk,
)
from harmonie_daemon.scanning.assignment import Assignment, Outcome
from harmonie_daemon.scanning.ear import Ear
from harmonie_daemon.scanning.models import Models
from harmonie_daemon.scanning.pace import Pace
from harmonie_daemon.scanning.plan import Move, plan
from harmonie_daemon.scanning.report import duration_words
from harmonie_daemon.scanning.request import ScanRequest
from harmonie_daemon.scanning.rest import Rest
from harmonie_daemon.scanning.stopping import stoppable
from harmonie_daemon.scanning.unreadable import with_unreadable
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.tasks.context import TaskContext
from harmonie_daemon.tasks.kind import NoProgress

log = logging.getLogger(__name__)

ScanContext = TaskContext[ScanRequest, NoProgress]
RECENT_FAILURES = 20
FAIR_SHARE_S = 30.0
FAIR_SHARE = 10.0
"""A scan makes way for another after so many seconds of hearing, or so many times what looking
took: whoever changes files all day must not keep us from hearing any."""


@dataclass(frozen=True, slots=True)
class ScanTools:
    """What every scan works with."""

    roots: tuple[str, ...]
    exclude: tuple[str, ...]
    concurrency: int
    tracks: Tracks
    ear: Ear
    models: Models
    rest: Rest
    forget_after_s: float
    """How long files are kept whose folder is no library any more."""
    clock: Callable[[], float]


class ScanRun:
    """One scan on its way; ``status`` tells how far it is."""

    def __init__(
        self,
        tools: ScanTools,
        request: ScanRequest,
        status: ScanStatus,
        others_wait: Callable[[], bool] = lambda: False,
        before: ScanRun | None = None,
    ) -> None:
        """``others_wait``: whether another scan is waiting for the end of this one.

        ``before``: the scan that made way and is gone on with here; ``status`` is its own.
        """
        self._tools = tools
        self.request = request
        self._others_wait = others_wait
        self._started_at = self._begun_extracting = tools.clock()
        self._unreadable: set[AudioFile] = set() if before is None else before._unreadable
        self.status = status
        self.pace = Pace(tools.clock)
        self.growing: set[str] = set()
        """Files that were still being written; they want another look."""
        self.is_unfinished = False
        """It made way for another scan before everything was heard."""
        self.owes_model = False
        """A model that was wanted could not be asked about some track."""

    async def __call__(self, context: ScanContext) -> Mapping[str, Any]:
        """Do it all; raises what the store raises. Cancelled, it leaves what is done so far."""
        await self._tools.models.look(forgive=self.request.force)
        await self._tools.models.take_over()
        await self._tools.tracks.renew_moods()
        found = await self._enumerate()
        classified = await self._classify(found)
        moves = await self._follow_moves(classified)
        await self._prune(classified, moves)
        await self._hear_all(await self._to_do(classified, moves), context)
        if not self.is_unfinished:
            whole = self.request.only is None and not self.owes_model
            await self._tools.models.settle(everything_heard=whole)
        return {"discovered": self.status.discovered, "full": self.status.full}

    def remaining_s(self) -> float | None:
        """How long the rest will take at the present pace."""
        if self.status.phase is not ScanPhase.EXTRACTING:
            return None
        return self.pace.left_s(self.status.to_do - self.status.done)

    async def _enumerate(self) -> Walk:
        self._set(phase=ScanPhase.ENUMERATING)
        only = self.request.only
        found = await stoppable(
            lambda stopped: walk(
                self._tools.roots,
                exclude=self._tools.exclude,
                only=None if only is None else sorted(only),
                stopped=stopped,
            )
        )
        missing = tuple(display_path(root) for root in found.missing_roots)
        whole = self.request.only is None
        self._set(discovered=len(found.files), missing_roots=missing, whole=whole)
        whole = self.request.only is None
        self.status = with_unreadable(self.status, found, whole=whole)
        return found

    async def _classify(self, found: Walk) -> Classification:
        self._set(phase=ScanPhase.CLASSIFYING)
        if self.request.only is not None:
            below = await asyncio.to_thread(known_paths, found)
            known = await self._tools.tracks.known_files(below)
            return await asyncio.to_thread(classify, found, known)
        returned = await self._tools.tracks.show_below(self._tools.roots)
        self._set(returned=self.status.returned + returned)
        known = await self._tools.tracks.known_files()
        classified = await asyncio.to_thread(classify, found, known)
        gone = await asyncio.to_thread(retired, found, known, self._tools.roots)
        return replace(classified, retired=tuple(gone))

    async def _follow_moves(self, classified: Classification) -> list[Move]:
        """Give moved files their new paths, keeping their ids; what they replace is forgotten."""
        followed = await asyncio.to_thread(_moves, classified)
        moves = [*classified.rerooted, *followed]
        replaced = await self._tools.tracks.move_many([(known.id, file) for known, file in moves])
        self._set(moved=self.status.moved + len(moves), removed=self.status.removed + replaced)
        return moves

    async def _prune(self, classified: Classification, moves: Sequence[Move]) -> None:
        """Forget files that are gone."""
        self._set(phase=ScanPhase.PRUNING)
        moved = {known.id for known, _ in moves}
        gone = [known for known in classified.missing if known.id not in moved]
        removed = await self._tools.tracks.remove([known.id for known in gone])
        self._forget_failures({known.file for known in gone})
        self._set(removed=self.status.removed + removed)
        await self._retire([one.id for one in classified.retired if one.id not in moved])

    async def _retire(self, ids: Sequence[TrackId]) -> None:
        """Hide files of folders that are no library any more; forget them when it is time."""
        tools = self._tools
        hidden = await tools.tracks.hide(ids) if ids else 0
        if hidden:
            kept = duration_words(tools.forget_after_s)
            log.info("%d files are in no library any more; they are kept for %s", hidden, kept)
        self._set(hidden=self.status.hidden + hidden)
        if ids:  # never on account of a root that is missing
            forgotten = await tools.tracks.forget_hidden(tools.clock() - tools.forget_after_s)
            self._set(removed=self.status.removed + forgotten)

    async def _to_do(
        self, classified: Classification, moves: Sequence[Move]
    ) -> Sequence[Assignment]:
        wanted, force = self._tools.models.wanted, self.request.force
        leave = frozenset(self._unreadable)
        planned = await asyncio.to_thread(plan, classified, moves, wanted, force=force, leave=leave)
        heard_before = self.status.done - len(self._unreadable)
        self._set(skipped=max(0, planned.current - heard_before))
        return planned.works

    async def _hear_all(self, works: Sequence[Assignment], context: ScanContext) -> None:
        self._set(
            phase=ScanPhase.EXTRACTING,
            to_do=self.status.done + sum(not work.tags for work in works),
            to_embed=self.status.embeddings_only + sum(bool(work.models) for work in works),
        )
        self.pace.start()
        self._begun_extracting = self._tools.clock()
        queue = iter(works)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._tools.concurrency):
                    group.create_task(self._consume(queue, context))
        except ExceptionGroup as errors:  # not except*: Python 3.11.2 wraps what is raised in it
            raise errors.exceptions[0] from None
        self.is_unfinished = next(queue, None) is not None

    async def _consume(
        self, queue: Iterator[Assignment], context: TaskContext[ScanRequest, NoProgress]
    ) -> None:
        while not self._makes_way():
            if await self._tools.rest.over():
                self.pace.start()
                continue
            work = next(queue, None)
            if work is None:
                return
            self._count(work, await self._tools.ear.hear(work))
            if work.tags:
                continue
            self.pace.finished()
            done = self.status.done / max(1, self.status.to_do)
            await context.progress(done)

    def _makes_way(self) -> bool:
        """Whether to end early because another scan waits, after a fair share of hearing.

        A forced scan cannot: it would begin from the start again.
        """
        if self.request.force or not self._others_wait():
            return False
        now, started_at = self._tools.clock(), self._started_at
        looking_s = self._begun_extracting - started_at
        return now - self._begun_extracting >= max(FAIR_SHARE_S, FAIR_SHARE * looking_s)

    def _count(self, work: Assignment, outcome: Outcome) -> None:
        if work.tags:
            self._count_tags(work, outcome)
            return
        self.owes_model |= outcome.owes_model
        self._forget_failures({work.file})
        match outcome.kind:
            case "full":
                self._set(full=self.status.full + 1)
            case "descriptors":
                self._set(descriptors_only=self.status.descriptors_only + 1)
            case "embeddings":
                self._set(embeddings_only=self.status.embeddings_only + 1)
            case "failed" | "unreadable":
                self._count_failure(work.file, outcome)
            case "growing":
                self.growing.add(work.file.path)
                self._set(to_do=self.status.to_do - 1)
            case "vanished" | "set_aside" | "tags":
                self._set(to_do=self.status.to_do - 1)
            case other:
                assert_never(other)

    def _count_tags(self, work: Assignment, outcome: Outcome) -> None:
        """Tags that could not be read just now are read with the next scan."""
        if outcome.kind == "tags":
            self._set(tags_read=self.status.tags_read + 1)
        elif outcome.kind == "growing":
            self.growing.add(work.file.path)

    def _count_failure(self, file: AudioFile, outcome: Outcome) -> None:
        if outcome.kind == "unreadable":
            self._unreadable.add(file)
        failure = (display_path(file.path), outcome.reason)
        recent = (*self.status.recent_failures, failure)[-RECENT_FAILURES:]
        self._set(failed=self.status.failed + 1, recent_failures=recent)

    def _forget_failures(self, files: Set[AudioFile]) -> None:
        """What an earlier scan said of these files holds no more."""
        if self.status.recent_failures and files:
            paths = {display_path(file.path) for file in files}
            recent = (one for one in self.status.recent_failures if one[0] not in paths)
            self._set(recent_failures=tuple(recent))

    def _set(self, **changes: Any) -> None:
        self.status = replace(self.status, **changes)


def _moves(classified: Classification) -> list[Move]:
    """Which files are where others were expected, or none; reads the disk.

    Copies in a folder that is no library any more do not make a file of the library ambiguous.
    """
    found = [*classified.new, *(file for _, file in classified.changed)]
    lost = [*classified.missing, *(known for known, _ in classified.changed)]
    moves = match_moves(found, lost, _fingerprint)
    taken = {file.path for _, file in moves}
    left = [file for file in found if file.path not in taken]
    return [*moves, *match_moves(left, classified.retired, _fingerprint)]


def _fingerprint(file: AudioFile) -> bytes | None:
    return fingerprint(file.path, file.size)
