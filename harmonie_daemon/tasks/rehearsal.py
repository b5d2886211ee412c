"""What a refresh would come to, without keeping or changing anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from harmonie_daemon.domain.errors import HarmonieError, StoreError
from harmonie_daemon.domain.playlist import RECIPES, Recipe, SavedPlaylist
from harmonie_daemon.mediaservers.planning import PlanOutcome
from harmonie_daemon.playlists.recipes import RecipeKitchen
from harmonie_daemon.store.playlists import Playlists


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a refresh would come to."""

    problems: Mapping[str, str]
    """Recipe name to the reason why it cannot be made; its playlists would stay as they are."""
    targets: Mapping[str, PlanOutcome]

    @property
    def ok(self) -> bool:
        """Whether every recipe can be made and every target would take its playlists."""
        return not self.problems and not any(one.failed for one in self.targets.values())


async def imagine(
    recipes: Sequence[Recipe],
    configured: Collection[str],
    kitchen: RecipeKitchen,
    playlists: Playlists,
    *,
    now: float,
) -> tuple[list[SavedPlaylist], dict[str, str]]:
    """The playlists that there would be, by key, if these recipes were made now.

    ``configured``: the names of all recipes; playlists of others would go. The second value names
    the recipes that cannot be made, and why. Raises ``StoreError``.
    """
    there = {playlist.key: playlist for playlist in await playlists.all()}
    problems: dict[str, str] = {}
    for recipe in recipes:
        previous = await playlists.by_recipe(recipe.name)
        try:
            made = await kitchen.make(recipe, now=now, previous=previous)
        except StoreError:
            raise
        except HarmonieError as error:
            problems[recipe.name] = str(error)
            continue
        for playlist in previous:
            del there[playlist.key]
        there |= {playlist.key: replace(playlist, maker=RECIPES) for playlist in made}
    kept = (one for one in there.values() if one.maker != RECIPES or one.recipe in configured)
    return sorted(kept, key=lambda playlist: playlist.key), problems
