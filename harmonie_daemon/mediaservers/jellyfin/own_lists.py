"""The playlists of a Jellyfin server's users, changed for them entry by entry.

Entries are removed and added, by the owner's token or by an API key from 10.11 on: the request
that replaces everything at once empties the list first, and a server that stops there would have
lost the seeds. Who owns a playlist no answer says: ``CanDelete`` is true for its owner and for
administrators, and another administrator's playlist is told from one's own in ``_owned_by_admin``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from harmonie_daemon.mediaservers.jellyfin.credentials import JellyfinOperation
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.listing import TARGET
from harmonie_daemon.mediaservers.jellyfin.marks import TagMarks
from harmonie_daemon.mediaservers.jellyfin.visit import Visit, login_command
from harmonie_daemon.mediaservers.jellyfin.wire import RemoteItem, User
from harmonie_daemon.mediaservers.own_lists import (
    LONGEST_LIST_NAME,
    MOST_ENTRIES,
    MOST_LISTS,
    OwnList,
    Person,
    TooLongListError,
    kept_in_place,
)
from harmonie_daemon.store.playlists import Playlists

ASKED_AGAIN_S = 300.0
"""For so long it is not asked again who we are there."""
_EDIT, _READ = JellyfinOperation.EDIT_PLAYLIST, JellyfinOperation.READ_ENTRIES


class JellyfinOwnLists:
    """One server; see ``own_lists.OwnLists``."""

    target = TARGET
    title = "Jellyfin"

    def __init__(self, keyring: Keyring, playlists: Playlists) -> None:
        self._keyring = keyring
        self._playlists = playlists
        self._users: tuple[User, ...] = ()

    async def people(self) -> Sequence[Person]:
        """The users whose playlists we can read."""
        visit = await self._visit()
        asking = visit.credentials.best_for(JellyfinOperation.USERS)
        if asking is None:
            return []
        self._users = await visit.client(asking).users()
        return [
            Person(user.id, user.name, _obstacle(visit, user))
            for user in self._users
            if visit.credentials.best_for(_READ, user.id) is not None
        ]

    async def lists(
        self, person: Person, is_wanted: Callable[[str], bool], known: Collection[str]
    ) -> Sequence[OwnList]:
        """Their own playlists whose names are wanted."""
        client = (await self._visit()).client_for(_READ, person.id)
        ours = {row.remote_id for row in await self._playlists.remotes(TARGET)}
        theirs: list[RemoteItem] = []
        async for item in client.deletable_playlists(person.id):
            if item.id not in ours and not TagMarks.are_on(item.tags) and is_wanted(item.name):
                theirs.append(item)
            if len(theirs) == MOST_LISTS:
                break
        user = next((one for one in self._users if one.id == person.id), None)
        if user is None:
            return []
        if user.is_admin:
            undecided = [item for item in theirs if item.id not in known]
            settled = {item.id for item in await self._owned_by_admin(user, undecided)}
            theirs = [item for item in theirs if item.id in known or item.id in settled]
        return [OwnList(item.id, item.name[:LONGEST_LIST_NAME], item.etag) for item in theirs]

    async def contents(self, person: Person, list_id: str) -> tuple[str, ...]:
        """The ids of a list's tracks, in order."""
        client = (await self._visit()).client_for(_READ, person.id)
        found = await client.entries(list_id, person.id, most=MOST_ENTRIES)
        if len(found) > MOST_ENTRIES:
            raise TooLongListError
        return tuple(found)

    async def visible(self, person: Person, ids: Sequence[str]) -> Collection[str]:
        """Which of these tracks there are for the person."""
        return await (await self._visit()).client_for(_READ, person.id).items(ids, person.id)

    async def rewrite(
        self, person: Person, list_id: str, contents: Sequence[str], wanted: Sequence[str]
    ) -> None:
        """Bring a list from these contents to those wanted.

        What is in both but elsewhere goes first, for one that is there is not added again before
        Jellyfin 12; then come the new ones, and what is in the way goes last, so that the list is
        never empty in between. Something is removed before anything is added: where that is
        refused, the list would only grow.
        """
        client = (await self._visit()).client_for(_EDIT, person.id)
        kept = kept_in_place(contents, wanted)
        stays, comes = set(wanted[:kept]), dict.fromkeys(wanted[kept:])
        moved = [one for one in dict.fromkeys(contents) if one in comes]
        stale = [one for one in dict.fromkeys(contents) if one not in stays and one not in comes]
        first = moved or stale[:1]
        await client.remove_entries(list_id, first)
        await client.add_entries(list_id, list(comes), person.id)
        await client.remove_entries(list_id, [one for one in stale if one not in first])

    async def _owned_by_admin(
        self, admin: User, undecided: Sequence[RemoteItem]
    ) -> Sequence[RemoteItem]:
        """Those that are the administrator's own, and no other user's that they may delete, too.

        Their own token is told; otherwise everybody else is looked at. One that another
        administrator sees as well may be either's, and is nobody's.
        """
        if not undecided:
            return ()
        visit = await self._visit()
        token = visit.credentials.of(admin.id)
        if token is not None:
            client = visit.client(token)
            return [item for item in undecided if await client.owns_playlist(item.id)]
        others: set[str] = set()
        ids = [item.id for item in undecided]
        for user in self._users:
            if user.id != admin.id:
                client = visit.client_for(_READ, user.id)
                seen = await client.items(ids, user.id, fields=("CanDelete",))
                others |= {one.id for one in seen.values() if one.can_delete}
        return [item for item in undecided if item.id not in others]

    async def _visit(self) -> Visit:
        return await self._keyring.visit(max_age_s=ASKED_AGAIN_S)


def _obstacle(visit: Visit, user: User) -> str:
    if visit.credentials.best_for(_EDIT, user.id) is not None:
        return ""
    if visit.credentials.key is not None:
        return (
            f"Jellyfin {visit.server.version_text} lets an API key change no playlist: "
            f"run {login_command(user.name)}, or update Jellyfin to 10.11"
        )
    return str(visit.login_needed(_EDIT, user.id))
