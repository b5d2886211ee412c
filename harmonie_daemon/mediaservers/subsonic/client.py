"""The handful of calls that Harmonie makes to a Subsonic server."""

from __future__ import annotations

from collections.abc import Sequence

from harmonie_daemon.domain.catalogue import RemoteTrack, UserItem
from harmonie_daemon.mediaservers.errors import (
    GarbledError,
    MissingError,
    RefusedError,
    UnavailableError,
)
from harmonie_daemon.mediaservers.subsonic import wire
from harmonie_daemon.mediaservers.subsonic.connection import SubsonicConnection
from harmonie_daemon.mediaservers.subsonic.credentials import Credentials

PAGE_SIZE = 500
IDS_IN_AN_ADDRESS = 100
"""Of up to 40 characters, well under the 8,192 bytes of a request line."""
FORM_POST = "formPost"
"""The extension by which parameters may come as a form."""


class SubsonicClient:
    """One server, one account. Every method raises ``MediaServerError``."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        self._server = SubsonicConnection(url, credentials)
        self._is_greeted = False

    async def close(self) -> None:
        """Let go of the connections; the next request opens new ones."""
        await self._server.close()
        self._is_greeted = False

    async def greet(self) -> wire.ServerWords:
        """Log in, and find out what the server can do."""
        words = wire.parse_words(await self._server.ask("ping"))
        if words.is_open and not self._is_greeted:
            self._server.takes_forms = FORM_POST in await self._server.extensions()
        self._is_greeted = True
        return words

    async def songs_page(self, offset: int, count: int) -> list[RemoteTrack]:
        """Some of the songs that the account is shown: a search for nothing finds everything."""
        query = [
            ("query", ""),
            ("artistCount", "0"), ("albumCount", "0"),
            ("songCount", str(count)), ("songOffset", str(offset)),
        ]  # fmt: skip
        try:
            return wire.parse_songs(await self._server.ask("search3", query), "searchResult3")
        except MissingError:
            return []

    async def user_items_page(self, offset: int, count: int) -> tuple[int, list[UserItem]]:
        """How many songs there are on a page, and what of them the account likes or has played."""
        query = [
            ("query", ""),
            ("artistCount", "0"), ("albumCount", "0"),
            ("songCount", str(count)), ("songOffset", str(offset)),
        ]  # fmt: skip
        try:
            answer = await self._server.ask("search3", query)
        except MissingError:
            return 0, []
        songs = wire.parse_songs(answer, "searchResult3")
        return len(songs), wire.parse_user_items(answer, "searchResult3")

    async def user_items_of(self, album_id: str) -> list[UserItem]:
        """The same of an album; nothing where it is gone."""
        try:
            answer = await self._server.ask("getAlbum", [("id", album_id)])
        except MissingError:
            return []
        return wire.parse_user_items(answer, "album")

    async def albums_page(self, offset: int, count: int) -> list[str]:
        """Ids of some albums, for servers that find nothing by a search for nothing."""
        query = [
            ("type", "alphabeticalByName"), ("size", str(count)), ("offset", str(offset)),
        ]  # fmt: skip
        try:
            return wire.parse_albums(await self._server.ask("getAlbumList2", query))
        except MissingError:
            return []

    async def album(self, album_id: str) -> list[RemoteTrack]:
        """The songs of an album; none where it is gone."""
        try:
            return wire.parse_songs(await self._server.ask("getAlbum", [("id", album_id)]), "album")
        except MissingError:
            return []

    async def scan_mark(self) -> str:
        """What the server says of its last scan; empty where it says nothing, or is scanning."""
        try:
            return wire.parse_scan_mark(await self._server.ask("getScanStatus"))
        except (MissingError, RefusedError, GarbledError, UnavailableError):
            return ""

    async def shows_music(self) -> bool:
        """Whether there is any song: a server that shows none is starting, or is none."""
        return bool(await self.songs_page(0, 1)) or bool(await self.albums_page(0, 1))

    async def playlists(self) -> list[wire.RemoteListing]:
        """Every playlist that the account is shown, others' public ones among them."""
        return wire.parse_playlists(await self._server.ask("getPlaylists"))

    async def entries(self, playlist_id: str) -> list[str]:
        """Ids of its songs, in order."""
        return wire.parse_entries(await self._server.ask("getPlaylist", [("id", playlist_id)]))

    async def create(self, name: str, ids: Sequence[str]) -> wire.RemoteListing | None:
        """Make a playlist; ``None`` when the server does not say which one it is.

        Of many songs the first ones, where the server takes no forms.
        """
        songs = [("songId", one) for one in self._at_once(ids)]
        return wire.parse_created(
            await self._server.ask("createPlaylist", [("name", name), *songs])
        )

    async def replace(self, playlist_id: str, ids: Sequence[str]) -> None:
        """Give a playlist these contents under its id."""
        songs = [("songId", one) for one in self._at_once(ids)]
        await self._server.ask("createPlaylist", [("playlistId", playlist_id), *songs])
        await self.complete(playlist_id, ids)

    async def complete(self, playlist_id: str, ids: Sequence[str]) -> None:
        """Append those of the songs that did not fit into the request that came before."""
        first = len(self._at_once(ids))
        for start in range(first, len(ids), IDS_IN_AN_ADDRESS):
            songs = [("songIdToAdd", one) for one in ids[start : start + IDS_IN_AN_ADDRESS]]
            await self._server.ask("updatePlaylist", [("playlistId", playlist_id), *songs])

    async def describe(
        self, playlist_id: str, *, name: str | None = None, comment: str, public: bool
    ) -> None:
        """Change everything but the contents; ``name`` ``None``: not that."""
        named = [] if name is None else [("name", name)]
        marks = [("comment", comment), ("public", "true" if public else "false")]
        await self._server.ask("updatePlaylist", [("playlistId", playlist_id), *named, *marks])

    async def delete(self, playlist_id: str) -> None:
        """Delete a playlist."""
        await self._server.ask("deletePlaylist", [("id", playlist_id)])

    def _at_once(self, ids: Sequence[str]) -> Sequence[str]:
        return ids if self._server.takes_forms else ids[:IDS_IN_AN_ADDRESS]
