"""Our playlists on one Jellyfin server: made, changed and removed, and remembered as we go.

Our own table says which playlists are ours. A row is written before the server is touched, so
that whatever breaks in between is noticed and mended by the next push:
an empty remote id is a creation of which no answer came; an empty content hash is a change
that may be half done; a key with a line break is an old playlist that another has replaced.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harmonie_daemon.mediaservers.errors import (
    JellyfinError,
    MissingError,
    RefusedError,
    UnauthorizedError,
)
from harmonie_daemon.mediaservers.jellyfin_access import Assignment, Capabilities
from harmonie_daemon.mediaservers.jellyfin_client import JellyfinClient
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist

TARGET = "jellyfin"
Change = Literal["created", "updated", "unchanged"]

_UNCONFIRMED = ""
_UNFINISHED = ""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RemoteList:
    """A playlist as the server is to have it."""

    assignment: Assignment
    ids: tuple[str, ...]
    """Item ids of the server, each once."""

    @property
    def name(self) -> str:
        """The title people see."""
        return self.assignment.playlist.name

    @property
    def content_hash(self) -> str:
        """Digest of the contents, then of the shares."""
        return f"{_digest(self.ids)}.{_digest(self.assignment.shares)}"


class PlaylistShelf:
    """Keeps our playlists on one server and their rows in our table in step."""

    def __init__(
        self,
        client: JellyfinClient,
        capabilities: Capabilities,
        playlists: Playlists,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._capabilities = capabilities
        self._playlists = playlists
        self._clock = clock

    async def existing(self, owner: str, ids: Sequence[str]) -> frozenset[str]:
        """Those of these playlists that still are playlists of the server."""
        try:
            items = await self._client.items(ids, owner)
        except MissingError:
            return frozenset()
        return frozenset(item.id for item in items.values() if item.is_playlist)

    async def put(
        self, wanted: RemoteList, row: RemotePlaylist | None, existing: frozenset[str]
    ) -> Change:
        """Bring one playlist to its wanted state, under the id it has if there is a way."""
        if row is not None and row.remote_id == _UNCONFIRMED:
            row = await self._recover(row)
        elif row is not None and row.remote_id not in existing:
            _log.info("jellyfin: %r is gone there and is made anew", row.name)
            row = None
        if row is None:
            await self._create(wanted)
            return "created"
        if row.content_hash == wanted.content_hash and row.name == wanted.name:
            return "unchanged"
        try:
            await self._change(wanted, row)
        except MissingError:
            await self._create(wanted)
        return "updated"

    async def remove(self, row: RemotePlaylist) -> bool:
        """Delete a playlist of ours and forget it; whether there was one.

        Only a playlist is ever deleted: the same request would delete music.
        """
        found: RemotePlaylist | None = row
        if row.remote_id == _UNCONFIRMED:
            found = await self._recover(row)
        deleted = found is not None and await self._delete(found)
        await self._playlists.delete_remote(TARGET, row.key, row.user)
        return deleted and not is_superseded(row)

    async def _delete(self, row: RemotePlaylist) -> bool:
        if not await self.existing(row.user, [row.remote_id]):
            return False
        try:
            await self._client.delete_item(row.remote_id)
        except (MissingError, UnauthorizedError) as error:
            # 401 here means: visible, but neither its owner's token nor an administrator's.
            if await self.existing(row.user, [row.remote_id]):
                raise RefusedError("it cannot be deleted with this token") from error
        return True

    async def _create(self, wanted: RemoteList) -> None:
        """Make the playlist; its row stands before the request and has the id right after."""
        owner, key = wanted.assignment.owner, wanted.assignment.playlist.key
        row = RemotePlaylist(
            TARGET, key, owner, _UNCONFIRMED, wanted.name, wanted.content_hash, self._clock()
        )
        await self._playlists.save_remote(row)
        try:
            remote_id = await self._client.create_playlist(
                wanted.name, wanted.ids, owner=owner, shares=wanted.assignment.shares
            )
        except JellyfinError:
            await self._playlists.delete_remote(TARGET, key, owner)
            raise
        await self._playlists.save_remote(replace(row, remote_id=remote_id))

    async def _recover(self, row: RemotePlaylist) -> RemotePlaylist | None:
        """Find the playlist that was created without an answer: by owner, name and contents."""
        known = {other.remote_id for other in await self._playlists.remotes(TARGET)}
        if row.content_hash.startswith(_digest(())):
            return None
        try:
            candidates = await self._client.playlists(row.user)
        except MissingError:
            return None
        for item in candidates:
            if item.name != row.name or item.id in known or not item.is_playlist:
                continue
            contents = await self._client.entries(item.id, row.user)
            if row.content_hash.split(".")[0] == _digest(contents):
                found = replace(row, remote_id=item.id)
                await self._playlists.save_remote(found)
                return found
        return None

    async def _change(self, wanted: RemoteList, row: RemotePlaylist) -> None:
        """Change contents, name and shares by the best way that is open."""
        await self._playlists.save_remote(replace(row, content_hash=_UNFINISHED))
        if self._capabilities.replace_contents:
            await self._replace_at_once(wanted, row)
        elif not self._capabilities.remove_entries or not await self._exchange(wanted, row):
            await self._replace_by_new(wanted, row)
            return
        await self._playlists.save_remote(
            replace(
                row,
                name=wanted.name,
                content_hash=wanted.content_hash,
                pushed_at=self._clock(),
            )
        )

    async def _replace_at_once(self, wanted: RemoteList, row: RemotePlaylist) -> None:
        shares = wanted.assignment.shares
        shared_already = row.content_hash.endswith(f".{_digest(shares)}")
        await self._client.update_playlist(
            row.remote_id,
            ids=wanted.ids,
            name=None if row.name == wanted.name else wanted.name,
            shares=None if shared_already else shares,
        )

    async def _exchange(self, wanted: RemoteList, row: RemotePlaylist) -> bool:
        """Replace the entries; ``False`` when the server refuses to remove any.

        The new ones are appended before the old ones go, so that the list is never empty in
        between; what both have is taken out first, for one id removes all its duplicates.
        """
        playlist, owner = row.remote_id, wanted.assignment.owner
        current = await self._client.entries(playlist, owner)
        if tuple(current) != wanted.ids:
            kept = [entry for entry in current if entry in set(wanted.ids)]
            stale = [entry for entry in current if entry not in set(wanted.ids)]
            try:
                await self._client.remove_entries(playlist, kept)
                await self._client.add_entries(playlist, wanted.ids, owner)
                await self._client.remove_entries(playlist, stale)
            except RefusedError:
                _log.info("jellyfin: entries cannot be removed with this API key")
                self._capabilities = replace(self._capabilities, remove_entries=False)
                return False
        if row.name != wanted.name:
            await self._client.rename_item(playlist, wanted.name, owner)
        return True

    async def _replace_by_new(self, wanted: RemoteList, row: RemotePlaylist) -> None:
        """Create first, then delete what it replaces; the new playlist has a new id."""
        old = replace(row, key=f"{row.key}\n{row.remote_id}")
        await self._playlists.save_remote(old)
        try:
            await self._create(wanted)
        except JellyfinError:
            await self._playlists.save_remote(replace(row, content_hash=_UNFINISHED))
            await self._playlists.delete_remote(TARGET, old.key, old.user)
            raise
        await self.remove(old)


def is_superseded(row: RemotePlaylist) -> bool:
    """Whether another playlist has taken the place of this one."""
    return "\n" in row.key


def original_key(row: RemotePlaylist) -> str:
    """The key of the playlist that a row is or was."""
    return row.key.split("\n")[0]


def _digest(ids: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:32]
