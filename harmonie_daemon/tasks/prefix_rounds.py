"""Playlists that people ask for by their names, looked at again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.own_lists import OwnLists, Person
from harmonie_daemon.playlists.prefixes import wish_of
from harmonie_daemon.store.prefix_lists import PrefixList, PrefixLists
from harmonie_daemon.tasks.prefix_filling import (
    LONGEST_DELAY_S,
    Fill,
    Filling,
    KnownItems,
    WishedList,
)

MOST_LOOKS = 100
"""Lists of one server whose contents are read in one round; the others have their turn in the
next ones, those first that were looked at longest ago."""
SETTLED_S = 5.0
"""A list that somebody changes is left alone until it has stayed the same for so long."""
FORGOTTEN_S = 30 * 86_400.0
"""A list that the server did not name for so long is gone; before, it may only be starting."""
UNMADE_S = 900.0
"""What could not be made of a list is tried again then: its tracks may have been heard by now."""

_log = logging.getLogger(__name__)


class PrefixRounds:
    """Goes round the lists of one server; a round may be cancelled at any moment."""

    def __init__(
        self,
        server: OwnLists,
        rows: PrefixLists,
        known: KnownItems,
        fill: Fill,
        clock: Callable[[], float],
        *,
        is_missed: Callable[[float], bool],
        users: Collection[str] = (),
        most_seeds: int = 5,
        settle: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """``users``: names or ids of those whose lists are looked at; none: everybody's.

        ``is_missed`` says whether the time to refresh has come since a Unix time.
        """
        self._server = server
        self._rows = rows
        self._clock = clock
        self._filling = Filling(server, rows, known, fill, clock, most_seeds)
        self._is_missed = is_missed
        self._users = {user.strip().casefold() for user in users}
        self._settle = settle or _a_moment
        self._told: dict[str, str] = {}

    async def round(self) -> int:
        """Look at the lists and fill those that ask for it; how many were filled.

        Whatever fails leaves its list as it is, is said once, and is tried again later. Raises
        ``StoreError``.
        """
        try:
            people = [one for one in await self._server.people() if self._is_chosen(one)]
        except MediaServerError as error:
            self._tell("", f"playlists are not looked at: {error}")
            return 0
        self._told.pop("", None)
        rows = await self._rows.of(self._server.target)
        lists = [one for person in people for one in await self._lists_of(person, rows)]
        now = self._clock()
        await self._rows.seen(self._server.target, [one.found.id for one in lists], now)
        await self._rows.forget_unseen(self._server.target, now - FORGOTTEN_S)
        turn = sorted((one for one in lists if not _has_to_wait(one, now)), key=_turn)[:MOST_LOOKS]
        await self._rows.looked_at(self._server.target, [one.found.id for one in turn], now)
        return await self._look_at(turn)

    async def _look_at(self, turn: Sequence[WishedList]) -> int:
        filled = 0
        changed: list[tuple[WishedList, tuple[str, ...]]] = []
        for one in turn:
            contents = await self._contents(one)
            if contents is None:
                continue
            is_changed = one.row.snapshot != one.snapshot(contents)
            if one.is_new or one.is_unfinished or (self._is_due(one) and not is_changed):
                filled += await self._filling.refresh(one, contents)
            elif is_changed:
                changed.append((one, contents))
        if changed:
            await self._settle()
        for one, seen in changed:
            if await self._contents(one) == seen:
                filled += await self._filling.refresh(one, seen)
        return filled

    async def _lists_of(self, person: Person, rows: Mapping[str, PrefixList]) -> list[WishedList]:
        known = {row.remote_id for row in rows.values() if row.owner == person.id}
        try:
            found = await self._server.lists(person, _is_wish, known)
        except MediaServerError as error:
            self._tell(person.id, f"playlists of {person.name!r} are not looked at: {error}")
            return []
        if found and person.obstacle:
            self._tell(person.id, person.obstacle)
            return []
        self._told.pop(person.id, None)
        lists = []
        for one in found:
            wish, row = wish_of(one.name), rows.get(one.id)
            if row is None or row.owner != person.id:
                row = PrefixList(self._server.target, one.id, person.id)
            if wish is not None:
                lists.append(WishedList(person, one, wish, row))
        return lists

    async def _contents(self, one: WishedList) -> tuple[str, ...] | None:
        try:
            return await self._server.contents(one.person, one.found.id)
        except MediaServerError as error:
            await self._filling.put_off(one, error)
            return None

    def _is_due(self, one: WishedList) -> bool:
        refreshed_at = one.row.refreshed_at
        is_unmade = bool(one.row.problem) and refreshed_at + UNMADE_S <= self._clock()
        return is_unmade or self._is_missed(refreshed_at)

    def _is_chosen(self, person: Person) -> bool:
        return not self._users or bool({person.name.casefold(), person.id.casefold()} & self._users)

    def _tell(self, about: str, words: str) -> None:
        """Say something, once."""
        if self._told.get(about) != words:
            self._told[about] = words
            _log.warning("%s: %s", self._server.target, words)


def _is_wish(name: str) -> bool:
    return wish_of(name) is not None


def _has_to_wait(one: WishedList, now: float) -> bool:
    """After a failure; longer than ever only where our clock was wrong then."""
    return 0 < one.row.due_at - now <= LONGEST_DELAY_S


def _turn(one: WishedList) -> tuple[bool, bool, float, str]:
    """What is unfinished first, then what is new, then what was not looked at for longest."""
    return not one.is_unfinished, not one.is_new, one.row.looked_at, one.found.id


async def _a_moment() -> None:
    await asyncio.sleep(SETTLED_S)
