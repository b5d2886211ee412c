"""What an evaluation lets the workers hear, and what it concludes from it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from harmonie_daemon.analysis import baselines, transcoding
from harmonie_daemon.analysis.job import timeout_s
from harmonie_daemon.cli.evaluation_report import (
    CHANCE,
    Asked,
    CodecReport,
    MethodReport,
    progress_bar,
)
from harmonie_daemon.config import Settings
from harmonie_daemon.domain.track import AudioFile
from harmonie_daemon.similarity.collection import Collection, Positions
from harmonie_daemon.similarity.evaluation import Question, Ranker
from harmonie_daemon.similarity.evaluation import evaluate as examine
from harmonie_daemon.similarity.listening import hear_all
from harmonie_daemon.similarity.proximity import SMALLEST_LIBRARY
from harmonie_daemon.similarity.rankers import (
    Chance,
    Cosine,
    Euclidean,
    GaussianDivergence,
    Mutual,
)
from harmonie_daemon.similarity.robustness import robustness

TRANSCODE_TIMES = 4.0
"""Encoding and hearing take this many times as long as hearing alone may."""

Questions = dict[Asked, Question]


class Run:
    """What the steps of one evaluation share."""

    def __init__(self, settings: Settings, seed: int, *, quiet: bool) -> None:
        self.settings = settings
        self.sampling, self.ranking, self.encoding = np.random.default_rng(seed).spawn(3)
        """One each, so that no step changes what another draws."""
        self.quiet = quiet
        self.notes: list[str] = []
        """What a reader of the figures should know."""

    async def hear(self, what: str, target: str, jobs: Sequence[tuple[object, float]]) -> list[Any]:
        """Let the workers hear something, showing how far they are."""
        with progress_bar(what, quiet=self.quiet) as show:
            return await hear_all(target, jobs, workers=self.settings.workers, on_progress=show)


async def rankers_of(
    sample: Collection, methods: Sequence[str], run: Run
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
    rankers: list[tuple[str, Ranker]] = []
    for model, matrix in rest.vectors.items():
        rankers.append((model, Cosine(matrix)))
        if len(rest) >= SMALLEST_LIBRARY:
            rankers.append((f"{model}, mutual", Mutual(matrix)))
    for name in methods:
        if name == CHANCE:
            rankers.append((name, Chance(len(rest), run.ranking)))
        else:
            rankers.append((name, _baseline(name, [heard[name][position] for position in kept])))
    return rankers, rest


async def _heard(name: str, files: Sequence[AudioFile], run: Run) -> list[Any]:
    jobs = [(baselines.BaselineJob(file.path, name), timeout_s(file.size)) for file in files]
    return await run.hear(f"hearing for {name}", baselines.TARGET, jobs)


def _baseline(name: str, results: Sequence[Any]) -> Ranker:
    return GaussianDivergence(results) if name == baselines.MFCC else Euclidean(np.stack(results))


def examined(
    name: str, ranker: Ranker, sample: Collection, asked: Questions, run: Run
) -> MethodReport:
    """The figures of one method, for every question that was asked."""
    with progress_bar(f"comparing by {name}", quiet=run.quiet) as show:
        found = examine(ranker, len(sample), tuple(asked.values()), run.ranking, on_progress=show)
    return MethodReport(name, dict(zip(asked, found.retrievals, strict=True)), found.hubness)


async def codec_reports(library: Collection, most: int, run: Run) -> tuple[CodecReport, ...]:
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
    chosen: Positions,
    results: Sequence[Any],
    run: Run,
) -> CodecReport | None:
    """The tracks that could be encoded; ``None`` if none could."""
    vectors = [result.get(model) if isinstance(result, dict) else None for result in results]
    heard = [(place, vector) for place, vector in enumerate(vectors) if vector is not None]
    if len(heard) < len(results):
        failed = len(results) - len(heard)
        run.notes.append(f"{failed} of {len(results)} tracks could not be encoded as {codec}")
    if not heard:
        return None
    places = [place for place, _ in heard]
    transcodes = np.stack([vector for _, vector in heard])
    return CodecReport(codec, model, robustness(library.vectors[model], chosen[places], transcodes))
