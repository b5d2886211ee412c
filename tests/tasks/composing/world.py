"""A studio with a band that plays when it is let, into files of a known size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harmonie_daemon.config import Settings
from harmonie_daemon.domain.brief import Brief, BriefSection, Emotion, Genre, MusicalKey, TempoWord
from harmonie_daemon.domain.composition import (
    AudioFormat,
    CompositionFile,
    CompositionVersion,
    FileKind,
    Origin,
    SectionTake,
)
from harmonie_daemon.store.opening import Store, open_store
from harmonie_daemon.tasks.composing.commission import Made, Started, Tell
from harmonie_daemon.tasks.composing.opening import open_studio
from harmonie_daemon.tasks.composing.studio import Studio
from harmonie_daemon.tasks.opening import open_runner
from harmonie_daemon.tasks.runner import Runner
from tests.scanning.world import Clock

MIX_BYTES = 1000
INSTRUMENTS = ("percussion-kit", "bass-synth")


def make_brief(genre: Genre = Genre.POP, *, title: str = "") -> Brief:
    """Ten seconds of happiness."""
    section = BriefSection(Emotion.HAPPY, 0, 10_000)
    return Brief(genre, TempoWord.MEDIUM, (section,), title=title, key=MusicalKey(9, "minor"))


@dataclass
class Band:
    """Plays files of ``MIX_BYTES`` zeros, unless it has another sound."""

    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    failure: Exception | None = None
    sound: bytes = bytes(MIX_BYTES)

    async def compose(
        self, version: CompositionVersion, folder: Path, tell: Tell, *, takes: int
    ) -> Made:
        """A mix, and two takes of a section."""
        files = [CompositionFile(FileKind.MIX, "mix.mp3", "mp3", duration_ms=10_000)]
        files += [
            CompositionFile(FileKind.MIX, f"section-0-take-{take}.mp3", "mp3", section=0, take=take)
            for take in range(2)
        ]
        files.append(CompositionFile(FileKind.MIDI, "piece.mid", "mid"))
        await self._play(f"{version.composition_id} {version.number}", files, folder, tell)
        takes = [SectionTake(0, take, version.seed + take, INSTRUMENTS, 10_000) for take in (0, 1)]
        return Made(tuple(files), tuple(takes), -14.0, 120.0, MusicalKey(9, "minor"))

    async def stems(self, version: CompositionVersion, folder: Path, tell: Tell) -> Made:
        """One for each instrument."""
        files = [
            CompositionFile(FileKind.STEM, f"{name}.mp3", "mp3", instrument=name)
            for name in INSTRUMENTS
        ]
        await self._play(f"stems {version.number}", files, folder, tell)
        return Made(tuple(files))

    async def audio(self, midi: Path, format: AudioFormat, folder: Path, tell: Tell) -> Made:
        """As long as the MIDI file is there."""
        midi.stat()
        files = [CompositionFile(FileKind.MIX, f"mix.{format}", format.value)]
        await self._play(f"audio {format}", files, folder, tell)
        return Made(tuple(files))

    async def _play(
        self, name: str, files: list[CompositionFile], folder: Path, tell: Tell
    ) -> None:
        self.begun.append(name)
        for file in files:
            await asyncio.to_thread((folder / file.path).write_bytes, self.sound)
        await tell("rendering", 0.5)
        await self.go.wait()
        if self.failure is not None:
            raise self.failure
        self.ended.append(name)


@dataclass
class StudioWorld:
    """Everything around one studio."""

    data: Path
    studio: Studio
    store: Store
    runner: Runner
    band: Band
    clock: Clock

    async def begin(self, title: str = "Song", **wishes: Any) -> tuple[Any, Started]:
        """A composition whose first version has been asked for."""
        made = await self.studio.create(make_brief(), title=title, origin=Origin.BEATOVEN)
        return made, await self.studio.start(made.id, **wishes)

    async def compose(self, title: str = "Song", **wishes: Any) -> tuple[Any, CompositionVersion]:
        """A composition that is composed."""
        made, started = await self.begin(title, **wishes)
        await self.runner.wait(started.task_id)
        version = await self.studio.version(made.id)
        assert version is not None
        return made, version

    def files(self) -> list[str]:
        """Every file below the folder of compositions."""
        root = self.data / "compositions"
        return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


@asynccontextmanager
async def open_world(data: Path, **compose: Any) -> AsyncIterator[StudioWorld]:
    """A studio over a data folder; closed as the daemon closes it."""
    settings = Settings(data_dir=data, compose=compose)
    clock, band = Clock(), Band()
    band.go.set()
    async with (
        open_store(settings.database, clock) as store,
        open_runner(store, clock) as runner,
        open_studio(settings, store=store, runner=runner, ensemble=band, clock=clock) as studio,
    ):
        yield StudioWorld(data, studio, store, runner, band, clock)
