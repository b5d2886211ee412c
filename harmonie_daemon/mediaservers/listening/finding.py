"""What is known of an item that somebody plays, and who can say which of our tracks it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harmonie_daemon.domain.track import TrackId


@dataclass(frozen=True, slots=True)
class HeardItem:
    """An item as a server names it; ``None`` for what it does not say."""

    id: str
    """The server's."""
    path: str | None = None
    artist: str | None = None
    album: str | None = None
    title: str | None = None
    duration_s: float | None = None


Find = Callable[[HeardItem], Awaitable[TrackId | None]]
"""Our track that the item is, if it is one."""
