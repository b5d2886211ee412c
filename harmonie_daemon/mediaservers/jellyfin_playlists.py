"""Our playlists on one Jellyfin server: made, changed and removed, and remembered as we go.

Our own table says which playlists are ours, and in which state. A row is written before the
server is touched, so that whatever breaks in between is noticed and mended by the next push.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Literal

from harmonie_daemon.mediaservers.errors import (
    MissingError,
    RefusedError,
    UnauthorizedError,
    UnavailableError,
)
from harmonie_daemon.mediaservers.jellyfin_access import Capabilities
from harmonie_daemon.mediaservers.jellyfin_client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin_lookup import TARGET, Lookup, RemoteList, digest
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState

Change = Literal["created", "updated", "unchanged"]

_log = logging.getLogger(__name__)


class PlaylistShelf:
    """Keeps our playlists on one server and their rows in our table in step."""

    def __init__(
        self,
        client: JellyfinClient,
        capabilities: Capabilities,
        playlists: Playlists,
        lookup: Lookup,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._capabilities = capabilities
        self._playlists = playlists
        self._lookup = lookup
        self._clock = clock

    async def put(
        self,
        wanted: RemoteList,
        row: RemotePlaylist | None,
        standing: Collection[str],
        empty: Collection[str],
    ) -> Change:
        """Bring one playlist to its wanted state, under the id it has if there is a way.

        ``standing`` are the ids of ours that the server shows, ``empty`` those of them that have
        lost their tracks.
        """
        if row is not None and row.remote_id not in standing:
            row = await self._lookup.find(row, wanted)
        if row is None:
            await self._create(wanted)
            return "created"
        if _is_as_wanted(row, wanted) and row.remote_id not in empty:
            return "unchanged"
        await self._change(wanted, row)
        return "updated"

    async def remove(self, row: RemotePlaylist) -> bool:
        """Delete a playlist of ours and forget it; whether people saw it go.

        Only a playlist is ever deleted: the same request would delete music.
        """
        found = await self._lookup.find(row)
        if found is not None:
            await self._delete(found)
        await self._playlists.forget_remote(row if found is None else found)
        return found is not None and row.in_place

    async def _delete(self, row: RemotePlaylist) -> None:
        try:
            confirmed = await self._client.delete_item(row.remote_id)
        except (MissingError, UnauthorizedError) as error:
            # 401 here means: visible, but neither its owner's token nor an administrator's.
            if await self._lookup.find(row):
                raise RefusedError("it cannot be deleted with this token") from error
            return
        if not confirmed and await self._lookup.is_there(row):
            raise UnavailableError("Jellyfin accepts its deletion but goes on showing it")

    async def _create(self, wanted: RemoteList, instead_of: RemotePlaylist | None = None) -> None:
        """Make the playlist; its row stands before the request and has the id right after.

        Only a refusal in Jellyfin's own words says that nothing was made.
        """
        row = RemotePlaylist(
            TARGET,
            wanted.assignment.playlist.key,
            wanted.assignment.owner,
            "",
            wanted.name,
            wanted.content_hash,
            self._clock(),
            RemoteState.UNCONFIRMED,
        )
        before = [] if instead_of is None else [replace(instead_of, state=RemoteState.SUPERSEDED)]
        await self._playlists.save_remote(*before, row)
        try:
            remote_id = await self._client.create_playlist(
                wanted.name, wanted.ids, owner=row.user, shares=wanted.assignment.shares
            )
        except (RefusedError, UnauthorizedError):
            if instead_of is None:
                await self._playlists.forget_remote(row)
            else:
                await self._playlists.save_remote(replace(instead_of, state=RemoteState.UNFINISHED))
            raise
        await self._playlists.save_remote(
            replace(row, remote_id=remote_id, state=RemoteState.CURRENT)
        )

    async def _change(self, wanted: RemoteList, row: RemotePlaylist) -> None:
        """Change contents, name and shares by the best way that is open."""
        await self._playlists.save_remote(replace(row, state=RemoteState.UNFINISHED))
        try:
            done = await self._change_in_place(wanted, row)
        except MissingError as error:
            if await self._lookup.find(row, wanted) is not None:
                raise UnavailableError(f"{error}, but shows the playlist") from error
            _log.info("jellyfin: %r is gone there and is made anew", row.name)
            await self._create(wanted)
            return
        if not done:
            await self._replace_by_new(wanted, row)
            return
        changed = replace(row, name=wanted.name, content_hash=wanted.content_hash)
        await self._playlists.save_remote(
            replace(changed, pushed_at=self._clock(), state=RemoteState.CURRENT)
        )

    async def _change_in_place(self, wanted: RemoteList, row: RemotePlaylist) -> bool:
        """Change it under its id; ``False`` when the server offers no way to."""
        if self._capabilities.replace_contents:
            confirmed = await self._replace_at_once(wanted, row)
        elif self._capabilities.remove_entries:
            try:
                confirmed = await self._exchange(wanted, row)
            except _NoRemovalError:
                return False
        else:
            return False
        if not confirmed:
            await self._verify(wanted, row)
        return True

    async def _verify(self, wanted: RemoteList, row: RemotePlaylist) -> None:
        """Look once whether a change that was answered strangely was made."""
        item = await self._client.item(row.remote_id, row.user)
        if item is None:
            raise MissingError("Jellyfin knows no such playlist")
        contents = tuple(await self._client.entries(row.remote_id, row.user))
        if contents != wanted.ids or item.name != wanted.name:
            raise UnavailableError("Jellyfin accepts the change but has not made it")

    async def _replace_at_once(self, wanted: RemoteList, row: RemotePlaylist) -> bool:
        shares = wanted.assignment.shares
        is_certain = row.state is RemoteState.CURRENT
        shared_already = is_certain and row.content_hash.endswith(f".{digest(shares)}")
        return await self._client.update_playlist(
            row.remote_id,
            ids=wanted.ids,
            name=None if is_certain and row.name == wanted.name else wanted.name,
            shares=None if shared_already else shares,
        )

    async def _exchange(self, wanted: RemoteList, row: RemotePlaylist) -> bool:
        """Replace the entries; whether all of it was confirmed.

        The new ones are appended before the old ones go, so that the list is never empty in
        between; what both have is taken out first, for one id removes all its duplicates.
        """
        playlist, owner = row.remote_id, wanted.assignment.owner
        current = await self._client.entries(playlist, owner)
        confirmed = True
        if tuple(current) != wanted.ids:
            kept = [entry for entry in current if entry in set(wanted.ids)]
            stale = [entry for entry in current if entry not in set(wanted.ids)]
            try:
                confirmed &= await self._client.remove_entries(playlist, kept)
                confirmed &= await self._client.add_entries(playlist, wanted.ids, owner)
                confirmed &= await self._client.remove_entries(playlist, stale)
            except RefusedError as error:
                _log.info("jellyfin: entries cannot be removed with this API key")
                self._capabilities = replace(self._capabilities, remove_entries=False)
                raise _NoRemovalError from error
        if row.name != wanted.name or row.state is not RemoteState.CURRENT:
            confirmed &= await self._client.rename_item(playlist, wanted.name, owner)
        return confirmed

    async def _replace_by_new(self, wanted: RemoteList, row: RemotePlaylist) -> None:
        """Create first, then delete what it replaces; the new playlist has a new id."""
        await self._create(wanted, instead_of=row)
        await self.remove(replace(row, state=RemoteState.SUPERSEDED))


class _NoRemovalError(Exception):
    """The server refuses to remove entries."""


def _is_as_wanted(row: RemotePlaylist, wanted: RemoteList) -> bool:
    is_current = row.state is RemoteState.CURRENT
    return is_current and (row.content_hash, row.name) == (wanted.content_hash, wanted.name)
