"""Listeners' own playlists at a server: looked at once a day, and read where they have changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping

from harmonie_daemon.domain.errors import (
    HarmonieError,
    MediaServerError,
    ParameterError,
    TooManyListenersError,
)
from harmonie_daemon.domain.listening import ListenerKey, listener_key
from harmonie_daemon.mediaservers.errors import MissingError, RefusedError
from harmonie_daemon.mediaservers.own_lists import OwnLists, Person, TooLongListError
from harmonie_daemon.store.listener_lists import ListenerLists, UnreadList
from harmonie_daemon.store.playlists import Playlists

MOST_READ = 200
"""Lists of one server that are read in a day, three requests each at the most; the others have
their turn on the next days."""
EVERY_S = 3600.0
"""Between looks whether a day has begun, or a server that was away is there again."""
MOST_BROKEN = 3
"""People whose lists cannot be looked at, after whom the server is left alone for now."""
READ_AGAIN_S = 30 * 86_400.0
"""A list that has not changed is read again after so long: tracks of it may have been away."""

_log = logging.getLogger(__name__)


class ListReading:
    """One server's, one request at a time. Whatever breaks off leaves what was known.

    No list is asked for more than once a day.
    """

    def __init__(
        self,
        server: OwnLists,
        lists: ListenerLists,
        made: Playlists,
        clock: Callable[[], float],
        *,
        ignored: frozenset[ListenerKey],
        is_due: Callable[[float], bool],
        is_wanted: Callable[[str], bool],
    ) -> None:
        """``made``: what bears the name of one of these is none of a listener's own.

        ``is_due`` says whether a day has begun since a Unix time, ``is_wanted`` whether a list of
        this name says anything of a taste.
        """
        self._server = server
        self._lists = lists
        self._made = made
        self._clock = clock
        self._ignored = ignored
        self._is_due = is_due
        self._is_wanted = is_wanted
        self._day_began_at: float | None = None
        self._is_looked = False
        """Whether all lists of this day are known."""
        self._left = MOST_READ

    async def run(self) -> None:
        """Until cancelled; whatever happens, it goes on."""
        while True:
            try:
                await self.round()
            except HarmonieError as error:
                _log.info("own playlists of listeners are as they were: %s", error)
            await asyncio.sleep(EVERY_S)

    async def round(self) -> int:
        """Look who has which lists if that is not done today, and read what is unread; how many.

        Raises ``MediaServerError`` when the server cannot be asked, which may be in the middle,
        and ``StoreError``.
        """
        if self._day_began_at is None or self._is_over(self._day_began_at):
            self._day_began_at, self._is_looked, self._left = self._clock(), False, MOST_READ
        if self._is_looked and not await self._unread():
            return 0
        people = await self._people()
        if not self._is_looked:
            self._is_looked = await self._look(people)
        return await self._read(people)

    def _is_over(self, began_at: float) -> bool:
        """Whether another day has begun; so it has where our clock was put back since."""
        return began_at > self._clock() or self._is_due(began_at)

    async def _people(self) -> Mapping[ListenerKey, Person]:
        """The users of the server of whom anything is kept."""
        found = {}
        for person in await self._server.people():
            try:
                found[listener_key(person.name)] = person
            except ParameterError:
                continue
        return {key: one for key, one in found.items() if key not in self._ignored}

    async def _look(self, people: Mapping[ListenerKey, Person]) -> bool:
        """Whether it is known of everybody which lists they have, as far as anybody may ask."""
        made = {one.name for one in await self._made.all()}
        broken = 0
        for person in people.values():
            try:
                await self._look_at(person, made)
            except (MissingError, RefusedError, TooManyListenersError) as error:
                _log.info("own playlists of %r are as they were: %s", person.name, error)
            except MediaServerError:
                broken += 1
                if broken == MOST_BROKEN:
                    raise
        return not broken

    async def _look_at(self, person: Person, made: Collection[str]) -> None:
        looked_at = await self._lists.looked_at(person.name)
        if looked_at is not None and not self._is_over(looked_at):
            return
        found = await self._server.lists(
            person,
            lambda name: name not in made and self._is_wanted(name),
            await self._lists.ids(person.name),
        )
        now = self._clock()
        # of a list without a mark nobody knows whether it has changed
        marks = {one.id: one.mark or f"as of {now:.0f}" for one in found}
        await self._lists.show(person.name, marks, now)

    async def _read(self, people: Mapping[ListenerKey, Person]) -> int:
        read = 0
        for one in await self._unread():
            person = people.get(listener_key(one.listener))
            if person is None:  # or they would be in the way of others
                await self._lists.note_tried(one)
                continue
            self._left -= 1
            try:
                await self._read_one(person, one)
            except MediaServerError as error:
                await self._lists.note_tried(one)
                if not isinstance(error, (MissingError, RefusedError)):
                    raise
            else:
                read += 1
        return read

    async def _read_one(self, person: Person, one: UnreadList) -> None:
        try:
            items = await self._server.contents(person, one.remote_id)
        except TooLongListError:  # a collection rather than a choice
            await self._lists.save(one, None, self._clock())
        else:
            await self._lists.save(one, items, self._clock())

    async def _unread(self) -> list[UnreadList]:
        return await self._lists.unread(self._clock() - READ_AGAIN_S, self._left)
