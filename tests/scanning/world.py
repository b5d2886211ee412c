"""A library of text files, real workers with made-up ears, and everything that scans it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harmonie_daemon.domain.task import ScanStatus
from harmonie_daemon.domain.track import Analysis, Descriptors, Track
from harmonie_daemon.scanning.ear import Ear
from harmonie_daemon.scanning.library_scan import LibraryScan
from harmonie_daemon.scanning.models import Models
from harmonie_daemon.scanning.rest import OwnLoad, Rest
from harmonie_daemon.scanning.run import ScanTools
from harmonie_daemon.scanning.tag_reading import TagReader
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tasks import Tasks
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors
from harmonie_daemon.tasks.runner import Runner
from harmonie_daemon.workers import Budget, Supervisor
from tests.scanning import ears

NOW = 1_800_000_000.0


async def wait_until(condition: Callable[[], Any], *, timeout_s: float = 10.0) -> None:
    """Poll until the condition holds; fail when the time is up."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.01)


class Clock:
    """Time that moves when it is told to, or by a step whenever somebody looks."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now
        self.step_s = 0.0

    def __call__(self) -> float:
        self.now += self.step_s
        return self.now


class Shelf:
    """Weights as files named like their model; a word in them decides what they are good for."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder

    def put(self, model: str = ears.EFFNET, text: str = "good") -> None:
        """Let weights arrive."""
        (self.folder / model).write_text(text)

    def available(self) -> tuple[str, ...]:
        """Every file but those that are plainly wrong."""
        return tuple(f.name for f in sorted(self.folder.iterdir()) if f.read_text() != "torn")

    def problems(self) -> Mapping[str, str]:
        """Those that are wrong, or not there."""
        file = self.folder / ears.EFFNET
        if not file.exists():
            return {ears.EFFNET: "no weights"}
        return {ears.EFFNET: "a bad checksum"} if file.read_text() == "torn" else {}


@dataclass
class World:
    """Everything between the folder and the store."""

    music: Path
    clock: Clock
    shelf: Shelf
    tracks: Tracks
    vectors: Vectors
    tasks: Tasks
    models: Models
    own_load: OwnLoad
    rest: Rest
    runner: Runner
    scan: LibraryScan
    database: Database
    tools: ScanTools
    load: list[float] = field(default_factory=lambda: [0.0])
    """The machine's load average, as the only item."""
    finished: list[ScanStatus] = field(default_factory=list)

    def put(self, name: str, text: str | None = None, *, age_s: float = 1000.0) -> Path:
        """A file of that age; by default it says its own name."""
        path = self.music / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or f"this is {name}")
        written_at = self.clock.now - age_s
        os.utime(path, (written_at, written_at))
        return path

    def twist(self, name: str, text: str) -> None:
        """Another text in a file that looks unchanged."""
        path = self.music / name
        stat = path.stat()
        path.write_text(text.ljust(stat.st_size))
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    async def scanned(self, **options: Any) -> ScanStatus:
        """Scan, and how it went."""
        await self.scan.start(**options)
        return await self.scan.wait()

    async def library(self) -> dict[str, Track]:
        """Every track by its relative path."""
        ids = [row.id for row in await self.tracks.known_files()]
        return {t.file.relative_path: t for t in await self.tracks.get_many(ids)}

    async def with_model(self, model: str) -> set[str]:
        """Relative paths of the tracks that have a vector of the model."""
        ids, _ = await self.vectors.load(model)
        by_id = {track.id: path for path, track in (await self.library()).items()}
        return {by_id[id_] for id_ in ids.tolist()}

    async def grow_old(self, *names: str) -> None:
        """Let these tracks' descriptors be of an earlier version."""
        for name, track in (await self.library()).items():
            if name in names:
                stale = Analysis(10.0, Descriptors(bpm=1.0), 0)
                assert await self.tracks.save_descriptors(track.id, track.file, stale)


@asynccontextmanager
async def open_world(folder: Path, *, workers: int = 1, **rest: Any) -> AsyncIterator[World]:
    """A world with an empty library; ``rest`` are options of ``Rest``."""
    music = folder / "music"
    music.mkdir(exist_ok=True)
    clock, load = Clock(), [0.0]
    database = await Database.open(folder / "harmonie.db")
    tracks, vectors, tasks = Tracks(database, clock), Vectors(database), Tasks(database)
    shelf = Shelf(folder / "models")
    supervisor = Supervisor(ears.KIND, Budget(workers))
    models, own_load = Models(vectors, shelf), OwnLoad(workers, clock)
    resting = Rest(own_load, clock, load=lambda: load[0], longest_nap_s=0.02, **rest)
    ear = Ear(
        tracks,
        supervisor,
        TagReader(supervisor, own_load),
        models,
        own_load,
        clock,
        weights_dir=str(shelf.folder),
        quiet_s=0.05,
        patience_s=0.1,
    )
    tools = ScanTools(
        roots=(str(music),),
        exclude=(),
        concurrency=workers,  # in the daemon one more: here the order of ends matters
        tracks=tracks,
        ear=ear,
        models=models,
        rest=resting,
        forget_after_s=30 * 86_400.0,
        clock=clock,
    )
    runner = Runner(tasks, clock)
    await runner.start()
    scan = LibraryScan(tools, runner)
    world = World(
        music=music,
        clock=clock,
        shelf=shelf,
        tracks=tracks,
        vectors=vectors,
        tasks=tasks,
        models=models,
        own_load=own_load,
        rest=resting,
        runner=runner,
        scan=scan,
        database=database,
        tools=tools,
        load=load,
    )

    async def remember(status: ScanStatus) -> None:
        world.finished.append(status)

    scan.on_finished = remember
    try:
        yield world
    finally:
        await runner.close()
        await supervisor.close()
        await database.close()
