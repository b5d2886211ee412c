"""Requests about the playlists of a Jellyfin server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from harmonie_daemon.mediaservers.errors import (
    MissingError,
    RefusedError,
)
from harmonie_daemon.mediaservers.jellyfin import wire
from harmonie_daemon.mediaservers.jellyfin.calls import JellyfinCalls, as_user, in_batches


class PlaylistCalls(JellyfinCalls):
    """Playlists and what is in them."""

    async def playlists(self, user_id: str) -> list[wire.RemoteItem]:
        """Every playlist that ``user_id`` may see."""
        query = [
            ("includeItemTypes", "Playlist"),
            ("recursive", "true"),
            *as_user(user_id),
            ("fields", "Tags"),
            ("fields", "DateCreated"),
        ]
        return [wire.parse_remote_item(row) async for row in self._rows("/Items", query)]

    async def deletable_playlists(self, user_id: str) -> AsyncIterator[wire.RemoteItem]:
        """Playlists that ``user_id`` sees and may delete: their own, and any if administrator.

        With tags and etags, by name: whoever stops early sees the same ones each time.
        """
        query = [
            ("includeItemTypes", "Playlist"),
            ("recursive", "true"),
            *as_user(user_id),
            ("fields", "CanDelete"),
            ("fields", "Etag"),
            ("fields", "Tags"),
            ("sortBy", "SortName"),
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
        query = [*as_user(user_id), ("enableImages", "false"), ("enableUserData", "false")]
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
            query = [("ids", ",".join(batch)), *as_user(user_id)]
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


def _permissions(users: Sequence[str]) -> list[dict[str, object]]:
    return [{"UserId": user, "CanEdit": False} for user in users]
