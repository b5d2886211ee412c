"""``harmonie evaluate``: how well similarity works on the user's own music."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harmonie_daemon.analysis import baselines, transcoding
from harmonie_daemon.analysis.job import timeout_s
from harmonie_daemon.cli import evaluation_plot
from harmonie_daemon.cli.evaluation_report import (
    CHANCE,
    CodecReport,
    MethodReport,
    Report,
    as_document,
    hearing_progress,
    print_tables,
)
from harmonie_daemon.cli.exits import CommandError, Exit
from harmonie_daemon.cli.output import as_json
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.track import AudioFile
from harmonie_daemon.similarity.collection import Collection, heard_collection, stored_collection
from harmonie_daemon.similarity.evaluation import Question, Ranker
from harmonie_daemon.similarity.evaluation import evaluate as examine
from harmonie_daemon.similarity.ground_truth import Truth, questions, shortage, whole_folders
from harmonie_daemon.similarity.listening import hear_all
from harmonie_daemon.similarity.rankers import Chance, Cosine, Euclidean, GaussianDivergence
from harmonie_daemon.similarity.robustness import robustness
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors

SAMPLE = 500
"""Tracks: some minutes of listening for the baselines."""
TRANSCODED = 10
BASELINES = (baselines.MFCC, baselines.BLISS, CHANCE)
TRANSCODE_TIMES = 4.0
"""Encoding and hearing take this many times as long as hearing alone may."""

Asked = dict[tuple[Truth, Truth | None], Question]


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
    run = _Run(settings, options.rng_seed, quiet=options.json)
    library = await _library(settings, options, run)
    sample = library.at(whole_folders(library.files, options.sample, run.sampling))
    _questions(options.ground_truth, sample, run)  # rather now than after minutes of listening
    rankers, sample = await _rankers(sample, methods, run)
    asked = _questions(options.ground_truth, sample, run)
    report = Report(
        source=str(options.library or settings.database),
        made_at=time.time(),
        tracks=len(sample),
        library_tracks=len(library),
        asked=tuple(asked),
        methods=tuple(_examined(name, ranker, sample, asked, run) for name, ranker in rankers),
        codecs=await _codecs(library, options.transcode, run),
        notes=(*run.left_out, *run.notes),
    )
    if options.json:
        as_json(as_document(report))
    else:
        print_tables(report)
    if options.plot is not None:
        options.plot.write_text(evaluation_plot.drawn(report), encoding="utf-8")
    return Exit.DONE


class _Run:
    """What the steps of one evaluation share."""

    def __init__(self, settings: Settings, seed: int, *, quiet: bool) -> None:
        self.settings = settings
        self.sampling, self.ranking, self.encoding = np.random.default_rng(seed).spawn(3)
        """One each, so that no step changes what another draws."""
        self.quiet = quiet
        self.notes: list[str] = []
        self.left_out: list[str] = []

    async def hear(self, what: str, target: str, jobs: Sequence[tuple[object, float]]) -> list[Any]:
        """Let the workers hear something, showing how far they are."""
        with hearing_progress(what, quiet=self.quiet) as show:
            return await hear_all(target, jobs, workers=self.settings.workers, on_progress=show)


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


async def _library(settings: Settings, options: argparse.Namespace, run: _Run) -> Collection:
    if options.library is not None:
        with hearing_progress("hearing", quiet=run.quiet) as show:
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


def _questions(wanted: Truth | None, sample: Collection, run: _Run) -> Asked:
    """What can be asked about the sample; raises if that is nothing."""
    asked: Asked = {}
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
    run.left_out = [f"not measured {reason}" for reason in reasons]
    return asked


async def _rankers(
    sample: Collection, methods: Sequence[str], run: _Run
) -> tuple[list[tuple[str, Ranker]], Collection]:
    """Every way of comparing, and the tracks that all of them could hear."""
    heard = {name: await _heard(name, sample.files, run) for name in methods if name != CHANCE}
    kept = [
        position
        for position in range(len(sample))
        if not any(isinstance(results[position], baselines.Unheard) for results in heard.values())
    ]
    if len(kept) < len(sample):
        run.notes.append(f"left out: {len(sample) - len(kept)} tracks that a baseline cannot read")
    rest = sample.at(kept)
    rankers: list[tuple[str, Ranker]] = [
        (model, Cosine(matrix)) for model, matrix in rest.vectors.items()
    ]
    for name in methods:
        if name == CHANCE:
            rankers.append((name, Chance(len(rest), run.ranking)))
        else:
            rankers.append((name, _baseline(name, [heard[name][position] for position in kept])))
    return rankers, rest


async def _heard(name: str, files: Sequence[AudioFile], run: _Run) -> list[Any]:
    jobs = [(baselines.BaselineJob(file.path, name), timeout_s(file.size)) for file in files]
    return await run.hear(f"hearing for {name}", baselines.TARGET, jobs)


def _baseline(name: str, results: Sequence[Any]) -> Ranker:
    return GaussianDivergence(results) if name == baselines.MFCC else Euclidean(np.stack(results))


def _examined(
    name: str, ranker: Ranker, sample: Collection, asked: Asked, run: _Run
) -> MethodReport:
    found = examine(ranker, len(sample), tuple(asked.values()), run.ranking)
    return MethodReport(name, dict(zip(asked, found.retrievals, strict=True)), found.hubness)


async def _codecs(library: Collection, most: int, run: _Run) -> tuple[CodecReport, ...]:
    """Every codec for every model, with tracks drawn from the whole library."""
    if most < 1 or len(library) < 2:
        return ()
    count = min(most, len(library))
    chosen = np.sort(run.encoding.choice(len(library), count, replace=False))
    models = tuple(library.vectors)
    weights = str(run.settings.data_dir / "models")
    with tempfile.TemporaryDirectory(prefix="harmonie-evaluate-") as folder:
        jobs = [
            (
                transcoding.TranscodeJob(
                    library.files[position].path, codec, models, folder, weights
                ),
                TRANSCODE_TIMES * timeout_s(library.files[position].size),
            )
            for codec in transcoding.CODECS
            for position in chosen
        ]
        heard = await run.hear("encoding anew", transcoding.TARGET, jobs)
    reports = []
    for place, codec in enumerate(transcoding.CODECS):
        results = heard[place * count : (place + 1) * count]
        reports += [_codec(codec, model, library, chosen, results, run) for model in models]
    return tuple(report for report in reports if report is not None)


def _codec(
    codec: str,
    model: str,
    library: Collection,
    chosen: np.ndarray[Any, Any],
    results: Sequence[Any],
    run: _Run,
) -> CodecReport | None:
    """The tracks that could be encoded; ``None`` if none could."""
    vectors = [result.get(model) if isinstance(result, dict) else None for result in results]
    heard = [(place, vector) for place, vector in enumerate(vectors) if vector is not None]
    if len(heard) < len(results):
        run.notes.append(f"{len(results) - len(heard)} tracks could not be encoded as {codec}")
    if not heard:
        return None
    places = [place for place, _ in heard]
    transcodes = np.stack([vector for _, vector in heard])
    return CodecReport(codec, model, robustness(library.vectors[model], chosen[places], transcodes))
