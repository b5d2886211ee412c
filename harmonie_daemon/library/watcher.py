"""Noticing changes below the library roots as they happen."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import NamedTuple

from watchdog import events
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from harmonie_daemon.library.mounts import read_mountinfo
from harmonie_daemon.library.pending import Pending
from harmonie_daemon.library.root_watches import RootWatches
from harmonie_daemon.library.roots import absolute, below, innermost
from harmonie_daemon.library.selection import Selection, is_audio

logger = logging.getLogger(__name__)

LOOK_AT_ROOTS_S = 60.0
"""How often to see whether a root went away or came back (one stat each), and that watchdog's
threads are at work."""
LONGEST_TICK_S = 1.0


class _Note(NamedTuple):
    path: str
    folder: bool
    writing: bool = False
    created: bool = False


class Watcher:
    """Calls ``on_batch`` with the files and folders that changed, once they are at rest.

    Both sides of a rename are reported. A folder in a batch means anything below it. Hidden and
    excluded paths and files that are no audio are left out; what lies behind symbolic links goes
    unnoticed, as does everything below the roots in ``unwatched``: that is for scheduled scans.

    :param on_batch: awaited for one batch at a time; changes meanwhile go into the next one.
    :param exclude: patterns as ``Selection`` documents them.
    :param quiet_s: how long a path must be without events and growth.
    :param max_wait_s: after this long a finished change is reported whatever goes on beside it.
    :raises ConfigurationError: a pattern of ``exclude`` is malformed.
    """

    def __init__(
        self,
        roots: Sequence[str],
        on_batch: Callable[[frozenset[str]], Awaitable[None]],
        *,
        exclude: Sequence[str] = (),
        quiet_s: float = 3.0,
        max_wait_s: float = 20.0,
        look_at_roots_s: float = LOOK_AT_ROOTS_S,
        clock: Callable[[], float] = time.monotonic,
        observer_factory: Callable[[], BaseObserver] = Observer,
        read_mounts: Callable[[], str] = read_mountinfo,
    ) -> None:
        paths = list(dict.fromkeys(absolute(root) for root in roots))
        self._on_batch = on_batch
        self._selections = {root: Selection(root, exclude) for root in paths}
        self._tick_s = min(quiet_s / 3, LONGEST_TICK_S)
        self._look_at_roots_s = look_at_roots_s
        self._clock = clock
        self._looked_at_roots = clock()
        self._pending = Pending(quiet_s, max_wait_s, clock)
        self._notes: SimpleQueue[_Note] = SimpleQueue()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._watches = RootWatches(
            paths,
            self._notice,
            self._notice_loss,
            observer_factory=observer_factory,
            read_mounts=read_mounts,
        )

    @property
    def unwatched(self) -> tuple[str, ...]:
        """Roots that inotify cannot watch: remote file systems, or no watches left."""
        return self._watches.unwatched

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why each of the unwatched is not watched."""
        return self._watches.reasons

    async def start(self) -> None:
        """Begin to watch; called again, try once more the roots that could not be watched."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._watches.open)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="library watcher")

    async def stop(self) -> None:
        """Stop watching; changes that have not been handed on yet are for the next scan."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await asyncio.to_thread(self._watches.close)

    async def _run(self) -> None:
        while True:
            await self._pause()
            batch = await asyncio.to_thread(self._turn)
            if batch:
                await self._hand_on(batch)

    async def _pause(self) -> None:
        if self._pending:
            await asyncio.sleep(self._tick_s)
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._look_at_roots_s):
                    await self._wake.wait()
        self._wake.clear()

    async def _hand_on(self, batch: frozenset[str]) -> None:
        try:
            await self._on_batch(batch)
        except Exception:  # a border: the next change deserves its chance
            logger.exception("A batch of %d changed paths could not be handled", len(batch))

    def _turn(self) -> frozenset[str]:
        """Take what has been noticed, look after the roots, see what is complete; blocks."""
        new_folders = set()
        for note in self._drain():
            if note.created and note.folder:
                new_folders.add(innermost(note.path, self._selections) or note.path)
            self._record(note)
        for folder in new_folders:
            self._watches.check_limit(folder)
        if self._clock() - self._looked_at_roots >= self._look_at_roots_s:
            self._looked_at_roots = self._clock()
            for root in self._watches.refresh():
                self._pending.note_folder(root)
        return self._pending.take_complete()

    def _drain(self) -> Iterator[_Note]:
        with contextlib.suppress(Empty):
            while True:
                yield self._notes.get_nowait()

    def _record(self, note: _Note) -> None:
        root = innermost(note.path, self._selections)
        if root is None or not (note.folder or is_audio(note.path)):
            return
        if note.path == root:
            if not note.created:
                self._watches.forget(root)
        elif not self._selections[root].admits(below(note.path, root), folder=note.folder):
            return
        if note.folder:
            self._pending.note_folder(note.path)
        else:
            self._pending.note_file(note.path, writing=note.writing)

    def _notice(self, event: events.FileSystemEvent) -> None:
        """In watchdog's thread: keep it short."""
        for note in _notes(event):
            self._notes.put(note)
        self._wake_up()

    def _notice_loss(self) -> None:
        for root in self._selections:
            self._notes.put(_Note(root, folder=True, created=True))
        self._wake_up()

    def _wake_up(self) -> None:
        if self._loop is not None and not self._wake.is_set():
            with contextlib.suppress(RuntimeError):  # the loop was closed without stop()
                self._loop.call_soon_threadsafe(self._wake.set)


def _notes(event: events.FileSystemEvent) -> Iterator[_Note]:
    folder = event.is_directory
    created = event.event_type == events.EVENT_TYPE_CREATED
    yield _Note(str(event.src_path), folder, writing=created and not folder, created=created)
    if event.dest_path:
        yield _Note(str(event.dest_path), folder, created=True)
