"""One scan: from the folders as they are to a store that agrees with them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from harmonie_daemon.analysis.descriptors import DESCRIPTOR_VERSION
from harmonie_daemon.domain.task import ScanPhase, ScanStatus
from harmonie_daemon.domain.track import AudioFile, display_path
from harmonie_daemon.library.identity import fingerprint, match_moves
from harmonie_daemon.library.roots import lies_in
from harmonie_daemon.library.scanner import Classification, KnownFile, Walk, classify, walk
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.tasks.extraction import Extractor, Outcome
from harmonie_daemon.tasks.runner import TaskContext

log = logging.getLogger(__name__)

T = TypeVar("T")
Move = tuple[KnownFile, AudioFile]
RECENT_FAILURES = 20


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to scan: everything, or only some paths (absolute)."""

    force: bool = False
    only: frozenset[str] | None = None

    def merged(self, other: ScanRequest | None) -> ScanRequest:
        """One request that covers both."""
        if other is None:
            return self
        both = None if self.only is None or other.only is None else self.only | other.only
        return ScanRequest(self.force or other.force, both)


@dataclass(frozen=True, slots=True)
class ScanTools:
    """What every scan works with."""

    roots: tuple[str, ...]
    exclude: tuple[str, ...]
    models: tuple[str, ...]
    concurrency: int
    tracks: Tracks
    extractor: Extractor
    clock: Callable[[], float]


class ScanRun:
    """One scan on its way; ``status`` tells how far it is."""

    def __init__(
        self, tools: ScanTools, request: ScanRequest, status: ScanStatus, go: asyncio.Event
    ) -> None:
        self._tools = tools
        self._request = request
        self._go = go
        self.status = status
        self.growing: set[str] = set()
        """Files that were still being written; they want another look."""

    async def __call__(self, context: TaskContext) -> Mapping[str, Any]:
        """Do it all; raises what the store raises. Cancelled, it leaves what is done so far."""
        found = await self._enumerate()
        classified = await self._classify(found)
        moves = await self._follow_moves(classified)
        await self._prune(classified, moves)
        await self._extract(self._to_do(classified, moves), context)
        return {"discovered": self.status.discovered, "full": self.status.full}

    async def _enumerate(self) -> Walk:
        self._set(phase=ScanPhase.ENUMERATING)
        only = self._request.only
        found = await _stoppable(
            lambda stopped: walk(
                self._tools.roots,
                exclude=self._tools.exclude,
                only=None if only is None else sorted(only),
                stopped=stopped,
            )
        )
        missing = tuple(display_path(root) for root in found.missing_roots)
        self._set(discovered=len(found.files), missing_roots=missing)
        for root in missing:
            log.warning("%s cannot be read; its tracks are kept", root)
        return found

    async def _classify(self, found: Walk) -> Classification:
        self._set(phase=ScanPhase.CLASSIFYING)
        known = await self._tools.tracks.known_files()
        classified = await asyncio.to_thread(classify, found, known)
        retired = self._of_retired_roots(found, known)
        return replace(classified, missing=(*classified.missing, *retired))

    def _of_retired_roots(self, found: Walk, known: Sequence[KnownFile]) -> list[KnownFile]:
        """Files below folders that are no library any more: moved along, or to be forgotten.

        Only a full scan that finds every configured root says so: a misspelled root must not
        cost the analysis of the right one.
        """
        if self._request.only is not None or found.missing_roots or not found.files:
            return []
        present = {file.path for file in found.files}
        return [
            one
            for one in known
            if one.file.path not in present
            and not any(lies_in(one.file.path, root) for root in self._tools.roots)
        ]

    async def _follow_moves(self, classified: Classification) -> list[Move]:
        """Give moved files their new paths, keeping their ids."""
        moves = list(classified.rerooted)
        if classified.new and classified.missing:
            moves += await asyncio.to_thread(
                match_moves,
                classified.new,
                classified.missing,
                lambda file: fingerprint(file.path, file.size),
            )
        for known, file in moves:
            await self._tools.tracks.move(known.id, file)
        self._set(moved=len(moves))
        return moves

    async def _prune(self, classified: Classification, moves: Sequence[Move]) -> None:
        """Forget files that are gone."""
        self._set(phase=ScanPhase.PRUNING)
        moved = {known.id for known, _ in moves}
        gone = [known.id for known in classified.missing if known.id not in moved]
        self._set(removed=await self._tools.tracks.remove(gone))

    def _to_do(self, classified: Classification, moves: Sequence[Move]) -> list[AudioFile]:
        """The files to analyse, newest first."""
        elsewhere = {known.id: file for known, file in moves}
        present = [
            replace(known, file=elsewhere.get(known.id, known.file))
            for known in (
                *classified.unchanged,
                *(k for k in classified.missing if k.id in elsewhere),
            )
        ]
        moved_paths = {file.path for file in elsewhere.values()}
        again = [known.file for known in present if self._request.force or self._is_stale(known)]
        self._set(skipped=len(present) - len(again))
        new = [file for file in classified.new if file.path not in moved_paths]
        changed = [file for _, file in classified.changed]
        return sorted([*new, *changed, *again], key=lambda file: (-file.mtime_ns, file.path))

    def _is_stale(self, known: KnownFile) -> bool:
        """Whether a newer pipeline would hear more in a file that could be decoded."""
        return known.failure is None and (
            known.descriptor_version != DESCRIPTOR_VERSION
            or not frozenset(self._tools.models) <= known.models
        )

    async def _extract(self, files: Sequence[AudioFile], context: TaskContext) -> None:
        self._set(phase=ScanPhase.EXTRACTING, to_do=len(files))
        queue = iter(files)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._tools.concurrency):
                    group.create_task(self._consume(queue, context))
        except* Exception as errors:  # noqa: BLE001 - the first of them goes on up
            raise errors.exceptions[0] from None

    async def _consume(self, queue: Iterator[AudioFile], context: TaskContext) -> None:
        for file in queue:
            await self._go.wait()
            self._count(file, await self._tools.extractor.extract(file))
            done = self.status.full + self.status.failed
            await context.progress(done / max(1, self.status.to_do), self._tools.clock())

    def _count(self, file: AudioFile, outcome: Outcome) -> None:
        match outcome.kind:
            case "analysed":
                self._set(full=self.status.full + 1)
            case "failed" | "unreadable":
                failure = (display_path(file.path), outcome.reason)
                recent = (*self.status.recent_failures, failure)[-RECENT_FAILURES:]
                self._set(failed=self.status.failed + 1, recent_failures=recent)
            case "growing":
                self.growing.add(file.path)
            case "vanished":
                pass

    def _set(self, **changes: Any) -> None:
        self.status = replace(self.status, **changes)


async def _stoppable(work: Callable[[Callable[[], bool]], T]) -> T:
    """Run ``work(stopped)`` in a thread; when the caller is cancelled, ``stopped()`` turns true."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(work, stop.is_set)
    finally:
        stop.set()
