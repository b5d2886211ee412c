"""Our playlists at one place, made, changed and removed, and their rows in our table, in step.

Our own table says which playlists are ours there, and in which state. A row is written before the
place is touched, so that whatever breaks in between is noticed and mended by the next push.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.errors import (
    BadTokenError,
    MissingError,
    RefusedError,
    UnavailableError,
)
from harmonie_daemon.mediaservers.place import Holding, ListT, Place, RemoteList, Seen
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState

Change = Literal["created", "updated", "unchanged"]
PUT_BACK_PATIENCE_S = 30.0
"""A server that takes longer for a list of some tracks will not do it now."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stock:
    """Which of the playlists in question are at the place."""

    rows: Mapping[Holding, RemotePlaylist]
    """Those in place, by key and user."""
    seen: Seen


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of a playlist."""

    change: Change
    row: RemotePlaylist | None
    """Of the one that is there."""


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

    async def decide(self, wanted: ListT, stock: Stock) -> Decision:
        """What ``put`` would do. Asks the place, and changes nothing anywhere."""
        row = stock.rows.get((wanted.key, wanted.user))
        if row is not None and row.remote_id not in stock.seen.standing:
            row = await self._place.find(row, wanted)
        if row is None:
            return Decision("created", None)
        if _is_as_wanted(row, wanted) and row.remote_id not in stock.seen.altered:
            return Decision("unchanged", row)
        return Decision("updated", row)

    async def put(self, wanted: ListT, stock: Stock) -> Change:
        """Bring one playlist to its wanted state, under the id it has if there is a way."""
        decision = await self.decide(wanted, stock)
        if decision.row is None:
            await self._create(wanted)
            return decision.change
        if decision.row != stock.rows.get((wanted.key, wanted.user)):
            await self._playlists.save_remote(decision.row)
        if decision.change == "updated":
            await self._change(wanted, decision.row)
        return decision.change

    async def put_back(self, wanted: ListT) -> None:
        """Where a change broke off half-way and cannot be completed now, undo it.

        The row still says that it is unfinished: the next push looks again, at name and shares,
        too. Never raises ``MediaServerError``: that push sees to it, if this fails.
        """
        holding = wanted.key, wanted.user
        rows = await self._playlists.remotes(self._place.target)
        row = next((one for one in rows if one.in_place and (one.key, one.user) == holding), None)
        if row is None or row.state is not RemoteState.UNFINISHED or not row.contents:
            return
        try:
            async with asyncio.timeout(PUT_BACK_PATIENCE_S):
                standing = tuple(await self._place.read(row))
                if standing != row.contents and not (standing and standing == wanted.ids):
                    await self._place.put_back(row, row.contents)
                    _log.info("%s: %r has its former tracks again", row.target, row.name)
        except (MediaServerError, TimeoutError) as error:
            _log.info("%s: %r stays as it is for now: %s", row.target, row.name, error)

    async def contents(self, row: RemotePlaylist) -> Sequence[str]:
        """What is in a playlist of ours, as remembered, or as it is where that is in doubt."""
        if row.contents is None or row.state is not RemoteState.CURRENT:
            return await self._place.read(row)
        return row.contents

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
            wanted.ids,
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
        await self._playlists.save_remote(
            replace(
                row,
                name=wanted.name,
                content_hash=wanted.content_hash,
                contents=wanted.ids,
                pushed_at=self._clock(),
                state=RemoteState.CURRENT,
            )
        )

    async def _replace_by_new(self, wanted: ListT, row: RemotePlaylist) -> None:
        """Create first, then delete what it replaces; the new playlist has a new id."""
        await self._create(wanted, instead_of=row)
        await self.remove(replace(row, state=RemoteState.SUPERSEDED))


def _is_as_wanted(row: RemotePlaylist, wanted: RemoteList) -> bool:
    is_current = row.state is RemoteState.CURRENT
    return is_current and (row.content_hash, row.name) == (wanted.content_hash, wanted.name)
