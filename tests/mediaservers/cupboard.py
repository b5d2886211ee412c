"""A third kind of server, as plain as one can be: what a place has to do, and no more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from harmonie_daemon.mediaservers.errors import MissingError, RefusedError, UnavailableError
from harmonie_daemon.mediaservers.place import Seen, content_hash
from harmonie_daemon.mediaservers.recovery import Listed, Recovery
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist


@dataclass(frozen=True, slots=True)
class Wanted:
    """A playlist of tracks named by letters."""

    key: str
    name: str
    ids: tuple[str, ...]
    user: str = "me"

    @property
    def content_hash(self) -> str:
        return content_hash(self.ids)


@dataclass(slots=True)
class Cupboard:
    """Playlists by the ids that it gives itself; what it does next can be told."""

    standing: dict[str, Wanted] = field(default_factory=dict)
    refuses: bool = False
    loses_answers: bool = False
    """It does what it is asked, and the connection breaks before it says so."""
    makes_none: bool = False
    """Nothing is made, and no clear word said about it."""
    shows_nothing: bool = False
    can_change: bool = True
    given: int = 0

    def act(self) -> None:
        if self.refuses:
            raise RefusedError("no")

    def answer(self) -> None:
        if self.loses_answers:
            raise UnavailableError("the connection broke")


class CupboardPlace:
    """The cupboard as ``place.Place`` and ``recovery.Listing``."""

    target = title = "cupboard"

    def __init__(self, cupboard: Cupboard, playlists: Playlists) -> None:
        self._cupboard = cupboard
        self._recovery = Recovery(self, playlists)

    @property
    def shown(self) -> dict[str, Wanted]:
        return {} if self._cupboard.shows_nothing else self._cupboard.standing

    async def look(self, rows: Collection[RemotePlaylist]) -> Seen:
        return Seen(frozenset(row.remote_id for row in rows if row.remote_id in self.shown))

    async def find(
        self, row: RemotePlaylist, wanted: Wanted | None = None
    ) -> RemotePlaylist | None:
        return await self._recovery.find(row, wanted)

    async def new_id(self, wanted: Wanted) -> str:
        return ""

    async def create(self, wanted: Wanted, remote_id: str) -> str:
        self._cupboard.act()
        if self._cupboard.makes_none:
            raise UnavailableError("it is busy")
        self._cupboard.given += 1
        self._cupboard.standing[str(self._cupboard.given)] = wanted
        self._cupboard.answer()
        return str(self._cupboard.given)

    async def change(self, wanted: Wanted, row: RemotePlaylist) -> bool:
        if not self._cupboard.can_change:
            return False
        self._cupboard.act()
        if row.remote_id not in self._cupboard.standing:
            raise MissingError("no such playlist")
        self._cupboard.standing[row.remote_id] = wanted
        self._cupboard.answer()
        return True

    async def read(self, row: RemotePlaylist) -> Sequence[str]:
        return self.shown[row.remote_id].ids

    async def put_back(self, row: RemotePlaylist, contents: Sequence[str]) -> None:
        self._cupboard.act()
        standing = self._cupboard.standing[row.remote_id]
        self._cupboard.standing[row.remote_id] = replace(standing, ids=tuple(contents))

    async def delete(self, row: RemotePlaylist) -> None:
        self._cupboard.act()
        del self._cupboard.standing[row.remote_id]
        self._cupboard.answer()

    async def require_usable(self) -> None:
        """It always is."""

    async def is_there(self, row: RemotePlaylist) -> bool:
        return row.remote_id in self.shown

    async def playlists(self, user: str) -> Sequence[Listed]:
        return [Listed(id_, one.name) for id_, one in self.shown.items() if one.user == user]

    async def contents(self, playlist_id: str, user: str) -> Sequence[str]:
        return self.shown[playlist_id].ids

    async def visible(self, ids: Sequence[str], user: str) -> Collection[str]:
        return ids

    async def has_user(self, user: str) -> bool:
        return user == "me"

    async def shows_music(self) -> bool:
        return not self._cupboard.shows_nothing
