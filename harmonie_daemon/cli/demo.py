"""The library that ``harmonie serve --demo`` begins with."""

from __future__ import annotations

import asyncio
import os
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from harmonie_daemon.compose.renderer import open_renderer
from harmonie_daemon.config import Settings
from harmonie_daemon.tasks.composing.demo import DemoLibrary
from harmonie_daemon.tasks.composing.orchestra import Orchestra
from harmonie_daemon.workers import Budget


async def with_demo_library(settings: Settings) -> Settings:
    """The settings, with a library that is composed first as far as it is not there yet.

    On all processors, unless ``workers`` is configured. What an interruption leaves unfinished is
    composed the next time. Raises ``HarmonieError`` when it cannot be written.
    """
    somebody_waits = "workers" not in settings.model_fields_set
    processors = (os.cpu_count() or 1) if somebody_waits else settings.workers
    async with open_renderer(settings.compose.soundfont, Budget(processors)) as renderer:
        library = DemoLibrary(settings.demo_folder, Orchestra(renderer).mix)
        if missing := len(await asyncio.to_thread(library.missing)):
            await _complete(library, missing)
    return settings.model_copy(update={"libraries": (library.folder,)})


async def _complete(library: DemoLibrary, missing: int) -> None:
    console, began = Console(stderr=True), time.monotonic()
    console.print(
        f"no library is configured: composing {missing} pieces into {library.folder}",
        highlight=False,
        soft_wrap=True,
    )
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("composing", total=missing)
        await library.complete(lambda: progress.advance(bar))
    console.print(f"composed in {time.monotonic() - began:.0f} s", highlight=False)
