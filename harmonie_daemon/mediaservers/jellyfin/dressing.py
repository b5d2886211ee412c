"""Tags and covers of the playlists that are in place: none of it ever makes a push fail.

What a server shows is compared with what we gave it, so that a cover that it lost, or that its own
mosaic has replaced, is given again, and one that is there costs no request.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.covers import MEDIA_TYPE
from harmonie_daemon.mediaservers.covers.studio import CoverError, CoverStudio
from harmonie_daemon.mediaservers.errors import MissingError, UnavailableError
from harmonie_daemon.mediaservers.jellyfin.client import JellyfinClient
from harmonie_daemon.mediaservers.jellyfin.credentials import JellyfinOperation
from harmonie_daemon.mediaservers.jellyfin.listing import TARGET, JellyfinListing
from harmonie_daemon.mediaservers.jellyfin.marks import TagMarks
from harmonie_daemon.mediaservers.jellyfin.place import JellyfinList
from harmonie_daemon.mediaservers.jellyfin.wire import RemoteItem
from harmonie_daemon.mediaservers.place import Holding
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState

PRIMARY, BACKDROP = "Primary", "Backdrop"
MOST_BACKDROPS = 10
"""That are taken away before ours is set: an upload is put beside those that are there."""

_log = logging.getLogger(__name__)


class Dressing:
    """Dresses playlists at one server; ``studio`` ``None``: without covers."""

    def __init__(
        self,
        listing: JellyfinListing,
        playlists: Playlists,
        marks: TagMarks,
        studio: CoverStudio | None,
    ) -> None:
        self._listing = listing
        self._playlists = playlists
        self._marks = marks
        self._studio = studio
        self._closed: set[JellyfinOperation] = set()
        """What the server has refused in this push."""

    async def dress(
        self, lists: Sequence[JellyfinList], before: Mapping[Holding, RemotePlaylist]
    ) -> bool:
        """Give these what is missing of tags and covers; whether nothing is left to do.

        ``before``: the rows at the last look, which still holds for what has not changed since.
        """
        rows = {
            (row.key, row.user): row
            for row in await self._playlists.remotes(TARGET)
            if row.state is RemoteState.CURRENT
        }
        standing = [
            (one, rows[one.key, one.user])
            for one in lists
            if (one.key, one.user) in rows and self._may_anything(one)
        ]
        try:
            changed = [row for one, row in standing if before.get((one.key, one.user)) != row]
            shown = {**self._listing.shown, **await self._shown(changed)}
            for one, row in standing:
                if row.remote_id in shown:
                    await self._dress_one(one, row, shown[row.remote_id])
        except UnavailableError as error:
            _log.info("jellyfin: tags and covers have to wait: %s", error)
            return False
        return True

    async def _shown(self, rows: Sequence[RemotePlaylist]) -> Mapping[str, RemoteItem]:
        """The items as they are now, one question for each owner."""
        shown: dict[str, RemoteItem] = {}
        for owner in sorted({row.user for row in rows}):
            ids = [row.remote_id for row in rows if row.user == owner]
            try:
                items = await self._listing.reader(owner).items(ids, owner, fields=("Tags",))
            except UnavailableError:
                raise
            except MediaServerError as error:
                _log.info("jellyfin: tags and covers cannot be seen: %s", error)
                continue
            shown |= {item.id: item for item in items.values() if item.is_playlist}
        return shown

    async def _dress_one(self, one: JellyfinList, row: RemotePlaylist, item: RemoteItem) -> None:
        for operation, step in (
            (JellyfinOperation.TAGS, self._tag),
            (JellyfinOperation.COVER, self._cover),
        ):
            client = self._client(operation, one)
            if client is None:
                continue
            try:
                await step(client, one, row, item)
            except (UnavailableError, CoverError) as error:
                if isinstance(error, UnavailableError):
                    raise
                _log.warning("jellyfin: %r: %s", one.name, error)
            except MissingError as error:
                # Of an image: that says nothing about the playlist, which was looked for by its id.
                _log.info("jellyfin: %r goes without for now: %s", one.name, error)
            except MediaServerError as error:
                self._closed.add(operation)
                _log.info("jellyfin: no more attempts to %s: %s", operation, error)

    async def _tag(
        self, client: JellyfinClient, one: JellyfinList, row: RemotePlaylist, item: RemoteItem
    ) -> None:
        tags = self._marks.added(item.tags, one.key)
        if tags is not None:
            await client.edit_item(row.remote_id, row.user, tags=tags)

    async def _cover(
        self, client: JellyfinClient, one: JellyfinList, row: RemotePlaylist, item: RemoteItem
    ) -> None:
        if self._studio is None:
            return
        request = await self._studio.request(one.owned.playlist)
        name = await self._studio.hash(request)
        if row.cover_hash == name and row.cover_seen == item.images:
            return
        cover = await self._studio.cover(request, name)
        sure = await client.set_image(row.remote_id, PRIMARY, cover.square, MEDIA_TYPE)
        for _ in range(min(item.backdrops, MOST_BACKDROPS)):
            await client.drop_image(row.remote_id, BACKDROP)
        sure &= await client.set_image(row.remote_id, BACKDROP, cover.backdrop, MEDIA_TYPE)
        after = await client.item(row.remote_id, row.user)
        if sure and after is not None and after.backdrops == 1:
            await self._playlists.save_remote(
                replace(row, cover_hash=name, cover_seen=after.images)
            )

    def _may_anything(self, one: JellyfinList) -> bool:
        return any(
            self._client(operation, one)
            for operation in (JellyfinOperation.TAGS, JellyfinOperation.COVER)
        )

    def _client(self, operation: JellyfinOperation, one: JellyfinList) -> JellyfinClient | None:
        """Who may do this with the playlist, unless it was refused before."""
        if operation in self._closed:
            return None
        best = self._listing.visit.credentials.best_for(
            operation, one.user, shared_with=one.owned.shares
        )
        return None if best is None else self._listing.visit.client(best)
