"""A Subsonic server asked about its songs; see ``lister.Lister``."""

from __future__ import annotations

from collections.abc import Sequence

from harmonie_daemon.domain.catalogue import RemoteTrack, RemoteUser
from harmonie_daemon.mediaservers.lister import LibraryMark, ListedPage
from harmonie_daemon.mediaservers.subsonic.client import PAGE_SIZE, SubsonicClient

ALBUMS = "albums/"
"""Before a position among the albums, of a server that finds nothing by a search for nothing."""
ALBUMS_AT_ONCE = 50


class SubsonicLister:
    """One server and one account. It tells of no changes, only that there were any."""

    no_music = "the Subsonic server shows no music; has it scanned its library?"
    lists_ids = False

    def __init__(self, client: SubsonicClient, server: str, user: str) -> None:
        """``server`` stands for its address: it has no id."""
        self._client = client
        self.server = server
        self.viewer = user

    async def page(self, position: str, *, ids_only: bool) -> ListedPage:
        """Some of all songs: by a search for nothing or, where that finds nothing, by album."""
        if position.startswith(ALBUMS):
            return await self._of_albums(int(position.removeprefix(ALBUMS)))
        start = int(position or 0)
        songs = await self._client.songs_page(start, PAGE_SIZE)
        if not songs and not start:
            return await self._of_albums(0)
        is_last = len(songs) < PAGE_SIZE
        return _page(songs, None if is_last else str(start + len(songs)))

    async def changed(self, since: float, position: str) -> ListedPage | None:
        """The protocol has no such question."""
        return None

    async def standing(self) -> LibraryMark:
        """What the server says of its last scan, where it does."""
        return LibraryMark(mark=await self._client.scan_mark())

    async def items_of(self, ids: Sequence[str]) -> Sequence[RemoteTrack]:
        """Not asked: see ``lists_ids``."""
        raise NotImplementedError

    async def users(self) -> Sequence[RemoteUser]:
        """The account alone."""
        return [RemoteUser(self.viewer, self.viewer)]

    async def _of_albums(self, start: int) -> ListedPage:
        albums = await self._client.albums_page(start, ALBUMS_AT_ONCE)
        songs = [song for album in albums for song in await self._client.album(album)]
        following = f"{ALBUMS}{start + len(albums)}" if albums else None
        return _page(songs, following)


def _page(songs: Sequence[RemoteTrack], following: str | None) -> ListedPage:
    return ListedPage(tuple(song.id for song in songs), tuple(songs), following)
