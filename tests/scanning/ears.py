"""What workers under test run instead of the analysis: files and weights say what is heard.

A file's text holds words: ``broken`` is no audio, ``crash`` kills the worker, ``killed`` has the
kernel do so, ``bad disk`` and ``locked`` cannot be read, ``slow`` takes for ever, ``odd`` is what a
model trips over whose weights say ``picky``. Weights that say ``damaged`` cannot be loaded and
those that say ``fatal`` kill every worker. Of tags, there are ``title=…`` and ``artist=…``, once or
more often; ``deadly tags`` kill whoever reads them, ``lost tags`` have the kernel do so, and
``endless tags`` are left out.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import time
from pathlib import Path

import numpy as np

from harmonie_daemon.analysis.descriptors import DESCRIPTOR_VERSION
from harmonie_daemon.analysis.embeddings import BUILTIN_MODEL
from harmonie_daemon.analysis.job import AnalysisJob, JobFailure, ModelFailure
from harmonie_daemon.domain.track import Analysis, Descriptors, Embedding, Tags
from harmonie_daemon.library.tag_job import TagsJob, TagsRead
from harmonie_daemon.workers.kind import WorkerKind

KIND = WorkerKind("made-up hearing", "tests.scanning.ears:work", preload=("tests.scanning.ears",))
EFFNET = "discogs-effnet-bs64-1"
DIMS = {BUILTIN_MODEL: 316, EFFNET: 5}
TECHNO = 90
"""A place in the taxonomy, whichever."""


def work(job: AnalysisJob | TagsJob) -> Analysis | JobFailure | ModelFailure | TagsRead:
    """See the module."""
    return read_tags(job) if isinstance(job, TagsJob) else hear(job)


def read_tags(job: TagsJob) -> TagsRead:
    """See the module."""
    text = Path(job.path).read_text()
    if "deadly tags" in text:
        os._exit(3)
    if "lost tags" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    titles, artists = re.findall(r"title=(\w+)", text), re.findall(r"artist=(\w+)", text)
    tags = Tags(
        artist=artists[0] if artists else None,
        title=titles[0] if titles else None,
        further_artists=tuple(artists[1:]),
    )
    return TagsRead(tags, "there is no end to them" if "endless tags" in text else None)


def hear(job: AnalysisJob) -> Analysis | JobFailure | ModelFailure:
    """See the module."""
    text = Path(job.path).read_text()
    if "crash" in text:
        os._exit(3)
    if "killed" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "bad disk" in text:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    if "locked" in text:
        return JobFailure("unreadable: permission denied")
    if "slow" in text:
        time.sleep(60)
    if "broken" in text:
        return JobFailure("no audio in it")
    for model in job.models:
        weights = _weights(job, model)
        if "damaged" in weights:
            return ModelFailure(model, "the weights cannot be loaded")
        if "fatal" in weights or ("picky" in weights and "odd" in text):
            raise RuntimeError("an operator is not implemented")
    return Analysis(
        duration_s=10.0,
        descriptors=Descriptors(bpm=float(len(text))) if job.descriptors else Descriptors(),
        descriptor_version=DESCRIPTOR_VERSION if job.descriptors else 0,
        embeddings={model: _vector(text, DIMS[model]) for model in job.models},
        style_probabilities=_probabilities() if EFFNET in job.models else None,
    )


def _weights(job: AnalysisJob, model: str) -> str:
    if model == BUILTIN_MODEL:
        return ""
    assert job.weights_dir is not None
    return (Path(job.weights_dir) / model).read_text()


def _vector(text: str, dim: int) -> Embedding:
    vector = np.random.default_rng(list(text.encode())).normal(size=dim)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _probabilities() -> Embedding:
    found = np.full(400, 0.001, np.float32)
    found[TECHNO] = 0.9
    return found
