"""On Repeat and Forgotten Favourites of one listener, out of what is kept of their listening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harmonie_daemon.domain.listening import PlayTotal, TrackListening
from harmonie_daemon.domain.playlist import Recipe, SavedPlaylist
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.eligible import Eligible
from harmonie_daemon.playlists.for_listeners import key_for
from harmonie_daemon.playlists.naming import somebodys
from harmonie_daemon.playlists.neighbourhoods import SMALLEST_PLAYLIST
from harmonie_daemon.playlists.on_repeat import (
    CARRIED_S,
    WINDOW_S,
    forgotten,
    in_turn,
    on_repeat,
)
from harmonie_daemon.playlists.sequencing import sequenced
from harmonie_daemon.playlists.taste import DAY_S
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.tracks import Tracks

TURN_S = 7 * DAY_S
"""After so long, other forgotten favourites are offered."""
ON_REPEAT_NAME = "On Repeat"
FORGOTTEN_NAME = "Forgotten Favourites"


class Replayed:
    """Lists of what somebody knows; nothing new is in them."""

    def __init__(self, plays: Plays, tracks: Tracks, spaces: Spaces) -> None:
        self._plays = plays
        self._spaces = spaces
        self._eligible = Eligible(tracks, spaces)

    async def on_repeat_for(
        self, recipe: Recipe, listener: str, now: float, present: Sequence[SavedPlaylist]
    ) -> list[SavedPlaylist]:
        """One playlist of at most ``recipe.n`` tracks, or none."""
        lately = await self._plays.summaries(listener, now - WINDOW_S)
        known = {one.track_id for one in lately}
        before = await self._plays.summaries(listener, now - CARRIED_S)
        heard = [*lately, *(one for one in before if one.track_id not in known)]
        speech = await self._eligible.left_out(recipe.filter, spoken=recipe.spoken)
        track_ids = on_repeat(
            heard,
            [track for one in present for track in one.track_ids],
            now=now,
            cap=recipe.n,
            never={TrackId(one) for one in speech.tolist()},
        )
        return _one(recipe, listener, ON_REPEAT_NAME, track_ids, now) if track_ids else []

    async def forgotten_for(
        self, recipe: Recipe, listener: str, now: float, present: Sequence[SavedPlaylist]
    ) -> list[SavedPlaylist]:
        """One playlist of at most ``recipe.n`` tracks, or none where too little is forgotten."""
        space, allowed = await self._eligible.within(recipe.filter, spoken=recipe.spoken)
        heard = await self._plays.summaries(listener)
        totals = await self._plays.totals(listener)
        favourites = await self._plays.favourites(listener)
        in_lists = await self._plays.in_own_lists(listener)
        ranked = forgotten(with_totals(heard, totals), favourites, in_lists, now=now)
        may_be = set(allowed.tolist())
        turn = 0 if recipe.variation == 0 else int(now // TURN_S)
        chosen = in_turn([one for one in ranked if one.track_id in may_be], turn, recipe.n)
        if len(chosen) < SMALLEST_PLAYLIST:
            return []
        ids = sorted(one.track_id for one in chosen)
        ordered = await self._spaces.compute(sequenced, space, ids)
        return _one(recipe, listener, FORGOTTEN_NAME, ordered, now)


def with_totals(
    heard: Sequence[TrackListening], totals: dict[TrackId, PlayTotal]
) -> list[TrackListening]:
    """What was heard, and what servers had counted before we began to listen."""
    known = {one.track_id: one for one in heard}
    found = [one for one in heard if one.track_id not in totals]
    for track_id, total in totals.items():
        one = known.get(track_id)
        last = total.last_played_at or 0.0
        if one is None:
            one = TrackListening(track_id, 0, 0, 0.0, 0.0, last, last)
        found.append(
            replace(
                one,
                plays=one.plays + total.plays,
                last_played_at=max(one.last_played_at, last),
            )
        )
    return found


def _one(
    recipe: Recipe, listener: str, name: str, track_ids: Sequence[TrackId], now: float
) -> list[SavedPlaylist]:
    title = somebodys(listener, name)
    return [SavedPlaylist(key_for(recipe, listener), recipe.name, title, tuple(track_ids), now)]
