"""One evaluation, from the tracks that take part to the report."""

from __future__ import annotations

from collections.abc import Callable

from harmonie_daemon.domain.errors import NotFoundError
from harmonie_daemon.evaluation.collection import Collection, heard_collection, stored_collection
from harmonie_daemon.evaluation.ground_truth import Truth, questions, shortage, whole_folders
from harmonie_daemon.evaluation.methods import Questions, examined, rankers_of
from harmonie_daemon.evaluation.recoding import codec_reports
from harmonie_daemon.evaluation.report import Report
from harmonie_daemon.evaluation.run import Means, Run, Scope


async def measure(scope: Scope, means: Means, clock: Callable[[], float]) -> Report:
    """Listen and compare; a daemon may run meanwhile.

    Raises ``NotFoundError`` if there is nothing to be measured, ``StoreError``.
    """
    run = Run(means, scope.seed)
    library = await _library(scope, run)
    sample = library
    if scope.library is None:
        sample = library.at(whole_folders(library.files, scope.sample, run.sampling))
    _questions(scope.truth, sample)  # rather now than after minutes of listening
    rankers, sample = await rankers_of(sample, scope.baselines, run)
    asked, left_out = _questions(scope.truth, sample)
    return Report(
        source=str(scope.library or means.database),
        made_at=clock(),
        tracks=len(sample),
        library_tracks=len(library),
        asked=tuple(asked),
        methods=tuple(examined(name, ranker, sample, asked, run) for name, ranker in rankers),
        codecs=await codec_reports(library, scope.transcoded, run),
        notes=(*left_out, *run.notes),
    )


async def _library(scope: Scope, run: Run) -> Collection:
    if scope.library is None:
        library = await stored_collection(run.means.database)
    else:
        with run.means.show_progress("hearing") as show:
            library = await heard_collection(
                scope.library.absolute(),
                scope.sample,
                run.sampling,
                workers=run.means.workers,
                on_progress=show,
            )
    if not len(library):
        raise NotFoundError("no track there has been analysed; scan first")
    return library


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
        raise NotFoundError("there is too little to be found again: " + "; ".join(reasons))
    return asked, [f"not measured {reason}" for reason in reasons]
