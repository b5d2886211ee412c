"""The studio, opened."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import in_words
from harmonie_daemon.store.opening import Store
from harmonie_daemon.store.tasks import INTERRUPTED
from harmonie_daemon.tasks.composing.commission import Ensemble
from harmonie_daemon.tasks.composing.folders import CompositionFolders
from harmonie_daemon.tasks.composing.pruning import Pruner
from harmonie_daemon.tasks.composing.publishing import Publisher
from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.tasks.composing.workbench import Workbench
from harmonie_daemon.tasks.runner import Runner

log = logging.getLogger(__name__)


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
    workbench = Workbench(
        compositions=compositions,
        folders=folders,
        ensemble=ensemble,
        publisher=await _publisher(settings),
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


async def _publisher(settings: Settings) -> Publisher | None:
    """For ``compose.library``; one that cannot be written keeps nothing else from going on."""
    if settings.compose.library is None:
        return None
    publisher = Publisher(settings.compose.library)
    try:
        await asyncio.to_thread(publisher.check)
    except OSError as error:
        log.warning(
            "compose.library=%r cannot be written, so compositions will not be put there: %s; "
            "under systemd it needs ReadWritePaths= in a drop-in",
            str(settings.compose.library),
            in_words(error),
        )
    return publisher
