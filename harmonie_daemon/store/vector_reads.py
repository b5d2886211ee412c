"""Reading vectors and what is known of their models; each function runs inside one read."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.driver import id_array
from harmonie_daemon.store.records import IdArray, ModelInfo
from harmonie_daemon.store.rows import fetch, stream

logger = logging.getLogger(__name__)

_BATCH = 4096
"""Rows copied at a time, so that a load needs little more memory than its result."""

_MODEL = "SELECT id, dim FROM models WHERE name = ? AND dim IS NOT NULL"
_IDS = "SELECT track_id FROM embeddings WHERE model_id = ? AND has_vector = 1"
_THESE = "AND track_id IN (SELECT value FROM carray(?))"
_IN_ORDER = "ORDER BY track_id"
_ALL_VECTORS = "SELECT track_id, embedding FROM vec_{model_id}"
_THESE_VECTORS = """
SELECT vectors.track_id, vectors.embedding
FROM carray(?) AS wanted
CROSS JOIN vec_{model_id} AS vectors ON vectors.track_id = wanted.value
"""
_MODELS = """
SELECT models.name, models.dim, count(embeddings.track_id)
FROM models
LEFT JOIN embeddings ON embeddings.model_id = models.id AND embeddings.has_vector = 1
WHERE models.dim IS NOT NULL
GROUP BY models.id ORDER BY models.id
"""
_ACTIVE = "SELECT value FROM meta WHERE key = 'active_model'"


def active_model(connection: Connection) -> str | None:
    """See ``Vectors.active_model``."""
    return next((name for (name,) in fetch(connection, _ACTIVE)), None)


def models(connection: Connection) -> list[ModelInfo]:
    """See ``Vectors.models``."""
    return [ModelInfo(*row) for row in fetch(connection, _MODELS)]


def load(
    connection: Connection, model: str, ids: Sequence[TrackId] | None
) -> tuple[IdArray, npt.NDArray[np.float32]]:
    """See ``Vectors.load``."""
    known = fetch(connection, _MODEL, (model,))
    if not known:
        return np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32)
    model_id, dim = int(known[0][0]), int(known[0][1])
    present = _present_ids(connection, model_id, ids)
    matrix = np.empty((present.size, dim), dtype=np.float32)
    filled = np.zeros(present.size, dtype=np.bool_)
    for batch_ids, rows in _batches(connection, model_id, dim, None if ids is None else present):
        places = np.searchsorted(present, batch_ids)
        matrix[places] = rows
        filled[places] = True
    if not filled.all():
        logger.warning("%d vectors of %s are missing from the database", (~filled).sum(), model)
        return present[filled], matrix[filled]
    return present, matrix


def _present_ids(connection: Connection, model_id: int, ids: Sequence[TrackId] | None) -> IdArray:
    """Ids of the tracks that have a vector, ascending."""
    if ids is None:
        found = stream(connection, f"{_IDS} {_IN_ORDER}", (model_id,))
    else:
        found = stream(connection, f"{_IDS} {_THESE} {_IN_ORDER}", (model_id, id_array(ids)))
    return np.fromiter((id_ for (id_,) in found), dtype=np.int64)


def _batches(
    connection: Connection, model_id: int, dim: int, wanted: IdArray | None
) -> Iterator[tuple[IdArray, npt.NDArray[np.float32]]]:
    """Ids and rows in the table's own order: sorting there would copy every vector."""
    if wanted is None:
        rows_ = stream(connection, _ALL_VECTORS.format(model_id=model_id))
    else:
        rows_ = stream(connection, _THESE_VECTORS.format(model_id=model_id), (id_array(wanted),))
    while batch := list(itertools.islice(rows_, _BATCH)):
        ids = np.array([id_ for id_, _ in batch], dtype=np.int64)
        rows = np.frombuffer(b"".join(blob for _, blob in batch), dtype=np.float32)
        yield ids, rows.reshape(-1, dim)
