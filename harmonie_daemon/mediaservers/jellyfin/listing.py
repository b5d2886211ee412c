"""What a Jellyfin server shows of playlists, asked as the recovery asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from harmonie_daemon.mediaservers.errors import LoginNeededError, MissingError, RefusedError
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.credentials import JellyfinOperation
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.marks import TagMarks
from harmonie_daemon.mediaservers.jellyfin.visit import Visit
from harmonie_daemon.mediaservers.jellyfin.wire import RemoteItem, instant
from harmonie_daemon.mediaservers.place import Seen, has_contents
from harmonie_daemon.mediaservers.recovery import Listed
from harmonie_daemon.store.records import RemotePlaylist

TARGET = "jellyfin"


class JellyfinListing:
    """One server, asked with the best credential for each question; see ``recovery.Listing``."""

    target = TARGET
    title = "Jellyfin"

    def __init__(self, keyring: Keyring, visit: Visit, marks: TagMarks) -> None:
        self._keyring = keyring
        self._marks = marks
        self.visit = visit
        """Who we are there."""
        self.shown: Mapping[str, RemoteItem] = {}
        """What the last look saw of our playlists, by id."""

    async def visit_again(self) -> None:
        """Find out anew who we are there. Raises when that is nobody."""
        names = self.visit.names
        self.visit = replace(await self._keyring.visit(tell=False), names=names)

    def reader(self, owner: str) -> JellyfinClient:
        """Who may read the playlists of this user."""
        return self.visit.client_for(JellyfinOperation.READ_ENTRIES, owner)

    async def look(self, rows: Collection[RemotePlaylist]) -> Seen:
        """Which of our playlists the server shows, and which of them have lost their tracks."""
        found: dict[str, RemoteItem] = {}
        for owner in sorted({row.user for row in rows}):
            ids = [row.remote_id for row in rows if row.user == owner and row.remote_id]
            try:
                items = await self.reader(owner).items(ids, owner, fields=("ChildCount", "Tags"))
            except (MissingError, LoginNeededError):
                continue
            found |= {item.id: item for item in items.values() if item.is_playlist}
        self.shown = found
        emptied = [
            row.remote_id
            for row in rows
            if row.remote_id in found and await self._is_emptied(row, found[row.remote_id])
        ]
        return Seen(frozenset(found), frozenset(emptied))

    async def is_there(self, row: RemotePlaylist) -> bool:
        """Whether there is a playlist of this id for its owner, by its own address."""
        if not row.remote_id:
            return False
        item = await self.reader(row.user).item(row.remote_id, row.user)
        return item is not None and item.is_playlist

    async def playlists(self, user: str) -> Sequence[Listed]:
        """Every playlist that the user is shown."""
        items = await self.reader(user).playlists(user)
        return [
            Listed(
                item.id,
                item.name,
                self._marks.key(item.tags),
                self.visit.by_our_clock(instant(item.created_at)),
            )
            for item in items
            if item.is_playlist
        ]

    async def contents(self, playlist_id: str, user: str) -> Sequence[str]:
        """The ids of its tracks, in order."""
        return await self.reader(user).entries(playlist_id, user)

    async def visible(self, ids: Sequence[str], user: str) -> Collection[str]:
        """Which of these tracks the user is shown."""
        return await self.reader(user).items(ids, user)

    async def has_user(self, user: str) -> bool:
        """Whether there still is such a user; true when in doubt."""
        users = await self.visit.client_for(JellyfinOperation.USERS).users()
        return not users or any(one.id == user for one in users)

    async def shows_music(self) -> bool:
        """Whether there is any track."""
        client, me = self.visit.lister
        return await client.shows_music(me)

    async def _is_emptied(self, row: RemotePlaylist, item: RemoteItem) -> bool:
        """Whether a playlist that had tracks has none: its tracks went, and may be back."""
        if item.child_count or has_contents(row, ()):
            return False
        try:
            return not await self.reader(row.user).entries(item.id, row.user)
        except (MissingError, RefusedError):
            return False
