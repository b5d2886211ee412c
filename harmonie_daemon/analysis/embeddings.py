"""Embedders: from samples to one vector per track. A model is known everywhere by its name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from harmonie_daemon.analysis import timbre
from harmonie_daemon.analysis.embedded import Embedded
from harmonie_daemon.analysis.samples import Samples
from harmonie_daemon.analysis.weights.registry import EFFNET_MODEL, weights_of
from harmonie_daemon.domain.errors import ConfigurationError, ModelError
from harmonie_daemon.domain.track import Embedding

TIMBRE_MODEL = "timbre316-2"
BEFORE_TIMBRE_MODEL = "timbre316-1"
"""What was built in before; its vectors become those of ``TIMBRE_MODEL`` by ``successors``."""
BUILTIN_MODEL = TIMBRE_MODEL
"""The model that needs no download."""


class Embedder(Protocol):
    """One embedding model, loaded."""

    @property
    def name(self) -> str:
        """The model's name in the store; another version has another name."""

    @property
    def dim(self) -> int:
        """Length of its vectors."""

    @property
    def sample_rate(self) -> int:
        """Rate in Hz at which it listens."""

    def embed(self, samples: Samples) -> Embedding | None:
        """The vector of mono samples, length 1; ``None`` if too short or silent for it."""

    def hear(self, samples: Samples) -> Embedded | None:
        """The vector with whatever else the model says about the track."""


class TimbreEmbedder:
    """The built-in embedding ``timbre316-2``."""

    name = TIMBRE_MODEL
    dim = timbre.DIMENSION
    sample_rate = timbre.SAMPLE_RATE

    def __init__(self) -> None:
        self._vector = timbre.TimbreVector.load()

    def embed(self, samples: Samples) -> Embedding | None:
        """See ``Embedder``."""
        return self._vector.embed(samples)

    def hear(self, samples: Samples) -> Embedded | None:
        """See ``Embedder``."""
        vector = self.embed(samples)
        return Embedded(vector) if vector is not None else None


def successors(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What ``TIMBRE_MODEL`` would hear where ``BEFORE_TIMBRE_MODEL`` heard these: [n, 316]."""
    return _whitening().whitened(vectors)


@cache
def embedder(name: str, weights_dir: str | None = None) -> Embedder:
    """The model of that name, loaded once per process, its weights from ``weights_dir``.

    Raises ``ConfigurationError`` for an unknown name, ``ModelError`` if its weights are missing
    or cannot be loaded; that is not remembered, so weights may still arrive.
    """
    if name == TIMBRE_MODEL:
        return TimbreEmbedder()
    if name != EFFNET_MODEL:
        known = f"{TIMBRE_MODEL}, {EFFNET_MODEL}"
        raise ConfigurationError(f"no embedding model is named {name!r}; known: {known}")
    if weights_dir is None:
        raise ModelError(f"{name} needs weights, and no folder for them is set")
    from harmonie_daemon.analysis.effnet.embedder import EffnetEmbedder  # noqa: PLC0415 - workers

    return EffnetEmbedder.load(weights_of(name), Path(weights_dir))


@cache
def _whitening() -> timbre.Whitening:
    return timbre.Whitening.load(timbre.load_constants().weight)
