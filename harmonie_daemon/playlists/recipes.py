"""From a recipe to the playlists it asks for, today."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import numpy as np

from harmonie_daemon.domain.errors import BadRequestError, TrackNotFoundError
from harmonie_daemon.domain.playlist import (
    BuiltPlaylist,
    Mode,
    Ranking,
    Recipe,
    RecipeMode,
    SavedPlaylist,
    SeededRequest,
    Sequencing,
    VibeRequest,
)
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.playlists.builder import NOTHING, PlaylistBuilder
from harmonie_daemon.playlists.daily_mix import daily_mix
from harmonie_daemon.playlists.eligible import Eligible
from harmonie_daemon.playlists.naming import slug
from harmonie_daemon.playlists.neighbourhoods import SMALLEST_PLAYLIST, Neighbourhoods
from harmonie_daemon.playlists.newly_added import LOOK_BACK, newly_added
from harmonie_daemon.similarity.resolve import Resolver
from harmonie_daemon.similarity.space import Space, Spaces
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks

DEFAULT_RECIPES = (
    Recipe("Daily mix", RecipeMode.DAILY_MIX, n=30, schedule="0 4 * * *"),
    Recipe("Newly added", RecipeMode.NEWLY_ADDED, n=40, schedule="15 4 * * *"),
    Recipe("Neighbourhoods", RecipeMode.NEIGHBOURHOODS, n=40, schedule="30 4 * * mon"),
)
"""On unless switched off; none needs a seed. At night, when nobody watches a list change."""
Making = Callable[[Recipe, float, Sequence[SavedPlaylist]], Awaitable[list[SavedPlaylist]]]
"""Makes the playlists of a recipe at a Unix time; the last are those that it has."""
RECIPE_VARIATION = 0.2
"""So that a seeded recipe is not the same list every day, yet the same all day long."""


class RecipeKitchen:
    """Makes playlists from recipes; the same library and the same date give the same lists."""

    def __init__(
        self, tracks: Tracks, spaces: Spaces, resolver: Resolver, builder: PlaylistBuilder
    ) -> None:
        self._tracks = tracks
        self._spaces = spaces
        self._resolver = resolver
        self._builder = builder
        self._neighbourhoods = Neighbourhoods(tracks, spaces)
        self._allowed = Eligible(tracks, spaces)
        self._makings: dict[RecipeMode, Making] = {}
        self._first_makings: dict[RecipeMode, Making] = {}
        self.register(RecipeMode.SIMILAR, _one_list(self._seeded))
        self.register(RecipeMode.DRIFT, _one_list(self._seeded))
        self.register(RecipeMode.VIBE, _one_list(self._vibe))
        self.register(RecipeMode.DAILY_MIX, _one_list(self._daily_mix))
        self.register(RecipeMode.NEWLY_ADDED, _one_list(self._newly_added))
        self.register(RecipeMode.NEIGHBOURHOODS, self._family)

    @property
    def modes(self) -> frozenset[RecipeMode]:
        """What it can make."""
        return frozenset(self._makings)

    def register(self, mode: RecipeMode, making: Making, *, first: Making | None = None) -> None:
        """Let the recipes of a mode be made this way; their settings are in ``recipe_modes``.

        ``first``, for playlists of listeners, makes only those of whoever has none yet.
        """
        self._makings[mode] = making
        if first is not None:
            self._first_makings[mode] = first

    def has_newcomers(self, mode: RecipeMode) -> bool:
        """Whether ``make_first`` can be asked for recipes of this mode."""
        return mode in self._first_makings

    async def make_first(
        self, recipe: Recipe, *, now: float, previous: Sequence[SavedPlaylist]
    ) -> list[SavedPlaylist]:
        """The previous playlists of a recipe, and those of listeners who have none among them."""
        return await self._first_makings[recipe.mode](recipe, now, previous)

    async def make(
        self, recipe: Recipe, *, now: float, previous: Sequence[SavedPlaylist] = ()
    ) -> list[SavedPlaylist]:
        """The playlists of ``recipe`` at Unix time ``now``; lists under five tracks are not made.

        ``previous`` are the recipe's present playlists: a family of playlists keeps their keys
        and names where it can. Raises ``BadRequestError`` when the recipe has seeds and none of
        them leads to a track.
        """
        return await self._makings[recipe.mode](recipe, now, previous)

    async def _family(
        self, recipe: Recipe, now: float, previous: Sequence[SavedPlaylist]
    ) -> list[SavedPlaylist]:
        space, eligible = await self._eligible(recipe)
        return await self._neighbourhoods.make(recipe, space, eligible, now=now, previous=previous)

    async def _daily_mix(self, recipe: Recipe, day: int) -> tuple[TrackId, ...]:
        space, eligible = await self._eligible(recipe)
        return await self._spaces.compute(daily_mix, space, eligible, day, recipe.n)

    async def _newly_added(self, recipe: Recipe, day: int) -> tuple[TrackId, ...]:
        space, eligible = await self._eligible(recipe)
        left_out = len(await self._left_out(recipe))
        newest = await self._tracks.newest(LOOK_BACK * recipe.n + left_out)
        return await self._spaces.compute(newly_added, space, newest, eligible, recipe.n)

    async def _seeded(self, recipe: Recipe, day: int) -> tuple[TrackId, ...]:
        seeds = await self._seeds(recipe)
        request = SeededRequest(
            mode=Mode(recipe.mode.value),
            n=recipe.n,
            seeds=seeds,
            include_seeds=True,
            filter=recipe.filter,
            variation=RECIPE_VARIATION,
            rng_seed=day,
            ranking=Ranking.MUTUAL,
            sequencing=Sequencing(recipe.energy_curve),
        )
        left_out = await self._left_out(recipe)
        if np.isin(seeds, left_out).any():  # who begins with a speech wants more
            left_out = NOTHING
        return _tracks_of(await self._builder.build(request, left_out))

    async def _vibe(self, recipe: Recipe, day: int) -> tuple[TrackId, ...]:
        request = VibeRequest(
            n=recipe.n,
            filter=recipe.filter,
            target=recipe.target,
            rng_seed=day,
            sequencing=Sequencing(recipe.energy_curve),
        )
        return _tracks_of(await self._builder.build(request, await self._left_out(recipe)))

    async def _seeds(self, recipe: Recipe) -> tuple[TrackId, ...]:
        """Those of the recipe's seeds that the library has."""
        found: list[TrackId] = []
        for seed in recipe.seeds:
            try:
                found.append(await self._resolver.query(seed))
            except TrackNotFoundError:
                continue
        if not found:
            named = ", ".join(repr(seed) for seed in recipe.seeds) or "none are given"
            raise BadRequestError(
                f"playlist {recipe.name!r}: none of its seeds is in the library ({named}); "
                "give ids, paths or 'artist - title'"
            )
        return tuple(found)

    async def _eligible(self, recipe: Recipe) -> tuple[Space, IdArray]:
        """The library's space, and the tracks in it (ascending ids) that the recipe may take."""
        return await self._allowed.within(recipe.filter, spoken=recipe.spoken)

    async def _left_out(self, recipe: Recipe) -> IdArray:
        return await self._allowed.left_out(recipe.filter, spoken=recipe.spoken)


def _one_list(choose: Callable[[Recipe, int], Awaitable[tuple[TrackId, ...]]]) -> Making:
    """A recipe that becomes one playlist of its own name, or none if it would be too short.

    ``choose`` is given the recipe and the number of the day.
    """

    async def make(
        recipe: Recipe, now: float, _previous: Sequence[SavedPlaylist]
    ) -> list[SavedPlaylist]:
        track_ids = await choose(recipe, _day(now))
        if len(track_ids) < SMALLEST_PLAYLIST:
            return []
        return [SavedPlaylist(slug(recipe.name), recipe.name, recipe.name, track_ids, now)]

    return make


def _tracks_of(built: BuiltPlaylist) -> tuple[TrackId, ...]:
    return tuple(item.track_id for item in built.items)


def _day(now: float) -> int:
    """The number of the local day, as the schedule counts days."""
    return datetime.fromtimestamp(now).date().toordinal()
