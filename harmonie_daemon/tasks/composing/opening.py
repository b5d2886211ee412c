"""The studio, opened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from harmonie_daemon.config import Settings
from harmonie_daemon.store.opening import Store
from harmonie_daemon.store.tasks import INTERRUPTED
from harmonie_daemon.tasks.composing.commission import Ensemble
from harmonie_daemon.tasks.composing.folders import CompositionFolders
from harmonie_daemon.tasks.composing.pruning import Pruner
from harmonie_daemon.tasks.composing.publishing import Publisher
from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.tasks.composing.workbench import Workbench
from harmonie_daemon.tasks.runner import Runner


@asynccontextmanager
async def open_studio(
    settings: Settings,
    *,
    store: Store,
    runner: Runner,
    ensemble: Ensemble,
    clock: Callable[[], float],
) -> AsyncIterator[Studio]:
    """Ready to compose; what an earlier process left unfinished has failed and left no file."""
    compositions, folders = store.compositions, CompositionFolders(settings.data_dir)
    await asyncio.to_thread(folders.tidy)
    for interrupted in await compositions.interrupt(INTERRUPTED, clock()):
        await asyncio.to_thread(folders.remove, *interrupted)
    library = settings.compose.library
    workbench = Workbench(
        compositions=compositions,
        folders=folders,
        ensemble=ensemble,
        publisher=None if library is None else Publisher(library),
        clock=clock,
    )
    pruner = Pruner(
        compositions=compositions,
        folders=folders,
        keep_days=settings.compose.keep_days,
        keep_gb=settings.compose.keep_gb,
        clock=clock,
    )
    studio = Studio(
        compositions=compositions,
        folders=folders,
        workbench=workbench,
        pruner=pruner,
        runner=runner,
        clock=clock,
    )
    for kind in workbench.kinds:
        runner.register(kind)
    try:
        yield studio
    finally:
        for kind in workbench.kinds:
            await runner.retire(kind.name)
        await studio.close()
