"""The dozen calls that Harmonie makes to a Jellyfin server.

Facts about the wire: repeated query parameters, except for id lists, which are joined by commas;
ids in batches, for a request line longer than 8,192 bytes is refused.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp

from harmonie_daemon.domain.catalogue import RemoteTrack
from harmonie_daemon.mediaservers.errors import (
    GarbledError,
    MissingError,
    RefusedError,
    TooLargeError,
    TooLongError,
)
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.mediaservers.jellyfin.connection import JellyfinConnection, Query
from harmonie_daemon.mediaservers.jellyfin.music import ServerTrack, parse_server_track
from harmonie_daemon.mediaservers.jellyfin.sessions import SeenSession, parse_sessions

ID_BATCH = 100
"""Ids per query string: 33 bytes each, well under the 8,192 bytes of a request line."""
PAGE_SIZE = 500
MOST_LEFT_OUT = 20
"""Rows of a listing that are megabytes each; with more of them the server is none."""
TRACK_FIELDS = ("Path", "ProviderIds")
"""What is said of a track on request alone, and needed for recognising it."""
MOST_ROWS = 1_000_000
"""Of a listing: several times the largest library; a server that goes on for ever is none."""


class JellyfinClient:
    """One server, one token. Every method raises ``MediaServerError``.

    Methods that change something return whether the server confirmed it the way Jellyfin does
    (204); another success may be a proxy's own, and calls for a look.
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
        self._server = JellyfinConnection(
            url, token, device_id=device_id, version=version, whose=whose, hint=hint
        )

    async def close(self) -> None:
        """Let go of the connections; the next request opens new ones."""
        await self._server.close()

    async def server_info(self) -> wire.ServerInfo:
        """Name and version of the server; needs no token."""
        return wire.parse_server_info(await self._server.get("/System/Info/Public"))

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

    async def music(self, user_id: str | None) -> list[ServerTrack]:
        """Every track, with what makes albums of them and orders those by age.

        Those that ``user_id`` may see, or all of them for an API key without a user.
        """
        query = _audio_query(user_id, "Path", "ProviderIds", "DateCreated")
        return [parse_server_track(row) async for row in self._rows("/Items", query)]

    async def tracks_page(
        self,
        user_id: str | None,
        *,
        start: int,
        limit: int,
        fields: Sequence[str] = TRACK_FIELDS,
        count: bool = False,
        more: Query = (),
    ) -> wire.ItemPage:
        """Some of all tracks in the order of their arrival; ``more`` narrows it down."""
        query = [
            *_audio_query(user_id, *fields),
            *more,
            ("startIndex", str(start)),
            ("limit", str(limit)),
            ("enableTotalRecordCount", "true" if count else "false"),
        ]
        return wire.parse_page(*await self._server.get_dated("/Items", query))

    async def user_rows(self, user_id: str, kind: str) -> AsyncIterator[Mapping[str, Any]]:
        """Tracks with a user's data; ``kind`` is ``isFavorite`` or ``isPlayed``."""
        query = [
            ("includeItemTypes", "Audio"), ("recursive", "true"), ("enableImages", "false"),
            ("enableUserData", "true"), (kind, "true"), ("sortBy", "SortName"),
            ("userId", user_id),
        ]  # fmt: skip
        async for row in self._rows("/Items", query):
            yield row

    async def tracks(self, ids: Sequence[str], user_id: str | None) -> list[RemoteTrack]:
        """Those of these tracks that exist and that ``user_id`` may see."""
        found: list[RemoteTrack] = []

        async def ask(batch: Sequence[str]) -> None:
            query = [*_audio_query(user_id, *TRACK_FIELDS), ("ids", ",".join(batch))]
            page = wire.parse_page(await self._server.get("/Items", query))
            found.extend(wire.parse_remote_track(row) for row in page.rows)

        await in_batches(ids, ask)
        return found

    async def items(
        self, ids: Sequence[str], user_id: str, *, fields: Sequence[str] = ("ChildCount",)
    ) -> dict[str, wire.RemoteItem]:
        """Those of ``ids`` that exist and that ``user_id`` may see, by id.

        ``fields``: what is asked for beside the usual, as ``ChildCount`` or ``CanDelete``.
        """
        found: dict[str, wire.RemoteItem] = {}

        async def ask(batch: Sequence[str]) -> None:
            query = [
                ("ids", ",".join(batch)),
                *_as_user(user_id),
                *(("fields", field) for field in fields),
                ("enableUserData", "false"),
            ]
            page = wire.parse_page(await self._server.get("/Items", query))
            found.update((item.id, item) for item in map(wire.parse_remote_item, page.rows))

        await in_batches(ids, ask)
        return found

    async def item(self, item_id: str, user_id: str) -> wire.RemoteItem | None:
        """One item by its own address; ``None`` when it is not there for ``user_id``."""
        try:
            return wire.parse_item(await self._server.get(f"/Items/{item_id}", _as_user(user_id)))
        except MissingError:
            return None

    async def shows_music(self, user_id: str | None) -> bool:
        """Whether there is any track: a server that shows none is starting, or is none."""
        query = [
            ("includeItemTypes", "Audio"),
            ("recursive", "true"),
            *_as_user(user_id),
            ("enableImages", "false"),
            ("enableUserData", "false"),
            ("startIndex", "0"),
            ("limit", "1"),
            ("enableTotalRecordCount", "false"),
        ]
        return bool(wire.parse_page(await self._server.get("/Items", query)).rows)

    async def download(
        self, item_id: str, into: Path, *, most_bytes: int, reserve_bytes: int
    ) -> int:
        """Write a track's own file there and return its size; see ``JellyfinConnection.save``.

        A user who may listen but not download is given the same file by another address.
        """
        for way in ("Download", "File"):
            try:
                return await self._server.save(
                    f"/Items/{item_id}/{way}",
                    into,
                    most_bytes=most_bytes,
                    reserve_bytes=reserve_bytes,
                )
            except RefusedError:
                if way == "File":
                    raise
        raise AssertionError("one of the ways ends it")

    async def playlists(self, user_id: str) -> list[wire.RemoteItem]:
        """Every playlist that ``user_id`` may see."""
        query = [
            ("includeItemTypes", "Playlist"),
            ("recursive", "true"),
            *_as_user(user_id),
            ("fields", "Tags"),
            ("fields", "DateCreated"),
        ]
        return [wire.parse_remote_item(row) async for row in self._rows("/Items", query)]

    async def deletable_playlists(self, user_id: str) -> AsyncIterator[wire.RemoteItem]:
        """Playlists that ``user_id`` sees and may delete: their own, and any if administrator."""
        query = [
            ("includeItemTypes", "Playlist"),
            ("recursive", "true"),
            *_as_user(user_id),
            ("fields", "CanDelete"),
            ("enableImages", "false"),
            ("enableUserData", "false"),
        ]
        async for row in self._rows("/Items", query):
            item = wire.parse_remote_item(row)
            if item.is_playlist and item.can_delete:
                yield item

    async def owns_playlist(self, playlist_id: str) -> bool:
        """Whether it is the playlist of the token's user: only its owner is told who shares it."""
        try:
            await self._server.get(f"/Playlists/{playlist_id}/Users")
        except (RefusedError, MissingError):
            return False
        return True

    async def entries(
        self, playlist_id: str, user_id: str, *, most: int | None = None
    ) -> list[str]:
        """The entry ids (the tracks' own ids) of a playlist, in order.

        Of a longer list than ``most``, the first pages up to more than that.
        """
        query = [*_as_user(user_id), ("enableImages", "false"), ("enableUserData", "false")]
        found: list[str] = []
        async for row in self._rows(f"/Playlists/{playlist_id}/Items", query):
            found.append(wire.parse_entry_id(row))
            if most is not None and len(found) > most:
                break
        return found

    async def playlist_ids(self, playlist_id: str) -> list[str]:
        """The ids of the tracks of a playlist in order, in one answer; not for an API key."""
        return wire.parse_item_ids(await self._server.get(f"/Playlists/{playlist_id}"))

    async def create_playlist(
        self, name: str, ids: Sequence[str], *, owner: str, shares: Sequence[str] = ()
    ) -> str:
        """A private playlist of ``owner``, readable by ``shares``; returns its id."""
        body = {
            "Name": name,
            "Ids": list(ids),
            "UserId": owner,
            "MediaType": "Audio",
            "IsPublic": False,
            "Users": _permissions(shares),
        }
        return wire.parse_created_id(await self._server.post("/Playlists", body))

    async def update_playlist(
        self,
        playlist_id: str,
        *,
        ids: Sequence[str],
        name: str | None = None,
        shares: Sequence[str] | None = None,
    ) -> bool:
        """Replace the contents under the same id; ``None`` keeps the name or the shares."""
        body: dict[str, object] = {"Ids": list(ids)}
        if name is not None:
            body["Name"] = name
        if shares is not None:
            body["Users"] = _permissions(shares)
        return await self._server.change("POST", f"/Playlists/{playlist_id}", body=body)

    async def add_entries(self, playlist_id: str, ids: Sequence[str], user_id: str) -> bool:
        """Append tracks, acting as the owner."""
        confirmed = True

        async def add(batch: Sequence[str]) -> None:
            nonlocal confirmed
            query = [("ids", ",".join(batch)), *_as_user(user_id)]
            confirmed &= await self._server.change("POST", f"/Playlists/{playlist_id}/Items", query)

        await in_batches(ids, add)
        return confirmed

    async def remove_entries(self, playlist_id: str, ids: Sequence[str]) -> bool:
        """Remove entries by their ids (canonical form: the server compares text)."""
        confirmed = True

        async def remove(batch: Sequence[str]) -> None:
            nonlocal confirmed
            query = [("entryIds", ",".join(batch))]
            confirmed &= await self._server.change(
                "DELETE", f"/Playlists/{playlist_id}/Items", query
            )

        await in_batches(ids, remove)
        return confirmed

    async def edit_item(
        self, item_id: str, user_id: str, *, name: str | None = None, tags: Sequence[str] = ()
    ) -> bool:
        """Rename or tag by sending the whole item back, for the server blanks what is left out.

        All else is as it was, LockData too: that of a playlist is passed on to its tracks.
        """
        item = await self._server.get(f"/Items/{item_id}", _as_user(user_id))
        if not isinstance(item, Mapping) or wire.parse_item(item).id != item_id:
            raise GarbledError("Jellyfin sent something else than the item")
        named = {} if name is None else {"Name": name}
        tagged = {"Tags": list(tags)} if tags else {}
        return await self._server.change(
            "POST", f"/Items/{item_id}", body={**item, **named, **tagged}
        )

    async def set_image(self, item_id: str, kind: str, image: bytes, media_type: str) -> bool:
        """Upload an image, in base64 as Jellyfin wants it. A backdrop is put beside others."""
        return await self._server.upload(
            f"/Items/{item_id}/Images/{kind}", base64.b64encode(image), media_type
        )

    async def drop_image(self, item_id: str, kind: str) -> bool:
        """Remove the first image of this kind."""
        return await self._server.change("DELETE", f"/Items/{item_id}/Images/{kind}")

    async def music_folders(self) -> list[str]:
        """Where its libraries of music lie, as the server names the folders."""
        return wire.parse_music_folders(await self._server.get("/Library/VirtualFolders"))

    async def look_at_files(self, changes: Mapping[str, str]) -> None:
        """Have it look at files: their paths there, and ``Created``, ``Modified``, ``Deleted``."""
        updates = [{"Path": path, "UpdateType": kind} for path, kind in changes.items()]
        await self._server.change("POST", "/Library/Media/Updated", body={"Updates": updates})

    async def delete_item(self, item_id: str) -> bool:
        """Delete an item. The same call deletes music: the caller has looked at its type."""
        return await self._server.change("DELETE", f"/Items/{item_id}")

    async def _rows(self, path: str, query: Query) -> AsyncIterator[Mapping[str, Any]]:
        """The rows of a paged listing, one request in flight; counted on the first page only.

        A page that is too large is asked for in halves; a row that is, is left out.
        """
        start, total, size, left_out = 0, None, PAGE_SIZE, 0
        while total is None or start < total:
            window = [("startIndex", str(start)), ("limit", str(size))]
            if path == "/Items":
                window.append(("enableTotalRecordCount", "true" if total is None else "false"))
            try:
                page = wire.parse_page(await self._server.get(path, [*query, *window]))
            except TooLargeError:
                if size == 1:
                    start, left_out = start + 1, left_out + 1
                if left_out > MOST_LEFT_OUT:
                    raise
                size = max(1, size // 2)
                continue
            size = min(PAGE_SIZE, 2 * size)
            for row in page.rows:
                yield row
            if not page.rows:
                return
            start += len(page.rows)
            if start > MOST_ROWS:
                raise GarbledError(f"Jellyfin lists more than {MOST_ROWS} items; is it one?")
            if total is None:
                total = page.total if page.total is not None else start


async def in_batches(
    ids: Sequence[str], call: Callable[[Sequence[str]], Awaitable[None]], size: int = ID_BATCH
) -> None:
    """Call with at most ``size`` ids at a time, in order; halve what a server finds too long."""
    for start in range(0, len(ids), size):
        batch = ids[start : start + size]
        try:
            await call(batch)
        except TooLongError:
            if len(batch) == 1:
                raise
            await in_batches(batch, call, (len(batch) + 1) // 2)


def _audio_query(user_id: str | None, *fields: str) -> list[tuple[str, str]]:
    """Every track, the oldest first, so that one that arrives meanwhile moves no page."""
    return [
        ("includeItemTypes", "Audio"),
        ("recursive", "true"),
        *(("fields", field) for field in fields),
        ("enableImages", "false"),
        ("enableUserData", "false"),
        ("sortBy", "DateCreated"),
        ("sortBy", "SortName"),
        ("sortOrder", "Ascending"),
        *_as_user(user_id),
    ]


def _as_user(user_id: str | None) -> list[tuple[str, str]]:
    return [] if user_id is None else [("userId", user_id)]


def _permissions(users: Sequence[str]) -> list[dict[str, object]]:
    return [{"UserId": user, "CanEdit": False} for user in users]
