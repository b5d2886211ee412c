"""``harmonie evaluate``: how well similarity works on the user's own music."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from harmonie_daemon.analysis import baselines
from harmonie_daemon.cli import evaluation_plot
from harmonie_daemon.cli.evaluation_report import (
    CHANCE,
    Report,
    as_document,
    print_tables,
    progress_bar,
)
from harmonie_daemon.cli.evaluation_run import (
    Questions,
    Run,
    codec_reports,
    examined,
    rankers_of,
)
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.cli.output import as_json
from harmonie_daemon.config import Settings
from harmonie_daemon.similarity.collection import Collection, heard_collection, stored_collection
from harmonie_daemon.similarity.ground_truth import Truth, questions, shortage, whole_folders
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors

SAMPLE = 500
"""Tracks: some minutes of listening for the baselines."""
TRANSCODED = 10
BASELINES = (baselines.MFCC, baselines.BLISS, CHANCE)


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
    methods = _baselines(options.baselines)
    _check_plot(options.plot)
    run = Run(settings, options.rng_seed, quiet=options.json)
    library = await _library(settings, options, run)
    sample = library
    if options.library is None:
        sample = library.at(whole_folders(library.files, options.sample, run.sampling))
    _questions(options.ground_truth, sample)  # rather now than after minutes of listening
    rankers, sample = await rankers_of(sample, methods, run)
    asked, left_out = _questions(options.ground_truth, sample)
    report = Report(
        source=str(options.library or settings.database),
        made_at=time.time(),
        tracks=len(sample),
        library_tracks=len(library),
        asked=tuple(asked),
        methods=tuple(examined(name, ranker, sample, asked, run) for name, ranker in rankers),
        codecs=await codec_reports(library, options.transcode, run),
        notes=(*left_out, *run.notes),
    )
    if options.json:
        as_json(as_document(report))
    else:
        print_tables(report)
    if options.plot is not None:
        _write(options.plot, evaluation_plot.drawn(report))
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


def _check_plot(plot: Path | None) -> None:
    """Rather now than after minutes of listening."""
    if plot is None:
        return
    if plot.suffix.lower() != ".svg":
        raise CommandError(f"--plot writes SVG; give {plot.with_suffix('.svg')}", Exit.USAGE)
    if not plot.absolute().parent.is_dir():
        raise CommandError(f"--plot: {plot.absolute().parent} is not a folder", Exit.USAGE)


def _write(plot: Path, drawing: str) -> None:
    try:
        plot.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--plot: {plot} cannot be written: {error.strerror}") from error


async def _library(settings: Settings, options: argparse.Namespace, run: Run) -> Collection:
    if options.library is not None:
        with progress_bar("hearing", quiet=run.quiet) as show:
            try:
                library = await heard_collection(
                    options.library.absolute(),
                    options.sample,
                    run.sampling,
                    workers=run.settings.workers,
                    on_progress=show,
                )
            except OSError as error:
                raise CommandError(str(error), Exit.NOT_FOUND) from error
    else:
        async with _database(settings) as database:
            library = await stored_collection(Tracks(database, time.time), Vectors(database))
    if not len(library):
        raise CommandError("no track there has been analysed; scan first", Exit.NOT_FOUND)
    return library


@contextlib.asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    """Beside the daemon's own connection, if one runs."""
    database = await Database.open(settings.database, readers=1, lock=False)
    try:
        yield database
    finally:
        await database.close()


def _questions(wanted: Truth | None, sample: Collection) -> tuple[Questions, list[str]]:
    """What can be asked about the sample, and what cannot; raises if nothing can."""
    asked: Questions = {}
    reasons = []
    for truth in Truth if wanted is None else (wanted,):
        found = questions(truth, sample.subjects)
        asked.update({(truth, filter_): question for filter_, question in found.items()})
        if not found:
            reasons.append(f"by {truth}: {shortage(truth, sample.subjects)}")
    if not asked:
        raise CommandError(
            "there is too little to be found again: " + "; ".join(reasons), Exit.NOT_FOUND
        )
    return asked, [f"not measured {reason}" for reason in reasons]
