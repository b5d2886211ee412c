"""The calls that Harmonie makes to a Jellyfin server, with one token."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import aiohttp

from harmonie_daemon.mediaservers.errors import RefusedError
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.mediaservers.jellyfin.connection import JellyfinConnection
from harmonie_daemon.mediaservers.jellyfin.item_calls import ItemCalls
from harmonie_daemon.mediaservers.jellyfin.playlist_calls import PlaylistCalls
from harmonie_daemon.mediaservers.jellyfin.sessions import SeenSession, parse_sessions
from harmonie_daemon.mediaservers.jellyfin.track_calls import TrackCalls


class JellyfinClient(TrackCalls, PlaylistCalls, ItemCalls):
    """One server, one token: the server itself and its users, here; the rest by what it is about.

    See ``JellyfinCalls`` for what methods raise and return.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        device_id: str,
        version: str,
        whose: str = "the token",
        hint: str = "",
    ) -> None:
        """See ``JellyfinConnection``."""
        super().__init__(
            JellyfinConnection(
                url, token, device_id=device_id, version=version, whose=whose, hint=hint
            )
        )

    async def close(self) -> None:
        """Let go of the connections; the next request opens new ones."""
        await self._server.close()

    async def server_info(self) -> wire.ServerInfo:
        """Name and version of the server; needs no token."""
        return wire.parse_server_info(*await self._server.get_dated("/System/Info/Public"))

    async def me(self) -> wire.User | None:
        """The user whose token this is; ``None`` for an API key, which belongs to no user.

        A key is refused with 400. A 404 says nothing: taken for a key, the token of a user would
        make every playlist once more, for another owner.
        """
        try:
            return await self.own_user()
        except RefusedError:
            return None

    async def own_user(self) -> wire.User:
        """The user whose token this is; raises ``RefusedError`` for an API key."""
        return wire.parse_user(await self._server.get("/Users/Me"))

    async def users(self) -> tuple[wire.User, ...]:
        """Every user of the server."""
        return wire.parse_users(await self._server.get("/Users"))

    def socket(
        self, device_id: str
    ) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        """The server's socket, as the user whose token this is."""
        return self._server.socket(device_id)

    async def sessions(self, active_within_s: int) -> list[SeenSession]:
        """What users play; all of them for administrators, else what this one may see."""
        query = [("activeWithinSeconds", str(active_within_s))]
        return parse_sessions(await self._server.get("/Sessions", query))

    async def music_folders(self) -> list[str]:
        """Where its libraries of music lie, as the server names the folders."""
        return wire.parse_music_folders(await self._server.get("/Library/VirtualFolders"))

    async def look_at_files(self, changes: Mapping[str, str]) -> None:
        """Have it look at files: their paths there, and ``Created``, ``Modified``, ``Deleted``."""
        updates = [{"Path": path, "UpdateType": kind} for path, kind in changes.items()]
        await self._server.change("POST", "/Library/Media/Updated", body={"Updates": updates})
