"""What an embedding model makes of one track."""

from __future__ import annotations

from dataclasses import dataclass

from harmonie_daemon.domain.track import Embedding


@dataclass(frozen=True, slots=True)
class Embedded:
    """A vector, and what else the same network says on the way."""

    vector: Embedding
    style_probabilities: Embedding | None = None
    """float32[400], 0 to 1, in the order of data/discogs400.txt; ``None`` from other models."""
