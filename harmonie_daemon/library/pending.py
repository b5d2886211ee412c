"""Changes on disk that are waiting until they are complete, so that each is handed on once."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from harmonie_daemon.library.roots import ancestry
from harmonie_daemon.library.selection import is_audio, is_hidden

MOST_FILES = 20_000
"""Files that are followed one by one; past it their folders are remembered instead."""
MOST_FILES_PER_FOLDER = 100
"""Changed files of one folder that are handed on singly; past it the folder is."""

_Look = tuple[int, int, int]
"""Size in bytes, mtime in ns, number of hard links."""


@dataclass(slots=True)
class _Change:
    first: float
    last: float
    writing: bool = False
    """Of a file: created and not closed since, by a copy that goes on or by no writer at all.
    Of a folder: handed on without files that are being written."""
    looked: bool = False
    look: _Look | None = None

    def touch(self, now: float) -> None:
        self.last = now
        self.looked = False


class Pending:
    """The debounce of the watcher; not thread-safe.

    A path is handed on when it has had no event and no change of size or mtime for ``quiet_s``;
    all that is complete goes together, when everything is quiet or the oldest of it has waited
    for ``max_wait_s``. A file whose writer has not closed it waits on, unless nothing has been
    written for half as long: the close may have escaped us in a folder that was new.

    :param clock: monotonic seconds.
    :param wall_clock: Unix time, to compare with modification times.
    """

    def __init__(
        self,
        quiet_s: float,
        max_wait_s: float,
        clock: Callable[[], float],
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._quiet_s = quiet_s
        self._max_wait_s = max_wait_s
        self._clock = clock
        self._wall_clock = wall_clock
        self._files: dict[str, _Change] = {}
        self._folders: dict[str, _Change] = {}
        self._last_event = clock()

    def __bool__(self) -> bool:
        return bool(self._files or self._folders)

    def note_file(self, path: str, *, writing: bool = False) -> None:
        """Something happened to a file; ``writing`` when somebody may be at it still."""
        now = self._note_in_parents(path)
        change = self._files.setdefault(path, _Change(now, now))
        change.touch(now)
        change.writing = writing
        if len(self._files) > MOST_FILES:
            self._fold_files()

    def note_folder(self, path: str) -> None:
        """A folder came, went, or may have changed anywhere below."""
        now = self._note_in_parents(path)
        if not any(parent in self._folders for parent in ancestry(path)):
            self._folders[path] = _Change(now, now)

    def take_complete(self) -> frozenset[str]:
        """Remove and return the files and folders whose changes are complete; reads the disk."""
        now = self._clock()
        self._look_at_files(now)
        files = {path for path, change in self._files.items() if self._is_complete(change, now)}
        busy = {parent for path in self._files.keys() - files for parent in ancestry(path)}
        folders = {path for path in self._folders if self._is_ripe(path, now, busy)}
        waiting = [self._files[path].first for path in files]
        waiting += [self._folders[path].first for path in folders]
        all_quiet = now - self._last_event >= self._quiet_s
        if not waiting or not (all_quiet or now - min(waiting) >= self._max_wait_s):
            return frozenset()
        return self._take(files, folders, busy)

    def _note_in_parents(self, path: str) -> float:
        now = self._last_event = self._clock()
        for parent in ancestry(path):
            if parent in self._folders:
                self._folders[parent].touch(now)
        return now

    def _fold_files(self) -> None:
        for folder in {os.path.dirname(path) for path in self._files}:  # noqa: PTH120 - str
            self.note_folder(folder)
        self._files.clear()

    def _look_at_files(self, now: float) -> None:
        for path, change in self._files.items():
            if change.looked and now - change.last < self._quiet_s:
                continue
            look = _look(path)
            if change.looked and look != change.look:
                change.last = now
            change.looked, change.look = True, look

    def _is_complete(self, change: _Change, now: float) -> bool:
        quiet_s = now - change.last
        if quiet_s < self._quiet_s:
            return False
        if not change.writing or change.look is None:
            return True
        _, mtime_ns, links = change.look
        unwritten_s = max(quiet_s, self._wall_clock() - mtime_ns / 1e9)
        return links > 1 or unwritten_s >= self._max_wait_s / 2

    def _is_ripe(self, folder: str, now: float, busy: set[str]) -> bool:
        change = self._folders[folder]
        if now - change.first >= self._max_wait_s:
            return True
        return now - change.last >= self._quiet_s and not (change.writing and folder in busy)

    def _take(self, files: set[str], folders: set[str], busy: set[str]) -> frozenset[str]:
        now = self._clock()
        taken = set(files)
        for folder in folders:
            if folder in busy:
                taken.update(_children_at_rest(folder, busy))
                self._folders[folder] = _Change(now, now, writing=True)
            else:
                taken.add(folder)
                del self._folders[folder]
        for path in files:
            del self._files[path]
        return frozenset(_folded(taken, busy))


def _look(path: str) -> _Look | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - str
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_nlink


def _children_at_rest(folder: str, busy: set[str]) -> Iterator[str]:
    """What is in a folder, but for files that are being written."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not is_hidden(entry.name)]
    except OSError:
        return
    for entry in found:
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder and entry.path in busy:
            yield from _children_at_rest(entry.path, busy)
        elif entry.path not in busy and (is_folder or is_audio(entry.name)):
            yield entry.path


def _folded(paths: set[str], busy: set[str]) -> Iterable[str]:
    """Without what lies in others, and with folders in place of their many files."""
    parents = Counter(os.path.dirname(path) for path in paths)  # noqa: PTH120 - str
    crowded = {
        parent
        for parent, count in parents.items()
        if count > MOST_FILES_PER_FOLDER and parent not in busy
    }
    whole = paths | crowded
    return (path for path in whole if not any(up in whole for up in list(ancestry(path))[1:]))
