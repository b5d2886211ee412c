"""The threads of a watchdog observer: whether they are all at work, and how to end them."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

from watchdog.observers.api import BaseObserver, EventDispatcher, EventEmitter
from watchdog.utils import BaseThread

logger = logging.getLogger(__name__)

END_WITHIN_S = 2.0
"""After this long a thread that does not end is left to itself; it is a daemon thread."""


class WatchThreads:
    """What watchdog started for us; it neither says nor notices when one of them dies."""

    def __init__(self) -> None:
        self._threads: set[BaseThread] = set()

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Threads of watchdog that come while this is entered are ours."""
        before = set(threading.enumerate())
        try:
            yield
        finally:
            new = (thread for thread in threading.enumerate() if thread not in before)
            self._threads.update(thread for thread in new if isinstance(thread, BaseThread))

    def have_died(self) -> bool:
        """Whether one has ended that nobody stopped."""
        ended = {thread for thread in self._threads if not thread.is_alive()}
        died = {thread for thread in ended if not thread.stopped_event.is_set()}
        self._threads -= ended - died
        return bool(died)

    def end(self, observer: BaseObserver) -> None:
        """Stop all of them; the books they keep may be broken by now.

        The reader goes first: it lets go of the kernel's watches before it looks into its books,
        and takes out what is wrong in them, so that the others end in good order.
        """
        for thread in self._threads:
            if not isinstance(thread, EventDispatcher | EventEmitter):
                _stop(thread)
        if not _stop(observer):
            observer.event_queue.put(observer.stop_event)
        until = time.monotonic() + END_WITHIN_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._threads.clear()


def _stop(thread: BaseThread) -> bool:
    """Whether that went well."""
    try:
        thread.stop()
    except Exception as error:  # noqa: BLE001 - whatever it trips over must not stop us
        logger.debug("watchdog did not end in good order: %r", error)
        return False
    return True
