"""One push to one place: every playlist, one after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Generic

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.errors import (
    BadTokenError,
    LoginNeededError,
    UnavailableError,
)
from harmonie_daemon.mediaservers.push import PushReport
from harmonie_daemon.mediaservers.shelf import Change, Holding, ListT, Place, Shelf, Stock
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemoteState


class Delivery(Generic[ListT]):
    """One push under way: what has been done, and what could not be."""

    def __init__(self, place: Place[ListT], shelf: Shelf[ListT], playlists: Playlists) -> None:
        self._place = place
        self._shelf = shelf
        self._playlists = playlists
        self._changes: Counter[Change] = Counter()
        self._removed = 0
        self._retry = False
        self.problems: list[str] = []

    def report(self, *, unmatched: int, retry: bool = False) -> PushReport:
        """What this push did; ``retry``: there are further reasons to try again soon."""
        return PushReport(
            created=self._changes["created"],
            updated=self._changes["updated"],
            unchanged=self._changes["unchanged"],
            removed=self._removed,
            unmatched=unmatched,
            problems=tuple(dict.fromkeys(self.problems)),
            retry=self._retry or retry,
        )

    async def put(self, wanted: ListT, stock: Stock) -> None:
        """Make or change a playlist; one that fails does not keep the others from it."""
        try:
            change = await self._shelf.put(wanted, stock)
        except MediaServerError as error:
            await self._note(wanted.name, error)
        else:
            self._changes[change] += 1

    async def remove_unwanted(
        self, wanted: Collection[Holding], undecided: Collection[str] = ()
    ) -> None:
        """Delete those playlists of ours that nobody wants any more.

        ``undecided`` are the keys of those of which that is not known.
        """
        rows = await self._playlists.remotes(self._place.target)
        in_use = {row.remote_id for row in rows if row.in_place}
        coming = {
            (row.key, row.user) for row in rows if row.state is RemoteState.UNCONFIRMED
        }.intersection(wanted)
        for row in rows:
            holding = row.key, row.user
            if row.key in undecided or holding in (wanted if row.in_place else coming):
                continue
            if not row.in_place and row.remote_id in in_use:
                await self._playlists.forget_remote(row)
                continue
            try:
                self._removed += await self._shelf.remove(row)
            except MediaServerError as error:
                await self._note(row.name, error)

    async def _note(self, name: str, error: MediaServerError) -> None:
        """Keep a problem with this playlist and go on; raise when it is the whole place's."""
        if isinstance(error, BadTokenError | UnavailableError):
            await self._place.require_usable()
            self._retry = True
        is_everybodys = isinstance(error, LoginNeededError)  # one line for all playlists of a user
        self.problems.append(str(error) if is_everybodys else f"{name!r}: {error}")
