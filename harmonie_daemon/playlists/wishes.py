"""From a wish that somebody wrote into a playlist's name to tracks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

import numpy as np

from harmonie_daemon.domain.errors import BadRequestError
from harmonie_daemon.domain.filters import TrackFilter
from harmonie_daemon.domain.listening import TrackListening
from harmonie_daemon.domain.playlist import (
    Mode,
    Ranking,
    SeededRequest,
    Sequencing,
    VibeRequest,
)
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.builder import NOTHING, PlaylistBuilder
from harmonie_daemon.playlists.eligible import Eligible
from harmonie_daemon.playlists.prefixes import TOP_SEEDS, PlaylistWish, PrefixKind, weights
from harmonie_daemon.playlists.taste import DAY_S, Emphasis, disliked, signals, varied
from harmonie_daemon.playlists.taste_groups import names_of
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.tracks import Tracks

ANYTHING = TrackFilter()


class WishKitchen:
    """Makes what wishes ask for; the same wish gives the same list all day long."""

    def __init__(
        self,
        plays: Plays,
        tracks: Tracks,
        spaces: Spaces,
        builder: PlaylistBuilder,
        clock: Callable[[], float],
        *,
        variation: float,
    ) -> None:
        """``variation`` is for wishes that do not say."""
        self._plays = plays
        self._spaces = spaces
        self._builder = builder
        self._eligible = Eligible(tracks, spaces)
        self._clock = clock
        self._variation = variation

    async def fill(
        self, wish: PlaylistWish, seeds: Sequence[TrackId | None], listener: str
    ) -> Sequence[TrackId]:
        """At most ``wish.n`` tracks that follow from the seeds, which are not among them.

        A seed that is not of the library is ``None``: the others keep the weights of their places.
        Raises ``BadRequestError`` in words for the listener when there is nothing to start from,
        ``TrackNotFoundError`` when a seed went meanwhile, ``NotReadyError``.
        """
        match wish.kind:
            case PrefixKind.RADIO | PrefixKind.DRIFT:
                places = zip(seeds, weights(len(seeds)), strict=True)
                weighted = {track: weight for track, weight in places if track is not None}
                if not weighted:
                    raise BadRequestError(_no_seed(seeds))
                mode = Mode.DRIFT if wish.kind is PrefixKind.DRIFT else Mode.SIMILAR
                return await self._seeded(wish, weighted, mode)
            case PrefixKind.MIX:
                mode = Mode.DRIFT if wish.drift else Mode.SIMILAR
                heard = await self._plays.summaries(listener, self._since(wish))
                in_lists = await self._plays.in_own_lists(listener)
                seeds_heard = await self._heard(wish, heard, in_lists)
                return await self._seeded(wish, seeds_heard, mode, disliked(heard))
            case PrefixKind.STYLE:
                return await self._filtered(wish, TrackFilter(
                    styles=(wish.label,), style_min=wish.style_min
                ))  # fmt: skip
            case PrefixKind.GENRE:
                return await self._filtered(wish, TrackFilter(
                    genres=(wish.label,), style_min=wish.style_min
                ))  # fmt: skip

    async def _seeded(
        self,
        wish: PlaylistWish,
        weighted: dict[TrackId, float],
        mode: Mode,
        unwanted: Collection[TrackId] = (),
    ) -> list[TrackId]:
        variation = self._varied(wish)
        left_out = await self._eligible.left_out(ANYTHING, spoken=False)
        if np.isin(list(weighted), left_out).any():  # who begins with a speech wants more
            left_out = NOTHING
        left_out = np.union1d(left_out, np.array(sorted(unwanted), np.int64))
        request = SeededRequest(
            mode=mode,
            n=wish.n,
            seeds=tuple(weighted),
            seed_weights=tuple(weighted.values()),
            variation=variation,
            rng_seed=self._turn(variation),
            ranking=Ranking.MUTUAL,
            sequencing=Sequencing() if mode is Mode.SIMILAR else None,
        )
        built = await self._builder.build(request, left_out)
        return [item.track_id for item in built.items]

    async def _heard(
        self,
        wish: PlaylistWish,
        heard: Sequence[TrackListening],
        in_lists: Mapping[TrackId, int],
    ) -> dict[TrackId, float]:
        """The seeds of a MIX and how much they count: few of an artist and of an album.

        Nothing but what was heard, which counts more where it is in playlists of the listener's.
        """
        were_heard = {one.track_id for one in heard}
        ranked = signals(
            heard,
            (),
            {track: number for track, number in in_lists.items() if track in were_heard},
            now=self._clock(),
            window_s=wish.days * DAY_S,
            emphasis=Emphasis.RECENT if wish.top is None else Emphasis.TOP,
        )
        space = await self._spaces.current()
        known = set(space.index.ids.tolist())
        artists, albums = names_of(space)
        usable = [one for one in ranked if one.track_id in known]
        chosen = varied(usable, artists, albums, wish.top or TOP_SEEDS)
        if not chosen:
            raise BadRequestError(f"nothing is known that was heard in the last {wish.days} days")
        return {one.track_id: one.score for one in chosen}

    async def _filtered(self, wish: PlaylistWish, gate: TrackFilter) -> list[TrackId]:
        turn = self._turn(self._varied(wish))
        request = VibeRequest(n=wish.n, filter=gate, rng_seed=turn)
        left_out = await self._eligible.left_out(gate, spoken=False)
        built = await self._builder.build(request, left_out)
        if not built.items:
            raise BadRequestError(f"no track is {wish.label!r} for certain; lower style_min")
        return [item.track_id for item in built.items]

    def _since(self, wish: PlaylistWish) -> float:
        return self._clock() - wish.days * DAY_S

    def _varied(self, wish: PlaylistWish) -> float:
        return self._variation if wish.variation is None else wish.variation

    def _turn(self, variation: float) -> int:
        """Another number each day, or always the same one where nothing is to vary."""
        return datetime.fromtimestamp(self._clock()).date().toordinal() if variation else 0


def _no_seed(seeds: Sequence[TrackId | None]) -> str:
    if not seeds:
        return "it is empty; the first tracks in it are what it starts from"
    return "none of the tracks that it starts from is known here"
