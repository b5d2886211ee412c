"""Which user or track an id of a Jellyfin server stands for."""

from __future__ import annotations

from collections.abc import Callable

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.mediaservers.jellyfin.credentials import JellyfinOperation
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.listening.finding import HeardItem

LAST_S = 600.0
"""For so long the list of users is believed."""
UNKNOWN_LAST_S = 30.0
"""For so long somebody who is not in it stays unknown."""
MOST_ITEMS = 1_000
"""That are remembered."""


class JellyfinFacts:
    """One server, asked now and then. Methods raise ``MediaServerError`` when nobody can say."""

    def __init__(self, keyring: Keyring | None, clock: Callable[[], float]) -> None:
        """Without a keyring there is no server to ask."""
        self._keyring = keyring
        self._clock = clock
        self._names: dict[str, str] = {}
        self._asked_at: float | None = None
        self._items: dict[str, HeardItem | None] = {}

    async def user_name(self, user_id: str) -> str | None:
        """The user's name; ``None``: there is no such user."""
        lasts_s = LAST_S if user_id in self._names else UNKNOWN_LAST_S
        if self._asked_at is None or not 0 <= self._clock() - self._asked_at <= lasts_s:
            visit = await self._given().visit(max_age_s=LAST_S, tell=False)
            users = await visit.client_for(JellyfinOperation.USERS).users()
            self._names = {user.id: user.name for user in users}
            self._asked_at = self._clock()
        return self._names.get(user_id)

    async def by_our_clock(self, at: float | None) -> float | None:
        """When something was that the server tells of by its own clock."""
        visit = await self._given().visit(max_age_s=LAST_S, tell=False)
        return visit.by_our_clock(at)

    async def item(self, item_id: str) -> HeardItem | None:
        """What an item is; ``None``: there is no such track."""
        if item_id not in self._items:
            visit = await self._given().visit(max_age_s=LAST_S, tell=False)
            client, viewer = visit.lister
            found = await client.tracks([item_id], viewer)
            while len(self._items) >= MOST_ITEMS:
                del self._items[next(iter(self._items))]
            self._items[item_id] = next(
                (
                    HeardItem(
                        one.id,
                        one.path,
                        next(iter(one.artists), None),
                        one.album,
                        one.title,
                        one.duration_s,
                    )
                    for one in found
                ),
                None,
            )
        return self._items[item_id]

    def _given(self) -> Keyring:
        if self._keyring is None:
            raise MediaServerError("no Jellyfin is configured")
        return self._keyring
