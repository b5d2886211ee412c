"""Whether a playlist of ours still is on a server: asked more than once before it is given up.

A server that is just starting, or a proxy before it, may answer "no such thing" or an empty list
to anything. Who believes that makes every playlist a second time and forgets the first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from harmonie_daemon.mediaservers.errors import MissingError, RefusedError, UnavailableError
from harmonie_daemon.mediaservers.place import RemoteList, has_contents
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState

CLOCKS_DIFFER_S = 60.0
"""By so much the clock of a server may be slow."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A playlist in a server's list."""

    id: str
    name: str
    key: str | None = None
    """The key that we wrote on it when we made it, or nothing; ``None`` where the server has no
    place for that."""
    created_at: float | None = None
    """When it was made, by our clock; ``None`` where the server does not say."""

    def is_of(self, row: RemotePlaylist) -> bool:
        """Whether it is the playlist of this row: an id may have been given anew."""
        return self.id == row.remote_id and (
            self.key is None or self.key == row.key or self.name == row.name
        )


class Listing(Protocol):
    """The questions that a server answers about its playlists; it gives their ids itself.

    Methods raise ``MissingError`` where the server says that there is no such thing, and
    ``MediaServerError`` for everything else.
    """

    @property
    def target(self) -> str:
        """The name its rows have in our table."""

    @property
    def title(self) -> str:
        """What people call the server: ``Jellyfin``."""

    async def is_there(self, row: RemotePlaylist) -> bool:
        """Whether there is a playlist of this id for its user, by its own address."""

    async def playlists(self, user: str) -> Sequence[Listed]:
        """Every playlist that the user is shown."""

    async def contents(self, playlist_id: str, user: str) -> Sequence[str]:
        """The ids of its tracks, in order; ``RefusedError`` when the user may not read it."""

    async def visible(self, ids: Sequence[str], user: str) -> Collection[str]:
        """Which of these tracks the user is shown."""

    async def has_user(self, user: str) -> bool:
        """Whether there still is such a user; true when in doubt."""

    async def shows_music(self) -> bool:
        """Whether there is any track: a server that shows none is starting, or is none."""


class Recovery:
    """Finds our playlists on one server."""

    def __init__(self, server: Listing, playlists: Playlists) -> None:
        self._server = server
        self._playlists = playlists

    async def find(
        self, row: RemotePlaylist, wanted: RemoteList | None = None
    ) -> RemotePlaylist | None:
        """The row of the playlist as it is there, ``None`` when there surely is none.

        Asked for by id, then among its user's playlists by name and contents. To what only bears
        its name and contents we lay claim if we asked for it ourselves, or if it is ``wanted``
        on. Asked twice, with a control question between; ``UnavailableError`` when the server
        cannot be believed.
        """
        found = await self._look(row, wanted)
        if found is None and await self._server.has_user(row.user):
            await self._require_music(row)
            found = await self._look(row, wanted)
        return found

    async def _look(self, row: RemotePlaylist, wanted: RemoteList | None) -> RemotePlaylist | None:
        if await self._server.is_there(row):
            return row
        try:
            listed = await self._server.playlists(row.user)
        except MissingError:
            return None
        if any(item.is_of(row) for item in listed):
            return row
        elsewhere = await self._ids_of_others(row)
        marked = next(
            (item for item in listed if item.key == row.key and item.id not in elsewhere), None
        )
        if marked is not None:
            return replace(row, remote_id=marked.id, name=marked.name, state=RemoteState.UNFINISHED)
        if row.state is not RemoteState.UNCONFIRMED and wanted is None:
            return None
        return await self._alike(row, wanted, listed)

    async def _ids_of_others(self, row: RemotePlaylist) -> Collection[str]:
        """Of the same key: another user's, or one that has had its time."""
        rows = await self._playlists.remotes(self._server.target)
        return {other.remote_id for other in rows if other.key == row.key and other != row}

    async def _alike(
        self, row: RemotePlaylist, wanted: RemoteList | None, listed: Sequence[Listed]
    ) -> RemotePlaylist | None:
        """A playlist of the same name with the contents that we gave it, or began to."""
        rows = await self._playlists.remotes(self._server.target)
        known = {other.remote_id for other in rows}
        names = {row.name} if wanted is None else {row.name, wanted.name}
        for item in listed:
            if item.name not in names or item.id in known:
                continue
            try:
                contents = tuple(await self._server.contents(item.id, row.user))
            except (MissingError, RefusedError):  # another's, which is listed all the same
                continue
            as_asked = item.name == row.name and has_contents(row, contents)
            if _is_half_made(row, item, contents):
                return replace(row, remote_id=item.id, state=RemoteState.UNFINISHED)
            if contents and (as_asked or await self._as_wanted(contents, wanted)):
                is_made = as_asked and row.state is RemoteState.UNCONFIRMED
                state = RemoteState.CURRENT if is_made else RemoteState.UNFINISHED
                return replace(row, remote_id=item.id, name=item.name, state=state)
        return None

    async def _as_wanted(self, contents: tuple[str, ...], wanted: RemoteList | None) -> bool:
        """Whether these are the contents to be, or what of them its user may see."""
        if wanted is None:
            return False
        if contents == wanted.ids:
            return True
        visible = await self._server.visible(wanted.ids, wanted.user)
        return contents == tuple(one for one in wanted.ids if one in visible)

    async def _require_music(self, row: RemotePlaylist) -> None:
        """The control question: a server that shows no music now showed some before."""
        try:
            shows_music = await self._server.shows_music()
        except MissingError:
            shows_music = False
        if not shows_music:
            raise UnavailableError(
                f"{self._server.title} shows neither {row.name!r} nor any music; "
                "is it still starting?"
            )


def _is_half_made(row: RemotePlaylist, item: Listed, contents: tuple[str, ...]) -> bool:
    """Whether a creation that we asked for came so far and broke off.

    A server makes a playlist and fills it then: what is there are the first of the tracks, or none.
    One that holds none is anybody's, unless it was made after we asked.
    """
    if row.state is not RemoteState.UNCONFIRMED or not row.contents or item.name != row.name:
        return False
    if contents:
        return len(contents) < len(row.contents) and contents == row.contents[: len(contents)]
    return item.created_at is not None and row.pushed_at - CLOCKS_DIFFER_S < item.created_at
