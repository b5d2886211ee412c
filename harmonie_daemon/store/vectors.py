"""The repository of vectors, for the index in memory."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store import generations, vector_succession
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database, id_array
from harmonie_daemon.store.records import IdArray, ModelInfo
from harmonie_daemon.store.rows import fetch, stream
from harmonie_daemon.store.vector_succession import Turn

__all__ = ["ModelInfo", "Vectors"]

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
_ACTIVATE = """
INSERT INTO meta (key, value) VALUES ('active_model', ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
_UNASKED = """
SELECT count(*) FROM tracks WHERE id NOT IN (
  SELECT track_id FROM embeddings WHERE model_id = (SELECT id FROM models WHERE name = ?)
)
"""


class Vectors:
    """The embeddings of all models, and the log of changes. Methods may raise ``StoreError``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def generation(self) -> int:
        """A number that grows by one with every committed change of tracks or vectors."""
        return await self._db.read(generations.current)

    async def changes_since(self, generation: int) -> list[TrackId] | None:
        """Ids of tracks that changed, appeared or went after ``generation``, ascending.

        ``None``: the log does not reach back that far (or the database was replaced by another);
        load everything.
        """
        return await self._db.read(lambda connection: generations.since(connection, generation))

    async def load(
        self, model: str, ids: Sequence[TrackId] | None = None
    ) -> tuple[IdArray, npt.NDArray[np.float32]]:
        """Ids int64[n] ascending and their vectors float32[n, dim], of these tracks or of all.

        Tracks without a vector of the model are left out; of a model without any vector the
        answer is int64[0] and float32[0, 0].
        """
        return await self._db.read(lambda connection: _load(connection, model, ids))

    async def models(self) -> list[ModelInfo]:
        """The models of which vectors have been saved, the newest last."""
        return await self._db.read(_models)

    async def active_model(self) -> str | None:
        """The model that answers where none is asked for; ``None`` until one was activated."""
        return await self._db.read(_active_model)

    async def activate(self, model: str) -> None:
        """Let this model answer from now on; counts as a change of generation."""
        await self._db.write(lambda connection: _activate(connection, model))

    async def unasked(self, model: str) -> int:
        """Analysed tracks that the model has never been asked about."""
        ((count,),) = await self._db.read(lambda connection: fetch(connection, _UNASKED, (model,)))
        return int(count)

    async def turn(
        self, old: str, new: str, convert: Turn, *, after: int = 0, limit: int
    ) -> int | None:
        """Give up to ``limit`` tracks that only ``old`` was asked about a vector of ``new``, too.

        Only ids above ``after``. Returns the last id; ``None`` if there is nothing left to turn.
        """
        return await self._db.write(
            lambda connection: vector_succession.turn(connection, old, new, convert, after, limit)
        )

    async def conclude(self, old: str, new: str) -> None:
        """Let ``new`` stand and answer wherever ``old`` did, and forget the vectors of ``old``."""
        await self._db.write(lambda connection: vector_succession.conclude(connection, old, new))


def _active_model(connection: Connection) -> str | None:
    return next((name for (name,) in fetch(connection, _ACTIVE)), None)


def _activate(connection: Connection, model: str) -> None:
    fetch(connection, _ACTIVATE, (model,))
    generations.record(connection, ())


def _models(connection: Connection) -> list[ModelInfo]:
    return [ModelInfo(*row) for row in fetch(connection, _MODELS)]


def _load(
    connection: Connection, model: str, ids: Sequence[TrackId] | None
) -> tuple[IdArray, npt.NDArray[np.float32]]:
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
