"""Makes music in worker processes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harmonie_daemon.compose.render_job import Pieces, Rendering, RenderJob
from harmonie_daemon.compose.renderer import Renderer
from harmonie_daemon.compose.rendering_progress import RenderProgress
from harmonie_daemon.domain.brief import Brief
from harmonie_daemon.domain.composition import AudioFormat, CompositionVersion
from harmonie_daemon.tasks.composing.commission import Made, Tell
from harmonie_daemon.tasks.composing.publishing import tags_of


class Orchestra:
    """Whoever makes music here."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    async def compose(
        self, version: CompositionVersion, folder: Path, tell: Tell, *, takes: int
    ) -> Made:
        """Mix, sections in every take, previews and MIDI.

        A job a take: between them a scan gets its turn.
        """
        brief, made = version.brief, []
        tags = tags_of(brief, brief.title, bpm=None, key=None)
        first = Pieces(mix=version.format, midi=True, sections=True)
        job = RenderJob(str(folder), first, brief=brief, seed=version.seed, tags=tags)
        for take in range(takes):
            if take:
                job = replace(job, pieces=Pieces(sections=True), take=take, tags=None)
            made.append(await self._render(job, tell, take, takes))
        files = tuple(file for one in made for file in one.files)
        played = [take for one in made for take in one.takes]
        ordered = tuple(sorted(played, key=lambda take: (take.section, take.take)))
        main = made[0]
        return Made(files, ordered, main.loudness_lufs, main.bpm, main.key)

    async def mix(self, brief: Brief, seed: int, format: AudioFormat, folder: Path) -> Made:
        """The whole piece and nothing else."""
        job = RenderJob(str(folder), Pieces(mix=format), brief=brief, seed=seed)
        made = await self._renderer.render(job)
        return Made(made.files, bpm=made.bpm, key=made.key)

    async def stems(self, version: CompositionVersion, folder: Path, tell: Tell) -> Made:
        """Every instrument by itself."""
        pieces = Pieces(stems=True)
        job = RenderJob(str(folder), pieces, brief=version.brief, seed=version.seed)
        made = await self._render(job, tell)
        return Made(made.files)

    async def audio(self, midi: Path, format: AudioFormat, folder: Path, tell: Tell) -> Made:
        """The sound of a MIDI file."""
        job = RenderJob(str(folder), Pieces(mix=format), midi_path=str(midi))
        made = await self._render(job, tell)
        return Made(made.files, loudness_lufs=made.loudness_lufs, bpm=made.bpm, key=made.key)

    async def _render(
        self, job: RenderJob, tell: Tell, number: int = 0, count: int = 1
    ) -> Rendering:
        which = f" (take {number + 1} of {count})" if number else ""

        async def hear(told: RenderProgress) -> None:
            await tell(f"{told.stage}{which}", (number + told.fraction) / count)

        return await self._renderer.render(job, hear)
