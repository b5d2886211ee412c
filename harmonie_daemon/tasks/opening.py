"""The task machine and what it does for playlists, opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager

from harmonie_daemon.domain.playlist import Recipe, RecipeMode
from harmonie_daemon.mediaservers.push import Pusher, Target
from harmonie_daemon.playlists.recipes import RecipeKitchen
from harmonie_daemon.store.opening import Store
from harmonie_daemon.tasks.clustering import (
    CLUSTERING_BATCH,
    MAIN_CLUSTERING,
    Clusterings,
    ClusterSearch,
)
from harmonie_daemon.tasks.listener_clusters import (
    LISTENER_CLUSTERING,
    ListenerClusterings,
    Tastes,
)
from harmonie_daemon.tasks.refresh import KIND, Refresher
from harmonie_daemon.tasks.runner import Runner


@asynccontextmanager
async def open_runner(store: Store, clock: Callable[[], float]) -> AsyncIterator[Runner]:
    """The task machine; what an earlier process left running has failed."""
    runner = Runner(store.tasks, clock)
    await runner.start()
    try:
        yield runner
    finally:
        await runner.close()


@asynccontextmanager
async def open_refreshing(
    recipes: Sequence[Recipe],
    *,
    store: Store,
    kitchen: RecipeKitchen,
    targets: Sequence[Target],
    runner: Runner,
    clock: Callable[[], float],
    public: Collection[str] = (),
) -> AsyncIterator[Refresher]:
    """Refreshes of these recipes, brought to these targets; see ``Refresher`` for ``public``."""
    refresher = Refresher(
        recipes=recipes,
        kitchen=kitchen,
        playlists=store.playlists,
        pusher=Pusher(targets, store.playlists, clock),
        targets=[target.name for target in targets],
        runner=runner,
        clock=clock,
        public=public,
    )
    try:
        yield refresher
    finally:
        await runner.retire(KIND)


@asynccontextmanager
async def open_clusterings(
    *,
    store: Store,
    search: ClusterSearch,
    tastes: Tastes,
    refresher: Refresher,
    runner: Runner,
    clock: Callable[[], float],
) -> AsyncIterator[Clusterings]:
    """Clusterings whose playlists are brought to the refresher's targets; recipes of that mode."""
    clusterings = Clusterings(
        search=search, playlists=store.playlists, refresher=refresher, runner=runner, clock=clock
    )
    refresher.leave(RecipeMode.CLUSTERING, clusterings.begin)
    for_listeners = ListenerClusterings(
        search=search,
        tastes=tastes,
        playlists=store.playlists,
        refresher=refresher,
        runner=runner,
        clock=clock,
    )
    refresher.leave(RecipeMode.LISTENER_CLUSTERS, for_listeners.begin)
    if not any(one.mode is RecipeMode.LISTENER_CLUSTERS for one in refresher.recipes):
        await for_listeners.retire_all()
    try:
        yield clusterings
    finally:
        await runner.retire(LISTENER_CLUSTERING)
        await runner.retire(MAIN_CLUSTERING)
        await runner.retire(CLUSTERING_BATCH)
