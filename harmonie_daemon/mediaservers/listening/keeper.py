"""What goes on at one source, kept across restarts; what has ended becomes a play."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from harmonie_daemon.domain.errors import ParameterError
from harmonie_daemon.domain.listening import ListenerKey, OpenPlay, PlaySource, listener_key
from harmonie_daemon.mediaservers.listening import tracking
from harmonie_daemon.mediaservers.listening.tracking import Sight, Stop, Turn
from harmonie_daemon.store.plays import Plays

MOST_OPEN = 1_000
"""Sessions that are followed at a time; whoever makes up more is not listened to."""

_log = logging.getLogger(__name__)


class PlayKeeper:
    """One source. Methods may raise ``StoreError``; the next call then makes up for it."""

    def __init__(
        self,
        source: PlaySource,
        plays: Plays,
        clock: Callable[[], float],
        *,
        ignored: frozenset[ListenerKey] = frozenset(),
    ) -> None:
        """``ignored`` are listeners of whom nothing is kept."""
        self._source = source
        self._plays = plays
        self._clock = clock
        self._ignored = ignored
        self._going_on: Mapping[str, OpenPlay] | None = None
        self._looked_at: float | None = None
        self._lock = asyncio.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether something goes on."""
        return bool(self._going_on)

    async def look(self, sights: Sequence[Sight], *, is_whole: bool) -> int:
        """Take in what sessions show now; ``is_whole``: there are no others.

        Returns how many plays have ended that nobody had told of before.
        """
        wanted = [sight for sight in sights if self._is_heard(sight.listener)]
        async with self._lock:
            now, before = self._clock(), await self._before()
            turn = tracking.look(
                before, wanted, now, self._source, since=self._looked_at, is_whole=is_whole
            )
            new = await self._keep(before, turn)
            if is_whole:
                self._looked_at = now
            return new

    async def stop(self, told: Stop) -> int:
        """Take in word of a stop; returns as ``look`` does."""
        if not self._is_heard(told.listener):
            return 0
        async with self._lock:
            before = await self._before()
            return await self._keep(
                before, tracking.stop(before, told, self._clock(), self._source)
            )

    async def _before(self) -> Mapping[str, OpenPlay]:
        if self._going_on is None:
            kept = await self._plays.open(self._source)
            self._going_on = {one.session: one for one in kept}
        return self._going_on

    async def _keep(self, before: Mapping[str, OpenPlay], turn: Turn) -> int:
        """All or nothing: what a crash interrupts is made up for by the next look."""
        going_on = dict(list(turn.going_on.items())[:MOST_OPEN])
        if not (before or going_on or turn.ended):
            return 0
        new = await self._plays.turn(self._source, tuple(going_on.values()), turn.ended)
        self._going_on = going_on
        if new:
            _log.debug("listening: %d plays, seen by %s", new, self._source)
        return new

    def _is_heard(self, listener: str) -> bool:
        try:
            return listener_key(listener) not in self._ignored
        except ParameterError:
            return False
