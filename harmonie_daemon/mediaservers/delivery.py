"""One push to one place: every playlist, one after another; or what it would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.errors import (
    BadTokenError,
    LoginNeededError,
    UnavailableError,
)
from harmonie_daemon.mediaservers.place import Holding, ListT, Place
from harmonie_daemon.mediaservers.planning import PlannedChange, TargetPlan, planned
from harmonie_daemon.mediaservers.push import PushReport
from harmonie_daemon.mediaservers.shelf import Change, Shelf, Stock
from harmonie_daemon.store.playlists import Playlists
from harmonie_daemon.store.records import RemotePlaylist, RemoteState


@dataclass(frozen=True, slots=True)
class Order(Generic[ListT]):
    """What a place is to have, in its own words."""

    lists: tuple[ListT, ...]
    holdings: frozenset[Holding]
    """Who is to have what, lost ones and those of ``lists``."""
    lost: tuple[ListT, ...] = ()
    """Playlists of which the place has no track: they are left as they were."""
    undecided: frozenset[str] = frozenset()
    """Keys of playlists of which is not known who is to have them: none is removed."""
    unmatched: int = 0
    """Tracks that the place does not have."""
    problems: tuple[str, ...] = ()
    retry: bool = False
    """Whether there are reasons to try again soon."""


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

    async def deliver(self, order: Order[ListT], stock: Stock) -> PushReport:
        """Bring the place to what was ordered."""
        self.problems += order.problems
        for one in order.lists:
            await self.put(one, stock)
        for one in order.lost:
            await self._shelf.put_back(one)
        await self.remove_unwanted(order.holdings, order.undecided)
        return self.report(unmatched=order.unmatched, retry=order.retry)

    async def plan(self, order: Order[ListT], stock: Stock) -> TargetPlan:
        """What ``deliver`` would do. Asks the place, and changes nothing, here or there."""
        self.problems += order.problems
        changes: list[PlannedChange] = []
        for one in order.lists:
            try:
                decision = await self._shelf.decide(one, stock)
                before = () if decision.row is None else await self._shelf.contents(decision.row)
            except MediaServerError as error:
                await self._note(one.name, error)
            else:
                changes.append(planned(one, decision, before))
        for row in await self._unwanted(order.holdings, order.undecided):
            try:
                is_there = row.in_place and await self._place.find(row) is not None
            except MediaServerError as error:
                await self._note(row.name, error)
            else:
                gone = PlannedChange(
                    row.key, row.name, row.user, "removed", 0, len(row.contents or ())
                )
                changes += [gone] if is_there else []
        problems = tuple(dict.fromkeys(self.problems))
        return TargetPlan(tuple(changes), unmatched=order.unmatched, problems=problems)

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
        """Make or change a playlist; one that fails does not keep the others from it.

        One that a failure leaves half done gets its former tracks back, if the place is there.
        """
        try:
            change = await self._shelf.put(wanted, stock)
        except MediaServerError as error:
            await self._note(wanted.name, error)
            await self._shelf.put_back(wanted)
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
        for row in await self._unwanted(wanted, undecided):
            if not row.in_place and row.remote_id in in_use:
                await self._playlists.forget_remote(row)
                continue
            try:
                self._removed += await self._shelf.remove(row)
            except MediaServerError as error:
                await self._note(row.name, error)

    async def standing(self, key: str) -> list[tuple[RemotePlaylist, Sequence[str]]]:
        """What there is of a playlist at the place, and what is in it; raises as the place does."""
        rows = await self._playlists.remotes(self._place.target)
        found = [row for row in rows if row.key == key and row.in_place]
        return [(row, await self._shelf.contents(row)) for row in found]

    async def let_go(self, key: str) -> None:
        """Delete a playlist, and leave every other as it is."""
        rows = await self._playlists.remotes(self._place.target)
        await self.remove_unwanted((), {row.key for row in rows if row.key != key})

    async def _unwanted(
        self, wanted: Collection[Holding], undecided: Collection[str]
    ) -> Sequence[RemotePlaylist]:
        """What of ours is not wanted, or stands where another has taken its place."""
        rows = await self._playlists.remotes(self._place.target)
        coming = {
            (row.key, row.user) for row in rows if row.state is RemoteState.UNCONFIRMED
        }.intersection(wanted)
        return [
            row
            for row in rows
            if row.key not in undecided
            and (row.key, row.user) not in (wanted if row.in_place else coming)
        ]

    async def _note(self, name: str, error: MediaServerError) -> None:
        """Keep a problem with this playlist and go on; raise when it is the whole place's."""
        if isinstance(error, BadTokenError | UnavailableError):
            await self._place.require_usable()
            self._retry = True
        is_everybodys = isinstance(error, LoginNeededError)  # one line for all playlists of a user
        self.problems.append(str(error) if is_everybodys else f"{name!r}: {error}")
