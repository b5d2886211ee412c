"""Everything that scans need, opened together and closed together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from harmonie_daemon.analysis.job import HEARING
from harmonie_daemon.config import Settings
from harmonie_daemon.library.tag_job import READING
from harmonie_daemon.scanning.extraction import Extractor
from harmonie_daemon.scanning.library_scan import LibraryScan
from harmonie_daemon.scanning.models import Models
from harmonie_daemon.scanning.rest import OwnLoad, Rest
from harmonie_daemon.scanning.run import ScanTools
from harmonie_daemon.scanning.tag_reading import TagReader
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.workers import Budget, Supervisor

DAY_S = 86_400.0


@asynccontextmanager
async def open_scanning(
    settings: Settings,
    *,
    tracks: Tracks,
    models: Models,
    runner: Runner,
    budget: Budget,
    clock: Callable[[], float],
) -> AsyncIterator[LibraryScan]:
    """Scans of the configured libraries. To be closed after ``runner``, whose tasks they are."""
    hearing, reading = Supervisor(HEARING, budget), Supervisor(READING, budget)
    own_load = OwnLoad(settings.workers, clock)
    weights_dir = str(settings.weights_folder)
    tools = ScanTools(
        roots=tuple(str(root) for root in settings.libraries),
        exclude=settings.scan.exclude,
        # one file more than workers: none of them waits while a result is being saved
        concurrency=settings.workers + 1,
        tracks=tracks,
        extractor=Extractor(
            tracks,
            hearing,
            TagReader(reading, own_load),
            models,
            own_load,
            clock,
            weights_dir=weights_dir,
        ),
        models=models,
        rest=Rest(
            own_load,
            clock,
            max_load=settings.scan.max_load,
            quiet_hours=settings.scan.quiet_hours_parsed,
        ),
        forget_after_s=settings.scan.forget_after_days * DAY_S,
        clock=clock,
    )
    try:
        scan = LibraryScan(tools, runner)
        await scan.load()
        yield scan
    finally:
        await reading.close()
        await hearing.close()
