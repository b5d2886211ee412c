"""What request handlers work with: put in place when the daemon is ready, absent while it starts.

Each family has one small frozen object of its own; handlers name its class, and get that object.
"""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web

from harmonie_daemon.domain.errors import NotReadyError

DepsT = TypeVar("DepsT")


class Provided:
    """One object of each class. An application is frozen once it listens, this is not."""

    def __init__(self) -> None:
        self._by_class: dict[type, object] = {}

    def put(self, *things: object) -> None:
        """Put ``things`` in place."""
        self._by_class.update((type(thing), thing) for thing in things)

    def withdraw(self) -> None:
        """Take everything away, before it is closed."""
        self._by_class.clear()

    def get(self, kind: type[DepsT]) -> DepsT:
        """The object of this very class. Raises ``NotReadyError`` while there is none."""
        found = self._by_class.get(kind)
        if not isinstance(found, kind):
            raise NotReadyError("the daemon is still starting; try again in a moment")
        return found


PROVIDED: web.AppKey[Provided] = web.AppKey("provided", Provided)
