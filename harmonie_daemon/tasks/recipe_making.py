"""The playlists of recipes, made one recipe after another."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from harmonie_daemon.domain.errors import HarmonieError, StoreError
from harmonie_daemon.domain.playlist import RECIPES, Recipe, RecipeMode, SavedPlaylist
from harmonie_daemon.playlists.makers import Maker
from harmonie_daemon.playlists.recipes import RecipeKitchen
from harmonie_daemon.store.playlists import Playlists

log = logging.getLogger(__name__)

Begun = Callable[[Recipe, float, Mapping[str, str]], Awaitable[None]]
"""Told of each recipe before it is made: which share of them is done, and why those are missing
that could not be made or are still to be."""


class RecipeMaking:
    """Makes recipes anew, in the place of what they made before."""

    def __init__(
        self,
        recipes: Sequence[Recipe],
        kitchen: RecipeKitchen,
        playlists: Playlists,
        clock: Callable[[], float],
    ) -> None:
        self.recipes = tuple(recipes)
        self._kitchen = kitchen
        self._playlists = playlists
        self._maker = Maker(RECIPES, playlists)
        self._clock = clock
        self._elsewhere: dict[RecipeMode, Callable[[Recipe], object]] = {}

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(recipe.name for recipe in self.recipes)

    @property
    def for_newcomers(self) -> Sequence[Recipe]:
        """Recipes of playlists for listeners, who may come any day."""
        return [one for one in self.recipes if self._kitchen.has_newcomers(one.mode)]

    def leave(self, mode: RecipeMode, begin: Callable[[Recipe], object]) -> None:
        """Recipes of a mode are not made here, but where ``begin`` asks for it."""
        self._elsewhere[mode] = begin

    async def make(
        self, recipes: Sequence[Recipe], begun: Begun, *, first: bool = False
    ) -> dict[str, str]:
        """Make these; the reasons of those that could not be, whose playlists stay as they were.

        ``first``: only those of listeners who have none yet. Raises ``StoreError``.
        """
        problems: dict[str, str] = {}
        for number, recipe in enumerate(recipes):
            waiting = {r.name: "is still being made" for r in recipes[number:]}
            await begun(recipe, number / len(recipes), {**problems, **waiting})
            try:
                await self._make(recipe, first=first)
            except StoreError:
                raise
            except HarmonieError as error:
                problems[recipe.name] = str(error)
                log.warning("playlist %r was not refreshed: %s", recipe.name, error)
        return problems

    async def imagine(self) -> tuple[list[SavedPlaylist], dict[str, str]]:
        """The playlists that there would be, by key, if all were made now; nothing is kept.

        The second value names the recipes that cannot be made, and why. Those that are left to
        others count as what they made before. Raises ``StoreError``.
        """
        there = {playlist.key: playlist for playlist in await self._playlists.all()}
        problems: dict[str, str] = {}
        for recipe in self.recipes:
            if recipe.mode in self._elsewhere:
                continue
            previous = await self._playlists.by_recipe(recipe.name)
            try:
                made = await self._kitchen.make(recipe, now=self._clock(), previous=previous)
            except StoreError:
                raise
            except HarmonieError as error:
                problems[recipe.name] = str(error)
                continue
            for playlist in previous:
                del there[playlist.key]
            there |= {playlist.key: replace(playlist, maker=RECIPES) for playlist in made}
        kept = (one for one in there.values() if one.maker != RECIPES or one.recipe in self._names)
        return sorted(kept, key=lambda playlist: playlist.key), problems

    async def forget_retired(self) -> None:
        """Playlists whose recipe is no longer configured go; other makers' stay."""
        ours = await self._maker.playlists()
        await self._maker.retire(saved.key for saved in ours if saved.recipe not in self._names)

    async def _make(self, recipe: Recipe, *, first: bool) -> None:
        if (begin := self._elsewhere.get(recipe.mode)) is not None:
            begin(recipe)
            return
        previous = await self._playlists.by_recipe(recipe.name)
        make = self._kitchen.make_first if first else self._kitchen.make
        made = await make(recipe, now=self._clock(), previous=previous)
        await self._maker.put(made, instead_of=previous)
        fresh = [one for one in made if one not in previous]
        level = logging.INFO if fresh or len(made) != len(previous) else logging.DEBUG
        log.log(level, "recipe %r made %d playlists", recipe.name, len(fresh))
