"""What is made of the messages of Jellyfin's socket."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from harmonie_daemon.domain.errors import BadRequestError, MediaServerError
from harmonie_daemon.domain.listening import ListenerKey, PlaySource, PlayTotal, listener_key
from harmonie_daemon.mediaservers.jellyfin.facts import JellyfinFacts
from harmonie_daemon.mediaservers.jellyfin.messages import (
    SocketMessage,
    UserChange,
    parse_user_change,
)
from harmonie_daemon.mediaservers.jellyfin.sessions import SeenSession, parse_sessions
from harmonie_daemon.mediaservers.jellyfin.watching import SessionWatcher
from harmonie_daemon.mediaservers.listening.finding import Find, HeardItem
from harmonie_daemon.store.plays import Plays

LEAST_PAUSE_S = 5.0
"""Sessions in which nothing but the position has changed are looked at so often at most; the
server tells of them every second and a half."""

_log = logging.getLogger(__name__)


class SocketHearing:
    """One server's. Methods raise ``StoreError``."""

    def __init__(
        self,
        watcher: SessionWatcher,
        facts: JellyfinFacts,
        find: Find,
        plays: Plays,
        clock: Callable[[], float],
        *,
        ignored: frozenset[ListenerKey],
    ) -> None:
        self._watcher = watcher
        self._facts = facts
        self._find = find
        self._plays = plays
        self._clock = clock
        self._ignored = ignored
        self._shown: object = None
        self._taken_at = -LEAST_PAUSE_S

    async def hear(self, message: SocketMessage) -> None:
        """Take in one message; what is of no use is ignored, and who cannot be a listener."""
        match message.kind:
            case "Sessions":
                await self._sessions(parse_sessions(message.data))
            case "UserDataChanged":
                change = parse_user_change(message.data)
                if change is not None:
                    try:
                        await self._user_data(change)
                    except BadRequestError as error:
                        _log.debug("jellyfin: what a user did is not kept: %s", error)

    async def _sessions(self, seen: list[SeenSession]) -> None:
        shown = [(one.key, one.item and one.item.id, one.is_paused) for one in seen]
        now = time.monotonic()
        if shown == self._shown and now - self._taken_at < LEAST_PAUSE_S:
            return
        self._shown, self._taken_at = shown, now
        await self._watcher.take_in(seen)

    async def _user_data(self, change: UserChange) -> None:
        try:
            listener = await self._facts.user_name(change.user_id)
        except MediaServerError:
            return  # the next look at the counters makes up for it
        if listener is None or listener_key(listener) in self._ignored:
            return
        found = {one: await self._find(HeardItem(one.item_id)) for one in change.items}
        ours = {track_id: one for one, track_id in found.items() if track_id is not None}
        if not ours:
            return
        now = self._clock()
        marks = {track_id: one.is_favorite for track_id, one in ours.items()}
        await self._plays.change_favourites(listener, marks, now)
        totals = {
            track_id: PlayTotal(one.plays, await self._facts.by_our_clock(one.last_played_at))
            for track_id, one in ours.items()
        }
        await self._plays.note_totals(
            listener, totals, now, PlaySource.JELLYFIN_COUNT, is_whole=False
        )
