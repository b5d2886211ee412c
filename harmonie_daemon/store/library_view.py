"""The library as one read sees it: whatever is asked of a view is of the same moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.track import Facets, TrackId
from harmonie_daemon.store import evidence, generations, track_queries, vector_reads
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.records import EvidenceRows, IdArray, ModelInfo


class LibraryView:
    """What an index in memory is made of; each method as that of ``Vectors`` or ``Tracks``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.generation = generations.current(connection)

    def changes_since(self, generation: int) -> list[TrackId] | None:
        """Ids of what changed after ``generation``; ``None``: load everything."""
        return generations.since(self._connection, generation)

    def facets(self, ids: Sequence[TrackId] | None = None) -> list[Facets]:
        """Of these tracks or of all, ascending ids."""
        return track_queries.facets(self._connection, ids)

    def evidence(self, ids: Sequence[TrackId] | None = None) -> EvidenceRows:
        """What speaks for these tracks or for all when music is asked for in words."""
        return evidence.load(self._connection, ids)

    def labels(self) -> dict[int, tuple[str, str]]:
        """Genre and style by the number that ``EvidenceRows.style`` holds."""
        return evidence.labels(self._connection)

    def vectors(
        self, model: str, ids: Sequence[TrackId] | None = None
    ) -> tuple[IdArray, npt.NDArray[np.float32]]:
        """Of these tracks or of all, ascending ids."""
        return vector_reads.load(self._connection, model, ids)

    def models(self) -> list[ModelInfo]:
        """Those of which vectors have been saved, the newest last."""
        return vector_reads.models(self._connection)

    def active_model(self) -> str | None:
        """The one that answers where none is asked for."""
        return vector_reads.active_model(self._connection)
