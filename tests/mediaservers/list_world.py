"""Listeners' own playlists at a stand-in, and rounds that read them."""

from __future__ import annotations

from typing import Any

from harmonie_daemon.app.listening import is_chosen_by_hand
from harmonie_daemon.mediaservers.listening.list_reading import ListReading
from harmonie_daemon.mediaservers.own_lists import OwnLists
from harmonie_daemon.store.listener_lists import ListenerLists
from harmonie_daemon.store.plays import Plays
from tests.mediaservers.world import Store

DAY_S = 86_400.0
ENTRIES = "/Playlists/[^/]+/Items"


class Reader:
    """As the daemon reads one server, but for the time of day."""

    def __init__(self, store: Store, server: OwnLists, **options: Any) -> None:
        self.clock = store.clock
        self.plays = Plays(store.database, store.clock)
        self._reading = ListReading(
            server,
            ListenerLists(store.database, server.target),
            store.playlists,
            store.clock,
            **{
                "ignored": frozenset(),
                "is_due": lambda since: self.clock() - since >= DAY_S,
                "is_wanted": is_chosen_by_hand,
                **options,
            },
        )

    async def round(self, after_s: float = 60.0) -> int:
        self.clock.now += after_s
        return await self._reading.round()

    async def counts(self, listener: str = "alice") -> dict[int, int]:
        return {int(id_): n for id_, n in (await self.plays.in_own_lists(listener)).items()}
