"""Taking in what Jellyfin's webhook plugin posts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harmonie_daemon.domain.errors import MediaServerError
from harmonie_daemon.domain.listening import LONGEST_LISTENER, ListenerKey, listener_key
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.jellyfin.facts import JellyfinFacts
from harmonie_daemon.mediaservers.jellyfin.notices import Notice, NoticeKind, parse_notice
from harmonie_daemon.mediaservers.jellyfin.sessions import session_key
from harmonie_daemon.mediaservers.listening.finding import Find, HeardItem
from harmonie_daemon.mediaservers.listening.keeper import PlayKeeper
from harmonie_daemon.mediaservers.listening.tracking import Sight, Stop
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.tracks import Tracks

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NoticeTaken:
    """What was made of a notice."""

    is_taken: bool
    reason: str | None = None
    """Why nothing was made of it."""


class JellyfinHook:
    """Notices in any order, some of them twice. Methods may raise ``StoreError``."""

    def __init__(
        self,
        keeper: PlayKeeper,
        facts: JellyfinFacts,
        find: Find,
        plays: Plays,
        tracks: Tracks,
        clock: Callable[[], float],
        *,
        ignored: frozenset[ListenerKey],
        on_start: Callable[[], None],
        on_added: Callable[[], None],
    ) -> None:
        """``on_start``: somebody begins to play; ``on_added``: the server has a new item."""
        self._keeper = keeper
        self._facts = facts
        self._find = find
        self._plays = plays
        self._tracks = tracks
        self._clock = clock
        self._ignored = ignored
        self._on_start = on_start
        self._on_added = on_added

    async def take(self, body: Mapping[str, Any]) -> NoticeTaken:
        """Take in one notice. Raises ``BadRequestError`` for one that cannot be read."""
        notice = parse_notice(body)
        if notice is None:
            return NoticeTaken(False, "nothing is made of notices of this type")
        if not notice.is_music:
            return NoticeTaken(False, "the item is no music")
        if notice.kind is NoticeKind.ADDED:
            self._on_added()
            return NoticeTaken(True)
        reason = await self._take_from_user(notice)
        return NoticeTaken(reason is None, reason)

    async def _take_from_user(self, notice: Notice) -> str | None:
        """Why nothing was made of it; ``None`` if something was."""
        listener = await self._listener(notice)
        if listener is None:
            return "Jellyfin has no such user"
        if listener_key(listener) in self._ignored:
            return "nothing is kept of this user"
        track_id = await self._track(notice.item)
        await self._take(notice, listener, track_id)
        return "the item is no track of ours" if track_id is None else None

    async def _take(self, notice: Notice, listener: str, track_id: TrackId | None) -> None:
        session = session_key(notice.user_id or listener, notice.device)
        match notice.kind:
            case NoticeKind.START | NoticeKind.PROGRESS:
                duration_s = await self._duration(notice, track_id)
                at_s = notice.position_s or 0.0
                sight = Sight(session, listener, track_id, at_s, duration_s, notice.is_paused)
                await self._keeper.look([sight], is_whole=False)
                self._on_start()
            case NoticeKind.STOP if track_id is not None:
                duration_s = await self._duration(notice, track_id)
                left_at_s = duration_s if notice.was_completed else notice.position_s
                stop = Stop(session, listener, track_id, duration_s, left_at_s)
                await self._keeper.stop(stop)
            case NoticeKind.USER_DATA if track_id is not None and notice.is_favourite is not None:
                marks = {track_id: notice.is_favourite}
                await self._plays.change_favourites(listener, marks, self._clock())

    async def _track(self, item: HeardItem) -> TrackId | None:
        """Our track; where the notice says too little, the server is asked what it is."""
        found = await self._find(item)
        if found is not None or not item.id:
            return found
        try:
            described = await self._facts.item(item.id)
        except MediaServerError as error:
            _log.debug("jellyfin: an item cannot be asked for: %s", error)
            return None
        return None if described is None else await self._find(described)

    async def _listener(self, notice: Notice) -> str | None:
        """The user's name, as the server says; as the notice says where the server is silent."""
        named = notice.user_name
        if named is not None and (len(named) > LONGEST_LISTENER or not named.isprintable()):
            named = None
        if notice.user_id is None:
            return named
        try:
            return await self._facts.user_name(notice.user_id)
        except MediaServerError as error:
            _log.debug("jellyfin: the users cannot be asked for: %s", error)
            return named

    async def _duration(self, notice: Notice, track_id: TrackId | None) -> float:
        if notice.item.duration_s:
            return notice.item.duration_s
        found = [] if track_id is None else await self._tracks.get_many([track_id])
        return found[0].duration_s if found else 0.0
