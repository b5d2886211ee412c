"""What a server has of our tracks, listed now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.mediaservers.matching import Matching

CATALOGUE_LASTS_S = 600.0
"""For so long a listing of the server's tracks serves further pushes, if all are found in it."""
LISTING_PATIENCE_S = 12.0
"""For so long a person waits for a new listing, if there is an older one."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The server's tracks matched with ours."""

    matching: Matching
    fetched_at: float
    is_changing: bool


class Catalogue:
    """Item ids of our tracks at one server, asked for again when they may have changed."""

    def __init__(self, target: str, clock: Callable[[], float]) -> None:
        self._target = target
        self._clock = clock
        self._listed: _Listed | None = None
        self.patience_s = LISTING_PATIENCE_S

    @property
    def is_changing(self) -> bool:
        """Whether the server had other tracks when we asked before: it may be scanning still."""
        return self._listed is not None and self._listed.is_changing

    @property
    def item_ids(self) -> Mapping[TrackId, str]:
        """Their items of our tracks, as of the last look; empty before there was one."""
        return {} if self._listed is None else self._listed.matching.ids

    async def find(
        self,
        track_ids: frozenset[TrackId],
        match: Callable[[], Awaitable[Matching]],
        *,
        hurry: bool,
        is_moved: bool,
    ) -> Mapping[TrackId, str]:
        """Item ids of those of our tracks that the server has.

        ``match`` lists them anew; ``hurry``: somebody waits; ``is_moved``: they may have other
        ids than a while ago.
        """
        if not track_ids:
            return {}
        listed = self._listed
        if (
            listed is None
            or is_moved
            or not track_ids <= listed.matching.ids.keys()
            or self._clock() - listed.fetched_at > CATALOGUE_LASTS_S
        ):
            listed = await self._renewed(match, hurry=hurry)
        ids = listed.matching.ids
        return {track: ids[track] for track in track_ids if track in ids}

    async def _renewed(self, match: Callable[[], Awaitable[Matching]], *, hurry: bool) -> _Listed:
        """As it is now; the one we have if it takes long and somebody waits."""
        before = self._listed
        patience_s = self.patience_s if hurry and before is not None else None
        try:
            async with asyncio.timeout(patience_s):
                matching = await match()
        except TimeoutError:
            if before is None:
                raise
            _log.info("%s: listing its tracks takes long; the earlier list is used", self._target)
            return before
        is_changing = before is not None and len(before.matching.ids) != len(matching.ids)
        self._listed = _Listed(matching, self._clock(), is_changing)
        return self._listed
