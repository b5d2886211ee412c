"""``harmonie evaluate``: how well similarity works on the user's own music."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.cli.output import as_json
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.errors import NotFoundError
from harmonie_daemon.evaluation import baselines, plot
from harmonie_daemon.evaluation.ground_truth import Truth
from harmonie_daemon.evaluation.listening import Progress as OnProgress
from harmonie_daemon.evaluation.measuring import measure
from harmonie_daemon.evaluation.methods import BASELINES
from harmonie_daemon.evaluation.report import Report, as_document
from harmonie_daemon.evaluation.run import Means, Scope
from harmonie_daemon.evaluation.tables import tables

SAMPLE = 500
"""Tracks: some minutes of listening for the baselines."""
TRANSCODED = 10


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--library",
        type=Path,
        metavar="DIR",
        help="hear this folder now and keep nothing; default: what the configured store knows",
    )
    parser.add_argument(
        "--ground-truth",
        type=Truth,
        choices=list(Truth),
        help="what belongs together; default: all that the tags allow",
    )
    parser.add_argument(
        "--baselines",
        metavar="NAMES",
        help="some of mfcc,bliss,random or none; default: all that are installed",
    )
    parser.add_argument(
        "--sample", type=_count, default=SAMPLE, metavar="N", help="whole folders up to N tracks"
    )
    parser.add_argument(
        "--transcode", type=int, default=TRANSCODED, metavar="N", help="tracks to encode anew"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the figures too")
    parser.add_argument("--rng-seed", type=int, default=1, help="the same number, the same sample")
    parser.set_defaults(run=evaluate)


async def evaluate(settings: Settings, options: argparse.Namespace) -> Exit:
    """Measure and print; the daemon may run meanwhile."""
    scope = Scope(
        library=options.library,
        truth=options.ground_truth,
        baselines=_baselines(options.baselines),
        sample=options.sample,
        transcoded=options.transcode,
        seed=options.rng_seed,
    )
    _check_plot(options.plot)
    means = Means(
        database=settings.database,
        weights_folder=settings.weights_folder,
        workers=settings.workers,
        show_progress=partial(_progress_bar, quiet=options.json),
    )
    try:
        report = await measure(scope, means, time.time)
    except NotFoundError as error:
        raise CommandError(str(error), Exit.NOT_FOUND) from error
    if options.json:
        as_json(as_document(report))
    else:
        _print(report)
    if options.plot is not None:
        _write(options.plot, plot.drawn(report))
    return Exit.DONE


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _baselines(names: str | None) -> tuple[str, ...]:
    if names is None:
        return tuple(
            name for name in BASELINES if name != baselines.BLISS or baselines.bliss_is_installed()
        )
    wanted = tuple(name.strip() for name in names.split(",") if name.strip() not in ("", "none"))
    for name in wanted:
        if name not in BASELINES:
            raise CommandError(
                f"no baseline is named {name!r}; known: {', '.join(BASELINES)}", Exit.USAGE
            )
    if baselines.BLISS in wanted and not baselines.bliss_is_installed():
        raise CommandError(
            "bliss-audio is not installed; pip install 'harmonie-daemon[evaluate]' brings it",
            Exit.USAGE,
        )
    return wanted


def _check_plot(file: Path | None) -> None:
    """Rather now than after minutes of listening."""
    if file is None:
        return
    if file.suffix.lower() != ".svg":
        raise CommandError(f"--plot writes SVG; give {file.with_suffix('.svg')}", Exit.USAGE)
    if not file.absolute().parent.is_dir():
        raise CommandError(f"--plot: {file.absolute().parent} is not a folder", Exit.USAGE)


@contextlib.contextmanager
def _progress_bar(what: str, *, quiet: bool) -> Iterator[OnProgress]:
    """A progress bar on standard error, if a person looks at it."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda done, total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


def _print(report: Report) -> None:
    console = Console(highlight=False)
    about = f"{report.tracks} tracks of {report.source}, 95 % intervals over the queries"
    console.print(about, markup=False)
    for table in tables(report):
        console.print(table)
    for note in report.notes:
        console.print(f"note: {note}", soft_wrap=True, markup=False)


def _write(file: Path, drawing: str) -> None:
    try:
        file.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--plot: {file} cannot be written: {error.strerror}") from error
