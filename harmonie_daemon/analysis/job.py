"""What a worker is asked to do. Light to import: the daemon itself never loads a decoder."""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.domain.errors import ConfigurationError, DecodeError, ModelError
from harmonie_daemon.domain.track import Analysis
from harmonie_daemon.workers.kind import WorkerKind

HEARING = WorkerKind(
    name="hearing",
    target="harmonie_daemon.analysis.job:hear",
    preload=("harmonie_daemon.analysis.preload",),
)

LEAST_BYTES_PER_SECOND = 8_000
"""A file of fewer bits per second is so short in bytes that the fixed minute is enough."""
LONGEST_HEARD_S = 600.0
"""As ``decoding.LONGEST_S``."""


@dataclass(frozen=True, slots=True)
class AnalysisJob:
    """A file to be heard, and the embedding models that are wanted."""

    path: str
    models: tuple[str, ...]
    weights_dir: str | None = None
    """Where the weights of downloaded models are."""
    descriptors: bool = True
    """Without, only the embeddings are computed, and the analysis says descriptor version 0."""


@dataclass(frozen=True, slots=True)
class JobFailure:
    """The file cannot be heard, and why, in words for a person."""

    reason: str


@dataclass(frozen=True, slots=True)
class ModelFailure:
    """A model cannot be used at all: nothing is known about the file, which is not to blame.

    The same job without that model will do; asking for it again is of use only after the
    weights have changed.
    """

    model: str
    reason: str


def hear(job: AnalysisJob) -> Analysis | JobFailure | ModelFailure:
    """Run in a worker: hear one file."""
    from harmonie_daemon.analysis import pipeline  # noqa: PLC0415 - need these
    from harmonie_daemon.analysis.embeddings import embedder  # noqa: PLC0415 - only workers

    for name in job.models:
        try:
            embedder(name, job.weights_dir)
        except (ModelError, ConfigurationError) as error:
            return ModelFailure(name, str(error))
    try:
        return pipeline.hear(
            job.path, job.models, weights_dir=job.weights_dir, descriptors=job.descriptors
        )
    except DecodeError as error:
        return JobFailure(str(error))


def timeout_s(size_bytes: int) -> float:
    """How long hearing a file of this size may take: a minute and twice its likely duration."""
    return 60.0 + 2 * min(LONGEST_HEARD_S, size_bytes / LEAST_BYTES_PER_SECOND)
