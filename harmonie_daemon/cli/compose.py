"""``harmonie compose``: music in words becomes a file."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from harmonie_daemon.cli.client import Client, Json, connected
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.cli.interrupts import interrupts
from harmonie_daemon.cli.output import as_json
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.composition import AudioFormat
from harmonie_daemon.library.new_files import move_to_free_name, move_to_new, safe_name
from harmonie_daemon.scanning.report import duration_words

POLL_S = 0.25
_PATH = "/api/v1/compositions"
_STANDARD_OUTPUT = Path("-")


def add_options(parser: argparse.ArgumentParser) -> None:
    """What is wanted, and where to."""
    parser.add_argument("prompt", help="such as 'two minutes of calm indian music'")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="where to; - for standard output. Left out, a new file here, named after the piece",
    )
    parser.add_argument("--title", help="what it is called")
    parser.add_argument(
        "--seed", type=int, metavar="N", help="the same number gives the same piece"
    )
    parser.add_argument(
        "--format",
        choices=[one.value for one in AudioFormat],
        help="left out: as FILE ends, else mp3",
    )
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    parser.set_defaults(run=compose)


async def compose(settings: Settings, options: argparse.Namespace) -> Exit:
    """Have a piece composed and write it to a file; Ctrl-C gives it up and leaves nothing."""
    output: Path | None = options.output
    wanted = {
        "prompt": options.prompt,
        "title": options.title,
        "seed": options.seed,
        "format": options.format or _format_of(output),
    }
    if output not in (None, _STANDARD_OUTPUT) and not options.force:
        _require_new(output)
    async with connected(settings) as daemon:
        made = await daemon.post(
            _PATH, {name: value for name, value in wanted.items() if value is not None}
        )
        with interrupts() as interrupted, _progress(quiet=options.json) as show:
            try:
                made = await _at_its_end(daemon, made, show, interrupted)
            finally:
                if interrupted.is_set():
                    await daemon.delete(f"{_PATH}/{made['id']}")
        if interrupted.is_set():
            return Exit.INTERRUPTED
        file = await _fetch(daemon, made, output, is_forced=options.force)
    if output != _STANDARD_OUTPUT:
        _show(made, file, in_json=options.json)
    return Exit.DONE


def _format_of(output: Path | None) -> str | None:
    """What the name of the file says, if it says anything."""
    ending = "" if output is None else output.suffix[1:].lower()
    for format_ in AudioFormat:
        if ending in (format_.value, format_.ending):
            return format_.value
    if ending:
        raise CommandError(f"{output} does not end as music does; say --format", Exit.USAGE)
    return None


def _require_new(output: Path) -> None:
    if os.path.lexists(output):
        raise CommandError(f"{output} exists; name another file, or say --force", Exit.USAGE)
    if not output.parent.is_dir():
        raise CommandError(f"there is no folder {output.parent}", Exit.USAGE)


async def _at_its_end(
    daemon: Client, made: Json, show: Callable[[Json], None], interrupted: asyncio.Event
) -> Json:
    """The composition once it is composed, or somebody lost patience. Raises its failure."""
    while made["made"]["state"] in ("waiting", "composing") and not interrupted.is_set():
        show(made["made"])
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(interrupted.wait(), POLL_S)
        made = await daemon.get(f"{_PATH}/{made['id']}", {"version": str(made["made"]["version"])})
    show(made["made"])
    if made["made"]["state"] in ("failed", "cancelled"):
        raise CommandError(made["made"]["error"] or "somebody cancelled it")
    return made


async def _fetch(daemon: Client, made: Json, output: Path | None, *, is_forced: bool) -> Path:
    """Write it to where it is wanted, whole or not at all."""
    path = f"{_PATH}/{made['id']}/audio?version={made['made']['version']}"
    if output == _STANDARD_OUTPUT:
        await daemon.download(path, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return output
    folder = Path() if output is None else output.parent
    unfinished = folder / f".harmonie-{uuid.uuid4().hex}.tmp"
    try:
        with unfinished.open("xb") as file:
            await daemon.download(path, file)
            _flush(file)
        return _named(unfinished, made, output, is_forced=is_forced)
    except OSError as error:
        raise CommandError(f"{output or folder} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _named(unfinished: Path, made: Json, output: Path | None, *, is_forced: bool) -> Path:
    if output is None:
        ending = AudioFormat(made["made"]["format"]).ending
        return move_to_free_name(unfinished, Path(), safe_name(made["title"]), ending)
    if is_forced:
        unfinished.replace(output)
    else:
        move_to_new(unfinished, output)
    return output


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[Json], None]]:
    """A progress bar on standard error; fed with versions."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("waiting", total=1.0)

        def show(version: Json) -> None:
            stage = version["stage"] or version["state"]
            progress.update(bar, description=stage, completed=version["progress"])

        yield show


def _show(made: Json, file: Path, *, in_json: bool) -> None:
    if in_json:
        as_json({**made, "file": str(file)})
        return
    words = (made["genre"], duration_words(made["duration_sec"]), f"seed {made['made']['seed']}")
    print(f"{file}: {', '.join(words)}")
    if made["made"]["library_path"]:
        print(f"in the library: {made['made']['library_path']}")
