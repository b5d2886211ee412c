"""Requests about the tracks of a Jellyfin server, and what users made of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harmonie_daemon.domain.catalogue import RemoteTrack
from harmonie_daemon.mediaservers.errors import (
    RefusedError,
)
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.mediaservers.jellyfin.calls import JellyfinCalls, as_user, in_batches
from harmonie_daemon.mediaservers.jellyfin.connection import Query
from harmonie_daemon.mediaservers.jellyfin.music import ServerTrack, parse_server_track

TRACK_FIELDS = ("Path", "ProviderIds")
"""What is said of a track on request alone, and needed for recognising it."""


class TrackCalls(JellyfinCalls):
    """Tracks."""

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

    async def shows_music(self, user_id: str | None) -> bool:
        """Whether there is any track: a server that shows none is starting, or is none."""
        query = [
            ("includeItemTypes", "Audio"),
            ("recursive", "true"),
            *as_user(user_id),
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
        *as_user(user_id),
    ]
