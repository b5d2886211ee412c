"""Looking now and then at what Jellyfin's sessions play."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from harmonie_daemon.domain.backoff import backoff_s
from harmonie_daemon.domain.errors import MediaServerError, StoreError
from harmonie_daemon.mediaservers.errors import BadTokenError, LoginNeededError
from harmonie_daemon.mediaservers.jellyfin.credentials import Credential, JellyfinOperation
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.jellyfin.sessions import SeenSession
from harmonie_daemon.mediaservers.jellyfin.visit import Visit
from harmonie_daemon.mediaservers.listening.finding import Find
from harmonie_daemon.mediaservers.listening.keeper import PlayKeeper
from harmonie_daemon.mediaservers.listening.tracking import Sight

ACTIVE_WITHIN_S = 1_800
"""Sessions that have been silent for longer are not listed: the server remembers every device."""
QUIET_FACTOR = 4
"""So many times as seldom is looked while nobody plays."""
FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 600.0
VISIT_LASTS_S = 600.0
"""For so long we believe to be who we were at the server."""

_log = logging.getLogger(__name__)


class SessionWatcher:
    """One server. ``run`` looks for ever; whatever happens there, it goes on."""

    def __init__(self, keyring: Keyring, keeper: PlayKeeper, find: Find, *, every_s: float) -> None:
        """``every_s``: between two looks while somebody plays."""
        self._keyring = keyring
        self._keeper = keeper
        self._find = find
        self._every_s = every_s
        self._failures = 0
        self._told: str | None = None
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause_s = await self._look_or_wait()
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()

    def wake(self) -> None:
        """Somebody began to play, for all we hear: look now, unless the server is in trouble."""
        if not self._failures:
            self._woken.set()

    async def look(self) -> int:
        """Look once; returns how many plays have ended that nobody had told of before.

        Raises ``MediaServerError`` and ``StoreError``.
        """
        visit = await self._keyring.visit(max_age_s=VISIT_LASTS_S)
        try:
            seen = await _sessions(visit)
        except BadTokenError:
            seen = await _sessions(await self._keyring.doubt())
        return await self.take_in(seen)

    async def take_in(self, seen: list[SeenSession]) -> int:
        """What all sessions show now, whoever told it; as ``look``."""
        sights = [await self._sight(one) for one in seen]
        return await self._keeper.look(sights, is_whole=True)

    async def _look_or_wait(self) -> float:
        """Look once, and say how long to wait then."""
        try:
            await self.look()
        except (MediaServerError, StoreError) as error:
            return self._failed(error)
        if self._told is not None:
            _log.info("jellyfin: what is played there is seen again")
        self._told, self._failures = None, 0
        return self._every_s if self._keeper.is_busy else self._every_s * QUIET_FACTOR

    def _failed(self, error: MediaServerError | StoreError) -> float:
        self._failures += 1
        if str(error) != self._told:
            self._told = str(error)
            _log.warning("jellyfin: what is played there is not seen: %s", error)
        if isinstance(error, LoginNeededError | BadTokenError):
            return LONGEST_RETRY_S
        return backoff_s(self._failures, first_s=FIRST_RETRY_S, longest_s=LONGEST_RETRY_S)

    async def _sight(self, one: SeenSession) -> Sight:
        if one.item is None:
            return Sight(one.key, one.user, None)
        track_id = await self._find(one.item) if one.is_music else None
        return Sight(
            one.key,
            one.user,
            track_id,
            one.position_s,
            one.item.duration_s or 0.0,
            one.is_paused,
        )


async def _sessions(visit: Visit) -> list[SeenSession]:
    """Of everybody, where one of our credentials may see that; else of those who are logged in."""
    best = visit.credentials.best_for(JellyfinOperation.SESSIONS)
    held = visit.credentials.held if best is None else (best,)
    found: dict[str, SeenSession] = {}
    for credential in held:
        found |= {one.key: one for one in await _listed(visit, credential)}
    return list(found.values())


async def _listed(visit: Visit, credential: Credential) -> list[SeenSession]:
    return await visit.client(credential).sessions(ACTIVE_WITHIN_S)
