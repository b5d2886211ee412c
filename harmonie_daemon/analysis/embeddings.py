"""Embedders: from samples to one vector per track. A model is known everywhere by its name."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from harmonie_daemon.analysis import timbre
from harmonie_daemon.analysis.samples import Samples
from harmonie_daemon.domain.errors import ConfigurationError
from harmonie_daemon.domain.track import Embedding

TIMBRE_MODEL = "timbre316-1"
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


class TimbreEmbedder:
    """The built-in embedding ``timbre316-1``."""

    name = TIMBRE_MODEL
    dim = timbre.DIMENSION
    sample_rate = timbre.SAMPLE_RATE

    def __init__(self) -> None:
        self._vector = timbre.TimbreVector.load()

    def embed(self, samples: Samples) -> Embedding | None:
        """See ``Embedder``."""
        return self._vector.embed(samples)


@cache
def embedder(name: str) -> Embedder:
    """The model of that name, loaded once per process."""
    if name != TIMBRE_MODEL:
        raise ConfigurationError(f"no embedding model is named {name!r}; known: {TIMBRE_MODEL}")
    return TimbreEmbedder()
