"""How well the built-in embedding finds, on packages that its constants were not fitted on.

    python bench/timbre_left_out.py LIBRARY MEASUREMENTS.npz... [--choices] [--partitions N]

LIBRARY and MEASUREMENTS as in timbre_fit.py. A third of the packages at a time is the library; the
constants of timbre316-2 are fitted on the other two thirds. Each track is a query once in each
partition, and its figures are the mean over the partitions. Prints the tables of
docs/evaluation.md; with --choices those by which the fit was chosen.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import timbre_tables as tables
from timbre_fit import Choice, fitted
from timbre_library import Mask, Measured, Positions, folds
from timbre_tables import Outcomes, Robust

from harmonie_daemon.analysis.job import timeout_s
from harmonie_daemon.analysis.timbre.whitening import Whitening
from harmonie_daemon.domain.track import AudioFile
from harmonie_daemon.evaluation.baselines import BLISS, MFCC, TARGET, BaselineJob, Unheard
from harmonie_daemon.evaluation.ground_truth import Subject, Truth, labels
from harmonie_daemon.evaluation.judging import (
    HUB_K,
    Question,
    Ranker,
    hubness_of,
    judge,
    ranked,
)
from harmonie_daemon.evaluation.listening import hear_all
from harmonie_daemon.evaluation.rankers import (
    Chance,
    Cosine,
    Euclidean,
    GaussianDivergence,
    Mutual,
)
from harmonie_daemon.evaluation.robustness import robustness
from harmonie_daemon.library.tags import read_tags

OLD, NEW = "timbre316-1", "timbre316-2"
SEED = 1
NEIGHBOURS = 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("library", type=Path)
    parser.add_argument("measurements", type=Path, nargs="+")
    parser.add_argument("--choices", action="store_true")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    measured = Measured.load(*arguments.measurements)
    subjects = subjects_of(measured, arguments.library.resolve())
    if arguments.choices:
        run = Comparison(measured, subjects, {}, choices())
    else:
        heard = asyncio.run(baselines(subjects, arguments.workers))
        run = Comparison(measured, subjects, heard, {NEW: Choice()})
    rng = np.random.default_rng(SEED)
    for _ in range(arguments.partitions):
        for left_out in folds(measured, rng):
            run.add(left_out)
    print(tables.retrieval(run.outcomes, measured.packages, rng))
    print(tables.hubs(run.hubs))
    print(tables.changes(run.robust))


def choices() -> Mapping[str, Choice]:
    """The choice that was made, and others that differ from it in one thing."""
    made = Choice()
    return {
        NEW: made,
        **{f"shrinkage {share}": replace(made, shrinkage=share) for share in (0.6, 0.7, 0.9, 1.0)},
        **{f"level {weight}": replace(made, level_weight=weight) for weight in (0.0, 1.0, 3.0)},
        **{f"codec {weight}": replace(made, codec_weight=weight) for weight in (0.0, 0.3, 3.0)},
        "neither level nor codec": replace(made, level_weight=0.0, codec_weight=0.0),
        "without packages of many hands": replace(made, without_mixed=True),
    }


def subjects_of(measured: Measured, root: Path) -> list[Subject]:
    """The tracks with what their files say of themselves."""
    files = [AudioFile(str(root), path, (root / path).stat().st_size, 0) for path in measured.paths]
    return [Subject(file, read_tags(file.path)) for file in files]


async def baselines(subjects: Sequence[Subject], workers: int) -> dict[str, list[Any]]:
    """What the older methods hear, by method."""
    return {
        method: await hear_all(
            TARGET,
            [(BaselineJob(each.file.path, method), timeout_s(each.file.size)) for each in subjects],
            workers=workers,
        )
        for method in (MFCC, BLISS)
    }


class Comparison:
    """Gathers what each method finds, library by library."""

    def __init__(
        self,
        measured: Measured,
        subjects: Sequence[Subject],
        heard: Mapping[str, list[Any]],
        fits: Mapping[str, Choice],
    ) -> None:
        self._measured = measured
        self._subjects = subjects
        self._heard = heard
        self._fits = fits
        self._rng = np.random.default_rng(SEED)
        self._audible = np.array(
            [
                not any(isinstance(results[place], Unheard) for results in heard.values())
                for place in range(len(subjects))
            ]
        )
        self.outcomes: dict[tuple[str, str], Outcomes] = {}
        """By truth and method: position of a query to its judgements."""
        self.hubs: dict[str, list[Any]] = {}
        self.robust: dict[tuple[str, str], list[Robust]] = {}
        """By way of hearing and method."""

    def add(self, left_out: Mask) -> None:
        """Ask about the packages that are left out of the fit."""
        library = np.flatnonzero(left_out & self._audible)
        fits = {name: fitted(self._measured, ~left_out, fit) for name, fit in self._fits.items()}
        rankers = self._rankers(library, fits)
        questions = {
            truth.value: Question(labels(truth, [self._subjects[place] for place in library]))
            for truth in (Truth.FOLDER, Truth.ARTIST, Truth.ALBUM, Truth.GENRE)
        }
        for method, ranker in rankers.items():
            self._ask(method, ranker, library, questions)
        for way in self._measured.changed:
            self._change(way, library, {OLD: None, **fits})

    def _rankers(self, library: Positions, fits: Mapping[str, Whitening]) -> dict[str, Ranker]:
        old = self._measured.vectors[library]
        vectors = {OLD: old, **{name: fit.whitened(old) for name, fit in fits.items()}}
        found: dict[str, Ranker] = {}
        for name, rows in vectors.items():
            found |= {name: Cosine(rows), f"{name}, mutual": Mutual(rows)}
        for method, results in self._heard.items():
            chosen = [results[place] for place in library]
            is_gaussian = method == MFCC
            found[method] = (
                GaussianDivergence(chosen) if is_gaussian else Euclidean(np.stack(chosen))
            )
        return found | {"random": Chance(len(library), self._rng)}

    def _ask(
        self, method: str, ranker: Ranker, library: Positions, questions: Mapping[str, Question]
    ) -> None:
        appearances = np.zeros(len(library), np.int64)
        for query, place in enumerate(library.tolist()):
            ranking = ranked(ranker.scores(query), query)
            appearances[ranking[:HUB_K]] += 1
            for truth, question in questions.items():
                found = judge(question, query, ranking)
                if found is not None:
                    outcomes = self.outcomes.setdefault((truth, method), {})
                    outcomes.setdefault(place, []).append(found)
        self.hubs.setdefault(method, []).append(hubness_of(appearances))

    def _change(self, way: str, library: Positions, fits: Mapping[str, Whitening | None]) -> None:
        positions, changed = self._measured.changed[way]
        chosen = np.isin(positions, library)
        places = np.searchsorted(library, positions[chosen])
        for name, fit in fits.items():
            rows, after = self._measured.vectors[library], changed[chosen]
            if fit is not None:
                rows, after = fit.whitened(rows), fit.whitened(after)
            for place, vector in zip(places, after, strict=True):
                found = robustness(rows, np.array([place]), vector[None])
                self.robust.setdefault((way, name), []).append(
                    Robust(found.median_cosine, found.worst_rank, found.shared_neighbours)
                )


if __name__ == "__main__":
    main()
