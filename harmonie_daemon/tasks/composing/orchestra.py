"""Makes music in worker processes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from harmonie_daemon.compose.plain_rendering import PlainJob, PlainResult
from harmonie_daemon.domain.brief import Brief
from harmonie_daemon.domain.composition import (
    AudioFormat,
    CompositionFile,
    CompositionVersion,
    FileKind,
    SectionTake,
)
from harmonie_daemon.tasks.composing.commission import Made, Tell
from harmonie_daemon.workers import Supervisor

TAKES = 4
PREVIEW_MS = 8_000
TIMEOUT_S = 600.0


class Orchestra:
    """Whoever makes music here: one file after another, each in a worker."""

    def __init__(self, rendering: Supervisor) -> None:
        self._rendering = rendering

    async def compose(self, version: CompositionVersion, folder: Path, tell: Tell) -> Made:
        """Mix, sections in every take, previews and MIDI."""
        format_ = version.format
        mix = CompositionFile(FileKind.MIX, f"mix.{format_}", format_.value)
        jobs = [(mix, PlainJob("", format_, version.brief, version.seed))]
        for number, section in enumerate(version.brief.sections):
            for take in range(TAKES):
                seed = version.seed + take
                name = f"section-{number + 1}-take-{take + 1}"
                for kind, ending in ((FileKind.MIX, ""), (FileKind.PREVIEW, "-preview")):
                    file = CompositionFile(kind, f"{name}{ending}.mp3", "mp3", number, take)
                    length_ms = section.length_ms
                    if kind is FileKind.PREVIEW:
                        length_ms = min(PREVIEW_MS, length_ms)
                    job = PlainJob("", AudioFormat.MP3, version.brief, seed)
                    job = replace(job, start_ms=section.start_ms, length_ms=length_ms)
                    jobs.append((file, job))
        files, results = await self._play(jobs, folder, tell)
        midi = CompositionFile(FileKind.MIDI, "piece.mid", "mid")
        await asyncio.to_thread((folder / midi.path).write_bytes, results[0].midi)
        takes = tuple(
            SectionTake(
                file.section or 0,
                file.take or 0,
                version.seed + (file.take or 0),
                result.instruments,
                result.duration_ms,
            )
            for file, result in zip(files, results, strict=True)
            if file.section is not None and file.kind is FileKind.MIX
        )
        return Made((*files, midi), takes, None, results[0].bpm, results[0].key)

    async def mix(self, brief: Brief, seed: int, format: AudioFormat, folder: Path) -> Made:
        """The whole piece and nothing else."""
        file = CompositionFile(FileKind.MIX, f"mix.{format}", format.value)
        files, results = await self._play(
            [(file, PlainJob("", format, brief, seed))], folder, _tell_nobody
        )
        return Made(tuple(files), bpm=results[0].bpm, key=results[0].key)

    async def stems(self, version: CompositionVersion, folder: Path, tell: Tell) -> Made:
        """Every instrument by itself."""
        jobs = []
        for instrument in version.takes[0].instruments if version.takes else ():
            whole = PlainJob(
                "", AudioFormat.MP3, version.brief, version.seed, instrument=instrument
            )
            file = CompositionFile(FileKind.STEM, f"{instrument}.mp3", "mp3", instrument=instrument)
            jobs.append((file, whole))
            for number, section in enumerate(version.brief.sections):
                for kind, ending in ((FileKind.STEM, ""), (FileKind.STEM_PREVIEW, "-preview")):
                    length_ms = section.length_ms
                    if kind is FileKind.STEM_PREVIEW:
                        length_ms = min(PREVIEW_MS, length_ms)
                    name = f"section-{number + 1}-{instrument}{ending}.mp3"
                    file = CompositionFile(kind, name, "mp3", number, instrument=instrument)
                    job = replace(whole, start_ms=section.start_ms, length_ms=length_ms)
                    jobs.append((file, job))
        files, _ = await self._play(jobs, folder, tell)
        return Made(tuple(files))

    async def audio(self, midi: Path, format: AudioFormat, folder: Path, tell: Tell) -> Made:
        """The sound of a MIDI file."""
        file = CompositionFile(FileKind.MIX, f"mix.{format}", format.value)
        job = PlainJob("", format, midi_path=str(midi))
        files, _ = await self._play([(file, job)], folder, tell)
        return Made(tuple(files))

    async def _play(
        self, jobs: list[tuple[CompositionFile, PlainJob]], folder: Path, tell: Tell
    ) -> tuple[list[CompositionFile], list[PlainResult]]:
        files, results = [], []
        for number, (file, job) in enumerate(jobs):
            await tell("rendering", number / len(jobs))
            placed = replace(job, path=str(folder / file.path))
            result: PlainResult = await self._rendering.run(placed, timeout_s=TIMEOUT_S)
            files.append(replace(file, duration_ms=result.duration_ms))
            results.append(result)
        return files, results


async def _tell_nobody(_stage: str, _fraction: float) -> None:
    pass
