"""A Jellyfin server as a place for playlists: the ways of making and changing one there."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.errors import (
    BadTokenError,
    MissingError,
    RefusedError,
    UnavailableError,
)
from harmonie_daemon.mediaservers.jellyfin.access import OwnedPlaylist
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.credentials import JellyfinOperation, Ways
from harmonie_daemon.mediaservers.jellyfin.listing import TARGET, JellyfinListing
from harmonie_daemon.mediaservers.place import Seen, content_hash, digest
from harmonie_daemon.mediaservers.recovery import Recovery
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState

CHEAP_TO_READ = 200
"""Tracks of a playlist whose ids a server may be asked for again: 10.11 looks each of them up."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JellyfinList:
    """A playlist in the server's own ids; see ``place.RemoteList``."""

    owned: OwnedPlaylist
    ids: tuple[str, ...]
    """Item ids of the server, each once."""

    @property
    def key(self) -> str:
        """Of the playlist."""
        return self.owned.playlist.key

    @property
    def user(self) -> str:
        """Its owner."""
        return self.owned.owner

    @property
    def name(self) -> str:
        """The title people see."""
        return self.owned.playlist.name

    @property
    def content_hash(self) -> str:
        """Digest of the contents, then of the shares."""
        return content_hash(self.ids, self.owned.shares)

    @property
    def is_lost(self) -> bool:
        """Whether the server has none of its tracks."""
        return bool(self.owned.playlist.track_ids) and not self.ids


def translated(owned: OwnedPlaylist, found: Mapping[TrackId, str], most: int) -> JellyfinList:
    """The first ``most`` of its tracks that the server has, by the server's ids."""
    tracks = owned.playlist.track_ids
    ids = dict.fromkeys(found[track] for track in tracks if track in found)
    return JellyfinList(owned, tuple(islice(ids, most)))


