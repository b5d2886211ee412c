"""The repository of listeners' own playlists: which they have, and what was read of them.

How many of them have a track, ``Plays.in_own_lists`` says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from harmonie_daemon.store.database import Database
from harmonie_daemon.store.listening import own_lists
from harmonie_daemon.store.listening.own_lists import UnreadList

__all__ = ["ListenerLists", "UnreadList"]


class ListenerLists:
    """Of one server. Methods may raise ``StoreError``."""

    def __init__(self, db: Database, place: str) -> None:
        """``place`` is the name the server has in our tables."""
        self._db = db
        self._place = place

    async def looked_at(self, listener: str) -> float | None:
        """When it was last asked which lists the listener has; ``None``: never."""
        return await self._db.read(
            lambda connection: own_lists.looked_at(connection, listener, self._place)
        )

    async def ids(self, listener: str) -> set[str]:
        """The lists that are known to be the listener's."""
        return await self._db.read(
            lambda connection: own_lists.ids(connection, listener, self._place)
        )

    async def show(self, listener: str, lists: Mapping[str, str], at: float) -> None:
        """These are the listener's lists, each with its mark. Raises ``TooManyListenersError``."""
        await self._db.write(
            lambda connection: own_lists.show(connection, listener, self._place, lists, at)
        )

    async def unread(self, before: float, limit: int) -> list[UnreadList]:
        """Lists to read: changed, never read, or read before that Unix time."""
        return await self._db.read(
            lambda connection: own_lists.unread(connection, self._place, before, limit)
        )

    async def note_tried(self, one: UnreadList) -> None:
        """It could not be read now; what was known of it stays."""
        await self._db.write(lambda connection: own_lists.note_tried(connection, self._place, one))

    async def save(self, one: UnreadList, items: Collection[str] | None, at: float) -> bool:
        """The list holds these items (``None``: too many); whether they are kept."""
        return await self._db.write(
            lambda connection: own_lists.save(connection, self._place, one, items, at)
        )
