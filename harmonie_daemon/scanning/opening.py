"""Everything that scans need, opened together and closed together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from harmonie_daemon.analysis.job import HEARING
from harmonie_daemon.analysis.weights import WeightStore
from harmonie_daemon.config import Settings
from harmonie_daemon.library.tag_job import READING
from harmonie_daemon.scanning.ear import Ear
from harmonie_daemon.scanning.library_scan import KIND, LibraryScan
from harmonie_daemon.scanning.models import Models
from harmonie_daemon.scanning.rest import OwnLoad, Rest
from harmonie_daemon.scanning.run import ScanTools
from harmonie_daemon.scanning.tag_reading import TagReader
from harmonie_daemon.store.opening import Store
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.workers import Budget, Supervisor, WorkerKind

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Scanning:
    """Scans of the configured libraries, and the models that they hear by."""

    scan: LibraryScan
    models: Models
    tools: ScanTools
    """What they are made with, for others who hear files."""


@asynccontextmanager
async def open_scanning(
    settings: Settings,
    *,
    store: Store,
    runner: Runner,
    budget: Budget,
    clock: Callable[[], float],
    hearing: WorkerKind = HEARING,
    reading: WorkerKind = READING,
) -> AsyncIterator[Scanning]:
    """Ready to scan; its worker processes are started when they are first needed."""
    models = Models(store.vectors, WeightStore(settings.weights_folder))
    await models.look()
    async with AsyncExitStack() as stack:
        ears, readers = Supervisor(hearing, budget), Supervisor(reading, budget)
        stack.push_async_callback(ears.close)
        stack.push_async_callback(readers.close)
        tools = _tools(settings, store, models, ears, readers, clock)
        scan = LibraryScan(tools, runner)
        stack.push_async_callback(runner.retire, KIND)
        await scan.load()
        yield Scanning(scan, models, tools)


def _tools(
    settings: Settings,
    store: Store,
    models: Models,
    hearing: Supervisor,
    reading: Supervisor,
    clock: Callable[[], float],
) -> ScanTools:
    own_load = OwnLoad(settings.workers, clock)
    ear = Ear(
        store.tracks,
        hearing,
        TagReader(reading, own_load),
        models,
        own_load,
        clock,
        weights_dir=str(settings.weights_folder),
    )
    rest = Rest(
        own_load,
        clock,
        max_load=settings.scan.max_load,
        quiet_hours=settings.scan.quiet_hours_parsed,
    )
    return ScanTools(
        roots=tuple(str(root) for root in settings.roots),
        exclude=settings.scan.exclude,
        # one file more than workers: none of them waits while a result is being saved
        concurrency=settings.workers + 1,
        tracks=store.tracks,
        ear=ear,
        models=models,
        rest=rest,
        forget_after_s=settings.scan.forget_after_days * DAY_S,
        clock=clock,
    )
