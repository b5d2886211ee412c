"""What makes playlists and brings them to media servers and files: opened in its order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.playlist import Recipe
from harmonie_daemon.mediaservers.jellyfin.keyring import Keyring
from harmonie_daemon.mediaservers.opening import m3u_names, open_keyring, open_targets
from harmonie_daemon.mediaservers.push import Target
from harmonie_daemon.playlists.builder import PlaylistBuilder
from harmonie_daemon.playlists.clusters.opening import open_clusterer
from harmonie_daemon.playlists.listening_recipes import listening_recipes, register_listening
from harmonie_daemon.playlists.recipes import DEFAULT_RECIPES, RecipeKitchen
from harmonie_daemon.playlists.tastes import TasteReach
from harmonie_daemon.similarity.opening import Similarity
from harmonie_daemon.store.opening import Store
from harmonie_daemon.tasks.clustering import Clusterings, ClusterSearch
from harmonie_daemon.tasks.opening import open_clusterings, open_refreshing
from harmonie_daemon.tasks.refresh import Refresher
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.workers import Budget


@dataclass(frozen=True, slots=True)
class Listmaking:
    """Opened."""

    builder: PlaylistBuilder
    keyring: Keyring | None
    """What we hold for the configured Jellyfin."""
    targets: Sequence[Target]
    refresher: Refresher
    clusterings: Clusterings


@asynccontextmanager
async def open_listmaking(
    settings: Settings,
    *,
    store: Store,
    similarity: Similarity,
    runner: Runner,
    budget: Budget,
    clock: Callable[[], float],
    search: ClusterSearch | None,
    version: str,
) -> AsyncIterator[Listmaking]:
    """``search`` finds clusters instead of our own."""
    spaces, resolver = similarity.spaces, similarity.resolver
    builder = PlaylistBuilder(store.tracks, spaces, resolver)
    kitchen = RecipeKitchen(store.tracks, spaces, resolver, builder)
    register_listening(kitchen, store.plays, store.tracks, spaces, builder)
    async with AsyncExitStack() as stack:
        opened = stack.enter_async_context
        keyring = await opened(open_keyring(settings, store, clock, version=version))
        targets = await opened(open_targets(settings, store, clock, keyring))
        refresher = await opened(
            open_refreshing(
                configured_recipes(settings),
                store=store,
                kitchen=kitchen,
                targets=targets,
                runner=runner,
                clock=clock,
                public=() if settings.m3u.personal else m3u_names(targets),
            )
        )
        if search is None:
            search = await opened(
                open_clusterer(store, spaces, budget=budget, data_dir=settings.data_dir)
            )
        clusterings = await opened(
            open_clusterings(
                store=store,
                search=search,
                tastes=TasteReach(store.plays, store.tracks, spaces),
                refresher=refresher,
                runner=runner,
                clock=clock,
            )
        )
        yield Listmaking(builder, keyring, targets, refresher, clusterings)


def configured_recipes(settings: Settings) -> tuple[Recipe, ...]:
    """The recipes of the configuration and, unless switched off, the default ones.

    A configured recipe replaces the default one of the same name.
    """
    own = settings.recipes
    others = listening_recipes(settings.personal, settings.clustering.request())
    if settings.default_playlists:
        others = (*DEFAULT_RECIPES, *others)
    taken = {recipe.name for recipe in own}
    return (*own, *(recipe for recipe in others if recipe.name not in taken))
