"""The daemon's side of rendering: jobs go to worker processes, files come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from harmonie_daemon.compose.render_job import Rendering, RenderJob
from harmonie_daemon.compose.rendering_progress import RenderProgress
from harmonie_daemon.domain.errors import ConfigurationError, SoundFontError
from harmonie_daemon.workers import Budget, Supervisor, WorkerKind
from harmonie_daemon.workers.kind import MIB

RENDERING = WorkerKind(
    name="rendering",
    target="harmonie_daemon.compose.rendering:render",
    preload=("harmonie_daemon.compose.rendering", "mutagen.mp3", "mutagen.id3"),
    memory_limit_bytes=600 * MIB,
    recycle_after=40,
    tells=True,
)
TIMEOUT_S = 1_800.0
"""Ten minutes with all stems on the slowest board there is; what hangs is ended then."""


class Renderer:
    """Renders one job a worker."""

    def __init__(self, supervisor: Supervisor, soundfont: Path) -> None:
        self._supervisor = supervisor
        self.soundfont = soundfont

    async def render(
        self, job: RenderJob, hear: Callable[[RenderProgress], Awaitable[None]] | None = None
    ) -> Rendering:
        """Make the files of a job in its folder; ``hear`` is told how far it is.

        Cancelling ends the worker at once; what it had begun is left in the folder, whose owner
        throws it away. Raises ``WorkerError`` with the reason, a full disk among them.
        """
        placed = replace(job, soundfont=str(self.soundfont))
        made: Rendering = await self._supervisor.run(placed, timeout_s=TIMEOUT_S, hear=hear)
        return made


@asynccontextmanager
async def open_renderer(soundfont: Path | None, budget: Budget) -> AsyncIterator[Renderer]:
    """Ready to render with this SoundFont, or the one that comes with pretty_midi.

    Raises ``ConfigurationError`` when the file is none.
    """
    supervisor = Supervisor(RENDERING, budget)
    try:
        checked = await asyncio.to_thread(checked_soundfont, soundfont)
        yield Renderer(supervisor, checked)
    finally:
        await supervisor.close()


def checked_soundfont(path: Path | None) -> Path:
    """The SoundFont to play with. Raises ``ConfigurationError`` when it is none.

    Reads its tables, and none of its samples.
    """
    if path is None:
        return usual_soundfont()
    from harmonie_daemon.compose.soundfont.file import SoundFont  # noqa: PLC0415 - numeric libraries

    try:
        SoundFont.open(path)
    except SoundFontError as error:
        raise ConfigurationError(f"compose.soundfont: {error}; give an SF2 or SF3 file") from error
    return path


def usual_soundfont() -> Path:
    """The General MIDI font that pretty_midi ships."""
    found = find_spec("pretty_midi")
    if found is None or found.origin is None:
        raise SoundFontError("pretty_midi, whose SoundFont is played, is not installed")
    return Path(found.origin).with_name("TimGM6mb.sf2")
