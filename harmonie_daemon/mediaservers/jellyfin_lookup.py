"""Whether a playlist of ours still is on the server: asked more than once before it is given up.

A server that is just starting, or a proxy before it, may answer "no such thing" or an empty list
to anything. Who believes that makes every playlist a second time and forgets the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from harmonie_daemon.mediaservers.errors import MissingError, RefusedError, UnavailableError
from harmonie_daemon.mediaservers.jellyfin_access import Assignment
from harmonie_daemon.mediaservers.jellyfin_client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin_wire import RemoteItem
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState

TARGET = "jellyfin"


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
        return f"{digest(self.ids)}.{digest(self.assignment.shares)}"


def digest(ids: Sequence[str]) -> str:
    """A short name for a list of ids in their order."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:32]


class Lookup:
    """Finds our playlists on one server, as ``me`` (``None``: an API key)."""

    def __init__(self, client: JellyfinClient, playlists: Playlists, me: str | None) -> None:
        self._client = client
        self._playlists = playlists
        self._me = me

    async def standing(self, rows: Collection[RemotePlaylist]) -> Mapping[str, RemoteItem]:
        """Those playlists that the server shows, by id; absence proves nothing yet."""
        found: dict[str, RemoteItem] = {}
        for owner in sorted({row.user for row in rows}):
            ids = [row.remote_id for row in rows if row.user == owner and row.remote_id]
            try:
                items = await self._client.items(ids, owner)
            except MissingError:
                continue
            found |= {item.id: item for item in items.values() if item.is_playlist}
        return found

    async def stands_empty(self, row: RemotePlaylist, item: RemoteItem | None) -> bool:
        """Whether a playlist that had tracks has none: its tracks went, and may be back."""
        if item is None or item.child_count or row.content_hash.startswith(digest(())):
            return False
        try:
            return not await self._client.entries(item.id, row.user)
        except (MissingError, RefusedError):
            return False

    async def is_there(self, row: RemotePlaylist) -> bool:
        """Whether there is a playlist of this id for its owner, by its own address."""
        item = await self._client.item(row.remote_id, row.user) if row.remote_id else None
        return item is not None and item.is_playlist

    async def find(
        self, row: RemotePlaylist, wanted: RemoteList | None = None
    ) -> RemotePlaylist | None:
        """The row of the playlist as it is there, ``None`` when there surely is none.

        Asked for by id, then among its owner's playlists by name and contents. To what only bears
        its name and contents we lay claim if we asked for it ourselves, or if it is ``wanted``
        on. Asked twice, with a control question between; ``UnavailableError`` when the server
        cannot be believed.
        """
        found = await self._look(row, wanted)
        if found is None and not await self._owner_is_gone(row):
            await self._require_music(row)
            found = await self._look(row, wanted)
        if found is not None and found != row:
            await self._playlists.save_remote(found)
        return found

    async def _look(self, row: RemotePlaylist, wanted: RemoteList | None) -> RemotePlaylist | None:
        if await self.is_there(row):
            return row
        try:
            listed = [item for item in await self._client.playlists(row.user) if item.is_playlist]
        except MissingError:
            return None
        if any(item.id == row.remote_id for item in listed):
            return row
        if row.state is not RemoteState.UNCONFIRMED and wanted is None:
            return None
        return await self._alike(row, wanted, listed)

    async def _alike(
        self, row: RemotePlaylist, wanted: RemoteList | None, listed: Sequence[RemoteItem]
    ) -> RemotePlaylist | None:
        """A playlist of the same name with the contents that we gave it."""
        known = {other.remote_id for other in await self._playlists.remotes(TARGET)}
        names = {row.name} if wanted is None else {row.name, wanted.name}
        for item in listed:
            if item.name not in names or item.id in known:
                continue
            try:
                contents = digest(await self._client.entries(item.id, row.user))
            except (MissingError, RefusedError):  # another's, which is listed all the same
                continue
            as_asked = item.name == row.name and row.content_hash.startswith(f"{contents}.")
            if contents != digest(()) and (as_asked or await self._as_wanted(contents, wanted)):
                is_made = as_asked and row.state is RemoteState.UNCONFIRMED
                state = RemoteState.CURRENT if is_made else RemoteState.UNFINISHED
                return replace(row, remote_id=item.id, name=item.name, state=state)
        return None

    async def _as_wanted(self, contents: str, wanted: RemoteList | None) -> bool:
        """Whether these are the contents to be, or what of them its owner may see."""
        if wanted is None:
            return False
        if contents == digest(wanted.ids):
            return True
        visible = await self._client.items(wanted.ids, wanted.assignment.owner)
        return contents == digest([one for one in wanted.ids if one in visible])

    async def _owner_is_gone(self, row: RemotePlaylist) -> bool:
        users = await self._client.users()
        return bool(users) and all(user.id != row.user for user in users)

    async def _require_music(self, row: RemotePlaylist) -> None:
        """The control question: a server that shows no music now showed some before."""
        try:
            shows_music = await self._client.shows_music(self._me)
        except MissingError:
            shows_music = False
        if not shows_music:
            raise UnavailableError(
                f"Jellyfin shows neither {row.name!r} nor any music; is it still starting?"
            )
