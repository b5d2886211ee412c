"""What the ``limits`` library counts in: moving windows in memory, and not more than so much of it.

Its own storage in memory has no bound, a thread that tidies up, and a clock of its own.
"""

from __future__ import annotations

import bisect
from array import array
from collections import OrderedDict
from collections.abc import Callable

from limits.storage import MovingWindowSupport, Storage

MOST_WINDOWS = 20_000
MOST_HITS = 1_000_000
"""In all windows together, of eight bytes each."""


class Windows(Storage, MovingWindowSupport):
    """The times of what was let through, for each window of each client.

    When there are too many, those go that nobody asked about for the longest time. Their clients
    may do for once what they may do anyway an hour later; who asks without a pause stays known.
    For the event loop alone: nothing is locked.
    """

    STORAGE_SCHEME = None

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        most_windows: int = MOST_WINDOWS,
        most_hits: int = MOST_HITS,
    ) -> None:
        """``clock`` gives Unix time."""
        super().__init__()
        self._clock = clock
        self._most_windows = most_windows
        self._most_hits = most_hits
        self._windows: OrderedDict[str, array[float]] = OrderedDict()
        self._hits = 0

    def __len__(self) -> int:
        return len(self._windows)

    @property
    def hits(self) -> int:
        """How many times are kept."""
        return self._hits

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Whether so many more fit into the window; if so, they are in it now."""
        _, count = self.get_moving_window(key, limit, expiry)
        if count + amount > limit:
            return False
        window = self._windows.setdefault(key, array("d"))
        window.extend([self._clock()] * amount)
        self._hits += amount
        while len(self._windows) > self._most_windows or self._hits > self._most_hits:
            _, oldest = self._windows.popitem(last=False)
            self._hits -= len(oldest)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Where the window begins, and how many are in it."""
        now = self._clock()
        window = self._windows.get(key)
        if window is None:
            return now, 0
        self._windows.move_to_end(key)
        # a clock that was set back must not keep anybody out until it is as late again
        ahead = bisect.bisect_right(window, now)
        window[ahead:] = array("d", [now]) * (len(window) - ahead)
        gone = bisect.bisect_right(window, now - expiry)
        del window[:gone]
        self._hits -= gone
        return (window[0], len(window)) if window else (now, 0)

    def clear(self, key: str) -> None:
        """Forget one window."""
        self._hits -= len(self._windows.pop(key, ()))

    def reset(self) -> int:
        """Forget every window."""
        count = len(self._windows)
        self._windows.clear()
        self._hits = 0
        return count

    def check(self) -> bool:
        """Memory is always there."""
        return True

    @property
    def base_exceptions(self) -> type[Exception]:
        """What could go wrong, if anything could."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Fixed windows, which are not counted here."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Of a fixed window."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Of a fixed window."""
        raise NotImplementedError
