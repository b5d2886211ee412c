"""The inotify watches on the library roots: set, lost, and set again."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence

from watchdog import events
from watchdog.observers.api import BaseObserver, ObservedWatch

from harmonie_daemon.domain.track import display_path
from harmonie_daemon.library.mounts import file_system, hides_changes
from harmonie_daemon.library.roots import FolderIdentity, folder_identity, lies_in
from harmonie_daemon.library.watch_threads import WatchThreads

logger = logging.getLogger(__name__)

EVENT_TYPES: list[type[events.FileSystemEvent]] = [
    events.FileCreatedEvent,
    events.FileClosedEvent,
    events.FileMovedEvent,
    events.FileDeletedEvent,
    events.DirCreatedEvent,
    events.DirMovedEvent,
    events.DirDeletedEvent,
]
"""What changes the library. Opening and reading do not: we would wake ourselves."""
PROBE = "/"
"""A folder whose watching shows whether the limit of watches is reached."""
OVERFLOW_LOGGER = "watchdog.observers.inotify_c"
"""Where watchdog says, and only there, that the kernel dropped events."""

LONGEST_REST = 60
"""Looks (of a minute each) that pass at most between two deaths of the observer's threads and its
being opened again; it starts with none and doubles, because every root is scanned then."""

Notice = Callable[[events.FileSystemEvent], None]
"""Called in watchdog's thread; paths begin with the root as it was given."""


