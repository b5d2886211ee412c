"""What a Subsonic server shows of playlists, asked as the recovery asks."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from harmonie_daemon.mediaservers.place import Seen, has_contents
from harmonie_daemon.mediaservers.recovery import Listed
from harmonie_daemon.mediaservers.subsonic.client import SubsonicClient
from harmonie_daemon.mediaservers.subsonic.wire import RemoteListing
from harmonie_daemon.store.records import RemotePlaylist

TARGET = "subsonic"
_WORDS = re.compile(r"harmonie:.*@[0-9a-f]{8}")


class Marks:
    """The words on a playlist by which we know it again: its comment, and its first name."""

    def __init__(self, device_id: str) -> None:
        self._installation = device_id.replace("-", "")[:8]

    def words(self, key: str) -> str:
        """What is written on the playlist of this key."""
        return f"harmonie:{key}@{self._installation}"

    @staticmethod
    def are_on(words: str) -> bool:
        """Whether any installation made the playlist with these words on it."""
        return _WORDS.fullmatch(words) is not None

    def key(self, words: str) -> str:
        """The key of the playlist with these words on it; empty where it is not ours."""
        mine, separator, installation = words.rpartition("@")
        is_ours = separator and installation == self._installation
        return mine.removeprefix("harmonie:") if is_ours and mine.startswith("harmonie:") else ""


class SubsonicListing:
    """One server, asked as ``user``; see ``recovery.Listing``."""

    target = TARGET
    title = "the Subsonic server"

    def __init__(self, client: SubsonicClient, user: str, marks: Marks) -> None:
        self._client = client
        self._user = user
        self._marks = marks

    async def look(self, rows: Collection[RemotePlaylist]) -> Seen:
        """Which of our playlists the server shows, and which of them have lost their tracks."""
        if not rows:
            return Seen()
        there = {item.id: item for item in await self._own()}
        standing = [
            row
            for row in rows
            if row.remote_id in there and self._listed(there[row.remote_id]).is_of(row)
        ]
        emptied = [
            row.remote_id
            for row in standing
            if there[row.remote_id].count == 0 and not has_contents(row, ())
        ]
        return Seen(frozenset(row.remote_id for row in standing), frozenset(emptied))

    async def is_there(self, row: RemotePlaylist) -> bool:
        """Whether there is a playlist of this id, and it is the one we mean."""
        return any(self._listed(item).is_of(row) for item in await self._own())

    async def playlists(self, user: str) -> Sequence[Listed]:
        """Every playlist of the account."""
        return [self._listed(item) for item in await self._own()]

    async def contents(self, playlist_id: str, user: str) -> Sequence[str]:
        """The ids of its tracks, in order."""
        return await self._client.entries(playlist_id)

    async def visible(self, ids: Sequence[str], user: str) -> Collection[str]:
        """All of them: an account sees what it lists."""
        return ids

    async def has_user(self, user: str) -> bool:
        """Whether these are the playlists of the account that we have now."""
        return user == self._user

    async def shows_music(self) -> bool:
        """Whether there is any track."""
        return await self._client.shows_music()

    async def _own(self) -> list[RemoteListing]:
        """Without others' public playlists; a server that names no owner shows only ours."""
        playlists = await self._client.playlists()
        mine = self._user.casefold()
        return [one for one in playlists if not one.owner or one.owner.casefold() == mine]

    def _listed(self, item: RemoteListing) -> Listed:
        """Known by its comment, and by its name until that is written."""
        key = self._marks.key(item.comment) or self._marks.key(item.name)
        return Listed(item.id, item.name, key)
