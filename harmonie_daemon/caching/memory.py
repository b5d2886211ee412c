"""Bytes by name in memory, and not more than so many."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

LARGEST_VALUE_BYTES = 1024 * 1024
"""Of one answer; a longer one is not kept. Trends of two thousand tracks have 400,000 bytes."""
OVERHEAD_BYTES = 300
"""What an entry takes beside its value: its name, its place in the table."""


class Memory:
    """What was used last stays; each entry until its time is over."""

    def __init__(self, most_bytes: int, clock: Callable[[], float]) -> None:
        """``clock`` gives seconds that never go back."""
        self._most_bytes = most_bytes
        self._clock = clock
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, name: str) -> bytes | None:
        """The value, if it is there still."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        value, expires_at = entry
        if expires_at <= self._clock():
            self._drop(name)
            return None
        self._entries.move_to_end(name)
        return value

    def put(self, name: str, value: bytes, for_s: float) -> None:
        """Keep a value for so many seconds, unless it is too long."""
        self._drop(name)
        if len(value) > LARGEST_VALUE_BYTES:
            return
        self._entries[name] = value, self._clock() + for_s
        self.size_bytes += len(value) + OVERHEAD_BYTES
        while self.size_bytes > self._most_bytes:
            self._drop(next(iter(self._entries)))

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.size_bytes = 0

    def _drop(self, name: str) -> None:
        entry = self._entries.pop(name, None)
        if entry is not None:
            self.size_bytes -= len(entry[0]) + OVERHEAD_BYTES
