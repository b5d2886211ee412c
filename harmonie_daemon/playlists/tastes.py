"""What there is of a listener's taste in the library: what they hear and like, and what is near."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.eligible import Eligible
from harmonie_daemon.playlists.taste import DAY_S, Emphasis, signals
from harmonie_daemon.similarity.id_sets import shared
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks

WINDOW_S = 180 * DAY_S
LEAST_SIGNALS = 5
MOST_SIGNALS = 2_000
LED_BY = 100
"""Of the strongest signals, what is near is taken in, too."""
NEAR_EACH = 20


class TasteReach:
    """The tracks that a clustering for one listener is made of."""

    def __init__(self, plays: Plays, tracks: Tracks, spaces: Spaces) -> None:
        self._plays = plays
        self._spaces = spaces
        self._eligible = Eligible(tracks, spaces)

    async def listeners(self) -> Sequence[str]:
        """Everybody of whom anything is known."""
        return await self._plays.listeners()

    async def of(self, listener: str, now: float) -> Sequence[TrackId]:
        """Tracks, ascending; none where too little is known of the listener.

        Raises ``NotReadyError`` while the library is being loaded.
        """
        space, allowed = await self._eligible.within(TrackFilter(), spoken=False)
        ranked = signals(
            await self._plays.summaries(listener, now - WINDOW_S),
            await self._plays.favourites(listener),
            await self._plays.in_own_lists(listener),
            now=now,
            window_s=WINDOW_S,
            emphasis=Emphasis.TOP,
        )
        liked = [one.track_id for one in ranked[:MOST_SIGNALS]]
        known = shared(allowed, liked)
        if len(known) < LEAST_SIGNALS:
            return ()
        leading = [one for one in liked if one in set(known.tolist())][:LED_BY]
        found = await self._spaces.compute(_with_near, space, known, leading, allowed)
        return [TrackId(one) for one in found.tolist()]


def _with_near(
    space: Space, known: IdArray, leading: Sequence[TrackId], allowed: IdArray
) -> IdArray:
    vectors = space.index.vectors(np.array(leading, np.int64))
    near = space.index.search_each(vectors, NEAR_EACH, allow=allowed)
    return np.unique(np.concatenate((known, *(hits.ids for hits in near))))
