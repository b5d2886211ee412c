"""What servers count and mark by themselves: imported once, then taken in as it changes."""

from __future__ import annotations

import logging

from harmonie_daemon.domain.errors import ParameterError, TooManyListenersError
from harmonie_daemon.domain.listening import ListenerKey, PlaySource, listener_key
from harmonie_daemon.mediaservers.catalogue import Catalogue
from harmonie_daemon.store.plays import Plays

_log = logging.getLogger(__name__)


class Counters:
    """One server's, as its catalogue has them."""

    def __init__(
        self,
        catalogue: Catalogue,
        plays: Plays,
        source: PlaySource,
        *,
        place: str,
        ignored: frozenset[ListenerKey],
    ) -> None:
        """``source`` is what its plays are from, ``place`` where its favourites are."""
        self._catalogue = catalogue
        self._plays = plays
        self._source = source
        self._place = place
        self._ignored = ignored

    async def take_in(self) -> int:
        """Take in what is new since the catalogue was last asked; returns how many new plays.

        Users whose data nobody may see are left out. Raises ``StoreError``.
        """
        new = 0
        for user in await self._catalogue.users():
            asked_at = await self._catalogue.asked_at(user.id)
            if asked_at is None or not self._is_heard(user.name):
                continue
            try:
                new += await self._take_in(user.id, user.name, asked_at)
            except TooManyListenersError as error:
                _log.warning("plays of a server are not kept: %s", error)
        return new

    async def _take_in(self, user_id: str, name: str, asked_at: float) -> int:
        favourites = await self._catalogue.favourites(user_id)
        await self._plays.set_favourites(name, favourites, asked_at, self._place)
        totals = await self._catalogue.play_totals(user_id)
        return await self._plays.note_totals(name, totals, asked_at, self._source)

    def _is_heard(self, name: str) -> bool:
        try:
            return listener_key(name) not in self._ignored
        except ParameterError:
            return False
