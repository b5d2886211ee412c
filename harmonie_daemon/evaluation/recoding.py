"""What each codec does to the place of some tracks in their library."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from harmonie_daemon.analysis.job import timeout_s
from harmonie_daemon.evaluation import transcoding
from harmonie_daemon.evaluation.baselines import Unheard
from harmonie_daemon.evaluation.collection import Collection, Positions
from harmonie_daemon.evaluation.report import CodecReport
from harmonie_daemon.evaluation.robustness import robustness
from harmonie_daemon.evaluation.run import Run

TRANSCODE_TIMES = 4.0
"""Encoding and hearing take this many times as long as hearing alone may."""


async def codec_reports(library: Collection, most: int, run: Run) -> tuple[CodecReport, ...]:
    """Every codec for every model, with tracks drawn from the whole library."""
    if most < 1 or len(library) < 2:
        return ()
    count = min(most, len(library))
    chosen = np.sort(run.encoding.choice(len(library), count, replace=False))
    models = tuple(library.vectors)
    weights = str(run.means.weights_folder)
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


def why_not(result: object) -> str:
    """Of a job that brought no vector."""
    return result.reason if isinstance(result, Unheard) else "too short or too silent for a vector"


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
        first = next(place for place, vector in enumerate(vectors) if vector is None)
        run.notes.append(
            f"{len(results) - len(heard)} of {len(results)} tracks could not be encoded as {codec} "
            f"and heard: {library.files[chosen[first]].path}: {why_not(results[first])}"
        )
    if not heard:
        return None
    places = [place for place, _ in heard]
    transcodes = np.stack([vector for _, vector in heard])
    return CodecReport(codec, model, robustness(library.vectors[model], chosen[places], transcodes))
