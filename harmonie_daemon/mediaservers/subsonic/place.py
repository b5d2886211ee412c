"""A Subsonic server as a place for playlists: the ways of making and changing one there."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.playlist import SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.errors import MissingError, UnavailableError
from harmonie_daemon.mediaservers.place import Seen, content_hash
from harmonie_daemon.mediaservers.recovery import Recovery
from harmonie_daemon.mediaservers.subsonic.client import IDS_IN_AN_ADDRESS, SubsonicClient
from harmonie_daemon.mediaservers.subsonic.listing import TARGET, Marks, SubsonicListing
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SubsonicList:
    """A playlist in the server's own ids; see ``place.RemoteList``."""

    playlist: SavedPlaylist
    user: str
    ids: tuple[str, ...]
    """Each once."""

    @property
    def key(self) -> str:
        """Of the playlist."""
        return self.playlist.key

    @property
    def name(self) -> str:
        """The title people see."""
        return self.playlist.name

    @property
    def content_hash(self) -> str:
        """Digest of the contents."""
        return content_hash(self.ids)

    @property
    def is_lost(self) -> bool:
        """Whether the server has none of its tracks."""
        return bool(self.playlist.track_ids) and not self.ids


def translated(
    playlist: SavedPlaylist, user: str, found: Mapping[TrackId, str], most: int
) -> SubsonicList:
    """The first ``most`` of its tracks that the server has, by the server's ids."""
    ids = dict.fromkeys(found[track] for track in playlist.track_ids if track in found)
    return SubsonicList(playlist, user, tuple(islice(ids, most)))


class SubsonicPlace:
    """One server and our account there; see ``place.Place``."""

    target = TARGET

    def __init__(
        self,
        client: SubsonicClient,
        listing: SubsonicListing,
        playlists: Playlists,
        marks: Marks,
        *,
        public: bool,
    ) -> None:
        self._client = client
        self._listing = listing
        self._recovery = Recovery(listing, playlists)
        self._marks = marks
        self._public = public

    async def look(self, rows: Collection[RemotePlaylist]) -> Seen:
        """Which of our playlists the server shows, and which of them have lost their tracks."""
        return await self._listing.look(rows)

    async def find(
        self, row: RemotePlaylist, wanted: SubsonicList | None = None
    ) -> RemotePlaylist | None:
        """The row of the playlist as it is there, ``None`` when there surely is none."""
        return await self._recovery.find(row, wanted)

    async def new_id(self, wanted: SubsonicList) -> str:
        """Empty: the server gives one."""
        return ""

    async def create(self, wanted: SubsonicList, remote_id: str) -> str:
        """Make it; returns its id.

        Until it is finished it is called by our words for it: wherever that breaks off, it is
        known again.
        """
        words = self._marks.words(wanted.key)
        made = await self._client.create(words, wanted.ids)
        playlist = made.id if made is not None else await self._called(words)
        try:
            await self._client.complete(playlist, wanted.ids)
            await self._describe(playlist, wanted)
        except MediaServerError as error:  # a refusal would say that there is none
            raise UnavailableError(f"it was made, but not finished: {error}") from error
        return playlist

    async def change(self, wanted: SubsonicList, row: RemotePlaylist) -> bool:
        """Change it under its id, which every Subsonic server can."""
        await self._client.replace(row.remote_id, wanted.ids)
        await self._describe(row.remote_id, wanted)
        is_in_doubt = row.state is not RemoteState.CURRENT or len(wanted.ids) > IDS_IN_AN_ADDRESS
        if is_in_doubt:
            contents = tuple(await self._client.entries(row.remote_id))
            if contents != wanted.ids:
                raise UnavailableError("the server accepts the change but has not made it")
        return True

    async def read(self, row: RemotePlaylist) -> Sequence[str]:
        """What is in it now."""
        return await self._client.entries(row.remote_id)

    async def put_back(self, row: RemotePlaylist, contents: Sequence[str]) -> None:
        """Give it these tracks again under its id."""
        await self._client.replace(row.remote_id, contents)

    async def delete(self, row: RemotePlaylist) -> None:
        """Delete it; ``row`` was found to be ours a moment ago."""
        try:
            await self._client.delete(row.remote_id)
        except MissingError:
            return
        if await self._listing.is_there(row):
            raise UnavailableError("the server accepts its deletion but goes on showing it")

    async def require_usable(self) -> None:
        """Raise when the server does not take our login."""
        await self._client.greet()

    async def _called(self, words: str) -> str:
        """The playlist that an older server made without saying which it is."""
        for item in await self._client.playlists():
            if item.name == words:
                return item.id
        raise UnavailableError("the server says it made the playlist, but does not show it")

    async def _describe(self, playlist_id: str, wanted: SubsonicList) -> None:
        comment = self._marks.words(wanted.key)
        await self._client.describe(
            playlist_id,
            name=wanted.name,
            comment=comment,
            public=self._public and wanted.playlist.user is None,
        )
