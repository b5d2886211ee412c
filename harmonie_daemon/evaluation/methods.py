"""The methods that an evaluation compares: what the workers hear for them, and how they fare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from harmonie_daemon.analysis.job import timeout_s
from harmonie_daemon.domain.track import AudioFile
from harmonie_daemon.evaluation import baselines
from harmonie_daemon.evaluation.collection import Collection
from harmonie_daemon.evaluation.judging import Question, Ranker, examine
from harmonie_daemon.evaluation.rankers import (
    Chance,
    Cosine,
    Euclidean,
    GaussianDivergence,
    Mutual,
)
from harmonie_daemon.evaluation.report import Asked, MethodReport
from harmonie_daemon.evaluation.run import Run
from harmonie_daemon.similarity.proximity import SMALLEST_LIBRARY

CHANCE = "random"
"""The name of the baseline that does not listen."""
BASELINES = (baselines.MFCC, baselines.BLISS, CHANCE)

Questions = dict[Asked, Question]


async def rankers_of(
    sample: Collection, names: Sequence[str], run: Run
) -> tuple[list[tuple[str, Ranker]], Collection]:
    """Every way of comparing, and the tracks that all of them could hear."""
    heard = {name: await _heard(name, sample.files, run) for name in names if name != CHANCE}
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
    for name in names:
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
    with run.means.show_progress(f"comparing by {name}") as show:
        found = examine(ranker, len(sample), tuple(asked.values()), run.ranking, on_progress=show)
    return MethodReport(name, dict(zip(asked, found.retrievals, strict=True)), found.hubness)
