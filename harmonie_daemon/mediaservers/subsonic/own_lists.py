"""The playlists of our account on a Subsonic server, changed for its owner.

Its lists alone may be changed. A request replaces the contents as a whole, seeds first; a server
that stops in the middle is told them again by whoever remembers them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from harmonie_daemon.mediaservers.errors import TooLargeError
from harmonie_daemon.mediaservers.own_lists import (
    LONGEST_LIST_NAME,
    MOST_ENTRIES,
    MOST_LISTS,
    OwnList,
    Person,
    TooLongListError,
)
from harmonie_daemon.mediaservers.subsonic.client import SubsonicClient
from harmonie_daemon.mediaservers.subsonic.listing import TARGET, Marks
from harmonie_daemon.store.playlists import Playlists


class SubsonicOwnLists:
    """One server and one account; see ``own_lists.OwnLists``."""

    target = TARGET
    title = "the Subsonic server"

    def __init__(self, client: SubsonicClient, user: str, playlists: Playlists) -> None:
        self._client = client
        self._user = user
        self._playlists = playlists
        self._counts: dict[str, int] = {}

    async def people(self) -> Sequence[Person]:
        """The account, once the server takes our login."""
        await self._client.greet()
        return [Person(self._user, self._user)]

    async def lists(
        self, person: Person, is_wanted: Callable[[str], bool], known: Collection[str]
    ) -> Sequence[OwnList]:
        """Its playlists whose names are wanted, but for those that the server fills itself."""
        ours = {row.remote_id for row in await self._playlists.remotes(TARGET)}
        mine = self._user.casefold()
        theirs = [
            one
            for one in await self._client.playlists()
            if (not one.owner or one.owner.casefold() == mine)
            and one.id not in ours
            and not Marks.are_on(one.comment)
            and not one.is_readonly
            and is_wanted(one.name)
        ][:MOST_LISTS]
        self._counts = {one.id: one.count or 0 for one in theirs}
        return [OwnList(one.id, one.name[:LONGEST_LIST_NAME], one.mark) for one in theirs]

    async def contents(self, person: Person, list_id: str) -> tuple[str, ...]:
        """The ids of a list's songs, in order."""
        if self._counts.get(list_id, 0) > MOST_ENTRIES:
            raise TooLongListError
        try:
            found = await self._client.entries(list_id)
        except TooLargeError as error:
            raise TooLongListError from error
        if len(found) > MOST_ENTRIES:
            raise TooLongListError
        return tuple(found)

    async def visible(self, person: Person, ids: Sequence[str]) -> Collection[str]:
        """All of them: what is not there has the whole request refused."""
        return ids

    async def rewrite(
        self, person: Person, list_id: str, contents: Sequence[str], wanted: Sequence[str]
    ) -> None:
        """Bring a list from these contents to those wanted."""
        await self._client.replace(list_id, wanted)