class RootWatches:
    """One recursive watch per root. Blocks on the disk; safe to call from any thread.

    :param notice: told of each event.
    :param dropped: told, without the paths, that events were lost.
    """

    def __init__(
        self,
        roots: Sequence[str],
        notice: Notice,
        dropped: Callable[[], None],
        *,
        observer_factory: Callable[[], BaseObserver],
        read_mounts: Callable[[], str],
    ) -> None:
        self._roots = tuple(roots)
        self._notice = notice
        self._overflow = _OverflowHandler(dropped)
        self._observer_factory = observer_factory
        self._read_mounts = read_mounts
        self._lock = threading.Lock()
        self._observer: BaseObserver | None = None
        self._threads = WatchThreads()
        self._rest = self._looks = 0
        self._watches: dict[str, ObservedWatch] = {}
        self._identities: dict[str, FolderIdentity | None] = {}
        self._unwatched: dict[str, str] = {}

    @property
    def unwatched(self) -> tuple[str, ...]:
        """Roots that inotify cannot watch, in the order of configuration."""
        return tuple(root for root in self._roots if root in self._unwatched)

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why each of the unwatched is not watched."""
        return dict(self._unwatched)

    def open(self) -> None:
        """Watch every root that is there; called again, try once more what failed."""
        with self._lock:
            for root in self._unwatched:
                self._identities.pop(root, None)
            self._unwatched.clear()
            if self._start_observer():
                self._refresh()

    def close(self) -> None:
        """Remove all watches and end watchdog's threads."""
        with self._lock:
            self._end_observer()
            self._unwatched.clear()

    def refresh(self) -> list[str]:
        """Follow roots that went away or came back; return those that want a look.

        That is all of them after a thread of the observer has died: who knows since when.
        """
        with self._lock:
            if self._observer is None:
                return []
            self._looks += 1
            if self._threads.have_died():
                return self._reopen() if self._looks > self._rest else []
            came_back = self._refresh()
            if came_back:
                logger.info("A library root is back and watched again")
            return came_back

    def check_limit(self, path: str) -> None:
        """After a folder appeared: give its roots up if there was no watch left for it."""
        with self._lock:
            if self._observer is None:
                return
            roots = [root for root in self._watches if lies_in(path, root)]
            error = self._probe_error() if roots else None
            if error is not None:
                for root in roots:
                    self._unwatch(root)
                    self._give_up(root, _reason(error))

    def forget(self, root: str) -> None:
        """The watch on a root died with its folder; the next refresh looks for a new one."""
        with self._lock:
            self._identities[root] = None

    def _start_observer(self) -> bool:
        """Whether there is one now; without, every root is given up."""
        if self._observer is not None:
            return True
        try:
            with self._threads.starting():
                observer = self._observer_factory()
                observer.start()
        except OSError as error:
            for root in self._roots:
                self._give_up(root, _reason(error))
            return False
        self._observer = observer
        logging.getLogger(OVERFLOW_LOGGER).addHandler(self._overflow)
        return True

    def _end_observer(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            logging.getLogger(OVERFLOW_LOGGER).removeHandler(self._overflow)
            self._threads.end(observer)
        self._watches.clear()
        self._identities.clear()

    def _reopen(self) -> list[str]:
        """A new observer in place of one that sees nothing any more."""
        soon = self._looks <= 2 * LONGEST_REST
        self._rest = min(LONGEST_REST, 2 * self._rest + 1) if soon else 1
        self._looks = 0
        logger.warning(
            "Changes in the library may have gone unnoticed: the watcher broke. "
            "It is opened again, and every library root is scanned."
        )
        self._end_observer()
        if self._start_observer():
            self._refresh()
        return [root for root in self._roots if root not in self._unwatched]

    def _refresh(self) -> list[str]:
        came_back = []
        for root in self._roots:
            identity = _identity(root)
            seen_before = root in self._identities
            if root in self._unwatched or (seen_before and self._identities[root] == identity):
                continue
            self._unwatch(root)
            self._identities[root] = identity
            if identity is not None:
                self._watch(root)
                came_back += [root] if seen_before else []
        return came_back

    def _watch(self, root: str) -> None:
        real_root = os.path.realpath(root)  # inotify would watch a link itself
        type_ = file_system(real_root, self._read_mounts())
        if hides_changes(type_):
            self._give_up(root, f"inotify does not see every change on {type_}")
            return
        try:
            self._watches[root] = self._schedule(root, real_root)
        except OSError as error:
            self._give_up(root, _reason(error))
            return
        if (limit := self._probe_error()) is not None:
            self._unwatch(root)
            self._give_up(root, _reason(limit))

    def _schedule(self, root: str, real_root: str) -> ObservedWatch:
        assert self._observer is not None  # noqa: S101 - for the type checker
        handler = _Handler(root, real_root, self._notice)
        with self._threads.starting():
            return self._observer.schedule(
                handler, real_root, recursive=True, event_filter=list(EVENT_TYPES)
            )

    def _probe_error(self) -> OSError | None:
        """Why no further folder can be watched.

        watchdog says nothing when it cannot watch a folder below the one it was given.
        """
        assert self._observer is not None  # noqa: S101 - for the type checker
        try:
            watch = self._observer.schedule(
                events.FileSystemEventHandler(), PROBE, event_filter=[events.DirDeletedEvent]
            )
        except OSError as error:
            return error
        self._observer.unschedule(watch)
        return None

    def _unwatch(self, root: str) -> None:
        watch = self._watches.pop(root, None)
        if watch is not None and self._observer is not None:
            with contextlib.suppress(KeyError):
                self._observer.unschedule(watch)

    def _give_up(self, root: str, reason: str) -> None:
        self._unwatched[root] = reason
        logger.warning(
            "%s is not watched: %s. The scheduled scans find what changes there.",
            display_path(root),
            reason,
        )


class _Handler(events.FileSystemEventHandler):
    """Hands events on with the paths that we use; equal only to itself."""

    def __init__(self, root: str, real_root: str, notice: Notice) -> None:
        self._root = root
        self._real_root = real_root
        self._notice = notice

    def dispatch(self, event: events.FileSystemEvent) -> None:
        source, target = self._ours(event.src_path), self._ours(event.dest_path)
        self._notice(type(event)(source, target))

    def _ours(self, path: bytes | str) -> str:
        text = os.fsdecode(path)
        return self._root + text[len(self._real_root) :] if text else ""


class _OverflowHandler(logging.Handler):
    def __init__(self, dropped: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._dropped = dropped

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage():
            self._dropped()


def _identity(root: str) -> FolderIdentity | None:
    try:
        return folder_identity(root)
    except OSError:
        return None


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "no inotify watches are left (raise fs.inotify.max_user_watches)"
    if error.errno == errno.EMFILE:
        return "no inotify instances are left (raise fs.inotify.max_user_instances)"
    return error.strerror or str(error)
