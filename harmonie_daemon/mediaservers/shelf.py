"""Our playlists at one place, made, changed and removed, and their rows in our table, in step.

Our own table says which playlists are ours there, and in which state. A row is written before the
place is touched, so that whatever breaks in between is noticed and mended by the next push.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal, Protocol, TypeVar

from harmonie_daemon.mediaservers.errors import (
    BadTokenError,
    MissingError,
    RefusedError,
    UnavailableError,
)
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState

Change = Literal["created", "updated", "unchanged"]
Holding = tuple[str, str]
"""Key of a playlist and the user who has it."""

_log = logging.getLogger(__name__)


class RemoteList(Protocol):
    """A playlist as a place is to have it."""

    @property
    def key(self) -> str:
        """Of the playlist."""

    @property
    def user(self) -> str:
        """Who has it, by the place's own id; empty where users are not told apart."""

    @property
    def name(self) -> str:
        """The title people see."""

    @property
    def content_hash(self) -> str:
        """Digest of everything in it that may change."""


ListT = TypeVar("ListT", bound=RemoteList)
ListT_contra = TypeVar("ListT_contra", bound=RemoteList, contravariant=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a place says of our playlists there."""

    standing: frozenset[str] = frozenset()
    """Ids of those that it shows; absence proves nothing yet."""
    altered: frozenset[str] = frozenset()
    """Ids of those of them that are no longer as we left them."""


class Place(Protocol[ListT_contra]):
    """Where playlists are kept: all that a server or a folder has to be able to do.

    Methods raise ``MediaServerError``.
    """

    @property
    def target(self) -> str:
        """The name its rows have in our table."""

    async def look(self, rows: Collection[RemotePlaylist]) -> Seen:
        """What is there of these, in as few questions as possible."""

    async def find(
        self, row: RemotePlaylist, wanted: ListT_contra | None = None
    ) -> RemotePlaylist | None:
        """The row of the playlist as it is there, ``None`` when there surely is none.

        ``wanted``: what it is about to become, as which it counts too.
        """

    async def new_id(self, wanted: ListT_contra) -> str:
        """The id that a new playlist will have; empty where the place gives one."""

    async def create(self, wanted: ListT_contra, remote_id: str) -> str:
        """Make it and return its id. A refusal, and nothing else, says that none was made."""

    async def change(self, wanted: ListT_contra, row: RemotePlaylist) -> bool:
        """Bring it to its wanted state under its id; ``False`` when there is no way to.

        ``row`` says what was known of it. Raises ``MissingError`` when it is gone.
        """

    async def delete(self, row: RemotePlaylist) -> None:
        """Delete it, and see that it is gone. Only a playlist of ours is ever deleted."""

    async def require_usable(self) -> None:
        """Raise when nothing can be done here, and not just not with one playlist."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Which of the playlists in question are at the place."""

    rows: Mapping[Holding, RemotePlaylist]
    """Those in place, by key and user."""
    seen: Seen


class Shelf(Generic[ListT]):
    """Keeps our playlists at one place and their rows in our table in step."""

    def __init__(
        self, place: Place[ListT], playlists: Playlists, clock: Callable[[], float]
    ) -> None:
        self._place = place
        self._playlists = playlists
        self._clock = clock

    async def stock(self, wanted: Collection[Holding]) -> Stock:
        """What we have of this at the place."""
        rows = {
            (row.key, row.user): row
            for row in await self._playlists.remotes(self._place.target)
            if row.in_place and (row.key, row.user) in wanted
        }
        return Stock(rows, await self._place.look(rows.values()))

    async def put(self, wanted: ListT, stock: Stock) -> Change:
        """Bring one playlist to its wanted state, under the id it has if there is a way."""
        row = stock.rows.get((wanted.key, wanted.user))
        if row is not None and row.remote_id not in stock.seen.standing:
            row = await self._find(row, wanted)
        if row is None:
            await self._create(wanted)
            return "created"
        if _is_as_wanted(row, wanted) and row.remote_id not in stock.seen.altered:
            return "unchanged"
        await self._change(wanted, row)
        return "updated"

    async def remove(self, row: RemotePlaylist) -> bool:
        """Delete a playlist of ours and forget it; whether people saw it go."""
        found = await self._find(row)
        if found is not None:
            await self._place.delete(found)
        await self._playlists.forget_remote(row if found is None else found)
        return found is not None and row.in_place

    async def _find(
        self, row: RemotePlaylist, wanted: ListT | None = None
    ) -> RemotePlaylist | None:
        found = await self._place.find(row, wanted)
        if found is not None and found != row:
            await self._playlists.save_remote(found)
        return found

    async def _create(self, wanted: ListT, instead_of: RemotePlaylist | None = None) -> None:
        """Make the playlist; its row stands before the request and is confirmed right after."""
        row = RemotePlaylist(
            self._place.target,
            wanted.key,
            wanted.user,
            await self._place.new_id(wanted),
            wanted.name,
            wanted.content_hash,
            self._clock(),
            RemoteState.UNCONFIRMED,
        )
        before = [] if instead_of is None else [replace(instead_of, state=RemoteState.SUPERSEDED)]
        await self._playlists.save_remote(*before, row)
        try:
            remote_id = await self._place.create(wanted, row.remote_id)
        except (RefusedError, BadTokenError):
            if instead_of is None:
                await self._playlists.forget_remote(row)
            else:
                await self._playlists.save_remote(replace(instead_of, state=RemoteState.UNFINISHED))
            raise
        await self._playlists.save_remote(
            replace(row, remote_id=remote_id, state=RemoteState.CURRENT)
        )

    async def _change(self, wanted: ListT, row: RemotePlaylist) -> None:
        """Change contents and name by the best way that is open."""
        await self._playlists.save_remote(replace(row, state=RemoteState.UNFINISHED))
        try:
            done = await self._place.change(wanted, row)
        except MissingError as error:
            if await self._find(row, wanted) is not None:
                raise UnavailableError(f"{error}, but shows the playlist") from error
            _log.info("%s: %r is gone there and is made anew", self._place.target, row.name)
            await self._create(wanted)
            return
        if not done:
            await self._replace_by_new(wanted, row)
            return
        changed = replace(row, name=wanted.name, content_hash=wanted.content_hash)
        await self._playlists.save_remote(
            replace(changed, pushed_at=self._clock(), state=RemoteState.CURRENT)
        )

    async def _replace_by_new(self, wanted: ListT, row: RemotePlaylist) -> None:
        """Create first, then delete what it replaces; the new playlist has a new id."""
        await self._create(wanted, instead_of=row)
        await self.remove(replace(row, state=RemoteState.SUPERSEDED))


def content_hash(*lists: Sequence[str]) -> str:
    """Digest of lists of ids, the tracks first."""
    return ".".join(digest(ids) for ids in lists)


def has_contents(row: RemotePlaylist, ids: Sequence[str]) -> bool:
    """Whether the ``content_hash`` of the row is that of a playlist of these tracks."""
    return row.content_hash.split(".", 1)[0] == digest(ids)


def digest(ids: Sequence[str]) -> str:
    """A short name for a list of ids in their order."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:32]


def _is_as_wanted(row: RemotePlaylist, wanted: RemoteList) -> bool:
    is_current = row.state is RemoteState.CURRENT
    return is_current and (row.content_hash, row.name) == (wanted.content_hash, wanted.name)