class JellyfinPlace:
    """One server and what our credentials may do there; see ``place.Place``."""

    target = TARGET

    def __init__(self, listing: JellyfinListing, playlists: Playlists) -> None:
        self._listing = listing
        self._may_remove_entries = True
        """Until a server refuses what its version allows."""
        self._recovery = Recovery(listing, playlists)

    async def look(self, rows: Collection[RemotePlaylist]) -> Seen:
        """Which of our playlists the server shows, and which of them have lost their tracks."""
        return await self._listing.look(rows)

    async def find(
        self, row: RemotePlaylist, wanted: JellyfinList | None = None
    ) -> RemotePlaylist | None:
        """The row of the playlist as it is there, ``None`` when there surely is none."""
        return await self._recovery.find(row, wanted)

    async def new_id(self, wanted: JellyfinList) -> str:
        """Empty: the server gives one."""
        return ""

    async def create(self, wanted: JellyfinList, remote_id: str) -> str:
        """Make it; returns its id."""
        client = self._client_for(JellyfinOperation.CREATE, wanted.user)
        return await client.create_playlist(
            wanted.name, wanted.ids, owner=wanted.user, shares=wanted.owned.shares
        )

    async def change(self, wanted: JellyfinList, row: RemotePlaylist) -> bool:
        """Change it under its id; ``False`` when the server offers no way to."""
        ways = self._ways(wanted.user)
        if ways.replace_contents:
            confirmed = await self._replace_at_once(wanted, row)
            await self._check_order(wanted, row)
        elif ways.remove_entries and self._may_remove_entries:
            try:
                confirmed = await self._exchange(wanted, row)
            except _NoRemovalError:
                return False
        else:
            return False
        if not confirmed:
            await self._verify(wanted, row)
        return True

    async def read(self, row: RemotePlaylist) -> Sequence[str]:
        """What is in it now."""
        reader = self._id_reader(row.user)
        if reader is not None:
            return await reader.playlist_ids(row.remote_id)
        return await self._listing.reader(row.user).entries(row.remote_id, row.user)

    async def put_back(self, row: RemotePlaylist, contents: Sequence[str]) -> None:
        """Give it these tracks again under its id, where the server offers a way to."""
        ways = self._ways(row.user)
        if ways.replace_contents:
            client = self._client_for(JellyfinOperation.REPLACE, row.user)
            await client.update_playlist(row.remote_id, ids=contents)
        elif ways.remove_entries and self._may_remove_entries:
            await self._exchange_entries(row, tuple(contents))
        else:
            raise RefusedError("Jellyfin 10.10 changes no playlist with an API key")

    async def delete(self, row: RemotePlaylist) -> None:
        """Delete a playlist, of which is known that it is one: the same request deletes music."""
        try:
            client = self._client_for(JellyfinOperation.DELETE, row.user)
            confirmed = await client.delete_item(row.remote_id)
        except (MissingError, BadTokenError) as error:
            # 401 here means: visible, but neither its owner's token nor an administrator's.
            if await self._recovery.find(row):
                raise RefusedError("it cannot be deleted with this token") from error
            return
        if not confirmed and await self._listing.is_there(row):
            raise UnavailableError("Jellyfin accepts its deletion but goes on showing it")

    async def require_usable(self) -> None:
        """Raise when the server does not say who it is, or takes none of our tokens."""
        await self._listing.visit_again()

    def _id_reader(self, owner: str) -> JellyfinClient | None:
        """Who may list the ids of a playlist in one answer."""
        visit = self._listing.visit
        best = visit.credentials.best_for(JellyfinOperation.READ_IDS, owner)
        return None if best is None else visit.client(best)

    def _client_for(self, operation: JellyfinOperation, owner: str) -> JellyfinClient:
        return self._listing.visit.client_for(operation, owner)

    def _ways(self, owner: str) -> Ways:
        """How the playlists of this user may be changed.

        Raises ``LoginNeededError`` when they cannot even be made anew.
        """
        visit = self._listing.visit
        best = visit.credentials.best_for(JellyfinOperation.EDIT_PLAYLIST, owner)
        if best is not None:
            return visit.credentials.ways(best, owner)
        if visit.credentials.best_for(JellyfinOperation.DELETE, owner) is None:
            raise visit.login_needed(JellyfinOperation.EDIT_PLAYLIST, owner)
        return Ways(replace_contents=False, remove_entries=False)

    async def _verify(self, wanted: JellyfinList, row: RemotePlaylist) -> None:
        """Look once whether a change that was answered strangely was made."""
        reader = self._listing.reader(row.user)
        item = await reader.item(row.remote_id, row.user)
        if item is None:
            raise MissingError("Jellyfin knows no such playlist")
        contents = tuple(await reader.entries(row.remote_id, row.user))
        if contents != wanted.ids or item.name != wanted.name:
            raise UnavailableError("Jellyfin accepts the change but has not made it")

    async def _check_order(self, wanted: JellyfinList, row: RemotePlaylist) -> None:
        """Compare the ids that the server lists with the wanted ones, where that is one answer.

        A server that breaks off between clearing and adding may have said that all is well.
        """
        reader = self._id_reader(row.user)
        if reader is None or len(wanted.ids) > CHEAP_TO_READ:
            return
        try:
            ids = tuple(await reader.playlist_ids(row.remote_id))
        except (MissingError, RefusedError) as error:
            _log.debug("jellyfin: %r cannot be read again: %s", wanted.name, error)
            return
        if ids == wanted.ids:
            return
        visible = await self._listing.visible(wanted.ids, wanted.user)
        if ids != tuple(one for one in wanted.ids if one in visible):
            raise UnavailableError("Jellyfin accepts the change but lists other tracks")

    async def _replace_at_once(self, wanted: JellyfinList, row: RemotePlaylist) -> bool:
        shares = wanted.owned.shares
        is_certain = row.state is RemoteState.CURRENT
        shared_already = is_certain and row.content_hash.endswith(f".{digest(shares)}")
        client = self._client_for(JellyfinOperation.REPLACE, wanted.user)
        return await client.update_playlist(
            row.remote_id,
            ids=wanted.ids,
            name=None if is_certain and row.name == wanted.name else wanted.name,
            shares=None if shared_already else shares,
        )

    async def _exchange(self, wanted: JellyfinList, row: RemotePlaylist) -> bool:
        """Replace the entries and the name; whether all of it was confirmed."""
        try:
            confirmed = await self._exchange_entries(row, wanted.ids)
        except RefusedError as error:
            _log.info("jellyfin: entries cannot be removed with this API key")
            self._may_remove_entries = False
            raise _NoRemovalError from error
        if row.name != wanted.name or row.state is not RemoteState.CURRENT:
            renamer = self._client_for(JellyfinOperation.RENAME, wanted.user)
            confirmed &= await renamer.edit_item(row.remote_id, wanted.user, name=wanted.name)
        return confirmed

    async def _exchange_entries(self, row: RemotePlaylist, ids: tuple[str, ...]) -> bool:
        """Replace the entries; whether all of it was confirmed.

        The new ones are appended before the old ones go, so that the list is never empty in
        between; what both have is taken out first, for one id removes all its duplicates.
        """
        playlist, owner, wanted = row.remote_id, row.user, set(ids)
        client = self._client_for(JellyfinOperation.REMOVE_ENTRIES, owner)
        current = await client.entries(playlist, owner)
        if tuple(current) == ids:
            return True
        kept = [entry for entry in current if entry in wanted]
        stale = [entry for entry in current if entry not in wanted]
        confirmed = await client.remove_entries(playlist, kept)
        confirmed &= await client.add_entries(playlist, ids, owner)
        return confirmed & await client.remove_entries(playlist, stale)


class _NoRemovalError(Exception):
    """The server refuses to remove entries."""
