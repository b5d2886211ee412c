"""The recipes that need somebody's listening: what makes them, and those that are on by default."""

from __future__ import annotations

from dataclasses import replace

from harmonie_daemon.config import PersonalSettings
from harmonie_daemon.domain.clustering import ClusterRequest
from harmonie_daemon.domain.playlist import ON_REPEAT_RECIPE, Recipe, RecipeMode
from harmonie_daemon.playlists.builder import PlaylistBuilder
from harmonie_daemon.playlists.for_listeners import ForListeners
from harmonie_daemon.playlists.personal_mixes import PersonalMixes
from harmonie_daemon.playlists.recipes import RecipeKitchen
from harmonie_daemon.playlists.replayed import Replayed
from harmonie_daemon.similarity.space import Spaces
from harmonie_daemon.store.plays import Plays
from harmonie_daemon.store.tracks import Tracks

MIX_LENGTH, REPEAT_LENGTH, FORGOTTEN_LENGTH = 20, 30, 30
WEEKLY, EVERY_FIVE_DAYS = "0 5 * * mon", "15 5 */5 * *"
LATER_IN_THE_WEEK, LATE_IN_THE_WEEK = "30 5 * * thu", "45 5 * * sat"
CLUSTERING = ClusterRequest()
MOST_RUNS = 30
"""Of a clustering for one listener: there are few tracks to divide."""


def register_listening(
    kitchen: RecipeKitchen, plays: Plays, tracks: Tracks, spaces: Spaces, builder: PlaylistBuilder
) -> None:
    """Let the kitchen make what needs somebody's listening."""
    mixes = PersonalMixes(plays, tracks, spaces, builder)
    replayed = Replayed(plays, tracks, spaces)
    for mode, make_for in (
        (RecipeMode.PERSONAL_MIXES, mixes.make_for),
        (RecipeMode.ON_REPEAT, replayed.on_repeat_for),
        (RecipeMode.FORGOTTEN, replayed.forgotten_for),
    ):
        lists = ForListeners(plays, make_for)
        kitchen.register(mode, lists.make, first=lists.make_first)


def listening_recipes(
    settings: PersonalSettings, clustering: ClusterRequest = CLUSTERING
) -> tuple[Recipe, ...]:
    """Those of ``[personal]`` that are not switched off; ``clustering`` is the usual one."""
    if not settings.enabled:
        return ()
    found = []
    if settings.mixes:
        found.append(
            Recipe(
                "Personal mixes",
                RecipeMode.PERSONAL_MIXES,
                n=MIX_LENGTH,
                schedule=WEEKLY,
                users=settings.users,
                count=settings.mixes,
                variation=settings.variation,
            )
        )
    if settings.on_repeat:
        found.append(
            Recipe(
                ON_REPEAT_RECIPE,
                RecipeMode.ON_REPEAT,
                n=REPEAT_LENGTH,
                schedule=EVERY_FIVE_DAYS,
                users=settings.users,
            )
        )
    if settings.forgotten_favourites:
        found.append(
            Recipe(
                "Forgotten favourites",
                RecipeMode.FORGOTTEN,
                n=FORGOTTEN_LENGTH,
                schedule=LATER_IN_THE_WEEK,
                users=settings.users,
                variation=settings.variation,
            )
        )
    if settings.clusters:
        found.append(
            Recipe(
                "Listeners' clusters",
                RecipeMode.LISTENER_CLUSTERS,
                n=clustering.max_songs_per_cluster,
                schedule=LATE_IN_THE_WEEK,
                users=settings.users,
                clustering=replace(clustering, runs=min(clustering.runs, MOST_RUNS)),
                variation=settings.variation,
            )
        )
    return tuple(found)
