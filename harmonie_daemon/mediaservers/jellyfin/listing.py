"""What a Jellyfin server shows of playlists, asked as the recovery asks."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from harmonie_daemon.mediaservers.errors import MissingError, RefusedError
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.wire import RemoteItem
from harmonie_daemon.mediaservers.recovery import Listed
from harmonie_daemon.mediaservers.shelf import Seen, has_contents
from harmonie_daemon.store.records import RemotePlaylist

TARGET = "jellyfin"


class JellyfinListing:
    """One server, asked as ``me`` (``None``: an API key); see ``recovery.Listing``."""

    target = TARGET
    title = "Jellyfin"

    def __init__(self, client: JellyfinClient, me: str | None) -> None:
        self._client = client
        self._me = me

    async def look(self, rows: Collection[RemotePlaylist]) -> Seen:
        """Which of our playlists the server shows, and which of them have lost their tracks."""
        found: dict[str, RemoteItem] = {}
        for owner in sorted({row.user for row in rows}):
            ids = [row.remote_id for row in rows if row.user == owner and row.remote_id]
            try:
                items = await self._client.items(ids, owner)
            except MissingError:
                continue
            found |= {item.id: item for item in items.values() if item.is_playlist}
        emptied = [
            row.remote_id
            for row in rows
            if row.remote_id in found and await self._is_emptied(row, found[row.remote_id])
        ]
        return Seen(frozenset(found), frozenset(emptied))

    async def is_there(self, row: RemotePlaylist) -> bool:
        """Whether there is a playlist of this id for its owner, by its own address."""
        item = await self._client.item(row.remote_id, row.user) if row.remote_id else None
        return item is not None and item.is_playlist

    async def playlists(self, user: str) -> Sequence[Listed]:
        """Every playlist that the user is shown."""
        items = await self._client.playlists(user)
        return [Listed(item.id, item.name) for item in items if item.is_playlist]

    async def contents(self, playlist_id: str, user: str) -> Sequence[str]:
        """The ids of its tracks, in order."""
        return await self._client.entries(playlist_id, user)

    async def visible(self, ids: Sequence[str], user: str) -> Collection[str]:
        """Which of these tracks the user is shown."""
        return await self._client.items(ids, user)

    async def has_user(self, user: str) -> bool:
        """Whether there still is such a user; true when in doubt."""
        users = await self._client.users()
        return not users or any(one.id == user for one in users)

    async def shows_music(self) -> bool:
        """Whether there is any track."""
        return await self._client.shows_music(self._me)

    async def _is_emptied(self, row: RemotePlaylist, item: RemoteItem) -> bool:
        """Whether a playlist that had tracks has none: its tracks went, and may be back."""
        if item.child_count or has_contents(row, ()):
            return False
        try:
            return not await self._client.entries(item.id, row.user)
        except (MissingError, RefusedError):
            return False
