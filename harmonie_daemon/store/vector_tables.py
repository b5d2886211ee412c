"""One sqlite-vec table per embedding model, and what may enter it.

sqlite-vec stores NaN and zero vectors without complaint and then ranks them ahead of real hits,
and knows no upsert; foreign keys do not reach its tables, so a trigger on ``embeddings`` empties
them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harmonie_daemon.domain.errors import StoreError
from harmonie_daemon.domain.track import Embedding
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.rows import fetch

SAME_COSINE = 0.99999
"""Two hearings of the same samples by the same model are at least this near."""
NORM_TOLERANCE = 1e-3
"""Largest distance of a vector's length from 1: float32 rounding, not a different scale."""

_KNOW_MODEL = "INSERT INTO models (name) VALUES (?) ON CONFLICT (name) DO NOTHING"
_MODEL = "SELECT id, dim FROM models WHERE name = ?"
_SET_DIM = "UPDATE models SET dim = ? WHERE id = ?"
_FORGET = "DELETE FROM embeddings WHERE (track_id, model_id) = (?, ?)"
_FORGET_ALL = "DELETE FROM embeddings WHERE model_id = ?"
_FORGET_MODEL = "DELETE FROM models WHERE id = ?"
_REMEMBER = "INSERT INTO embeddings (track_id, model_id, has_vector) VALUES (?, ?, ?)"

# The numbers of the table and of its dimensions are all that is put into these texts.
_CREATE_TABLE = """
CREATE VIRTUAL TABLE vec_{model_id} USING vec0(
  track_id INTEGER PRIMARY KEY, embedding float[{dim}] distance_metric=cosine
)
"""
_CREATE_TRIGGER = """
CREATE TRIGGER vec_{model_id}_forget AFTER DELETE ON embeddings WHEN old.model_id = {model_id}
BEGIN DELETE FROM vec_{model_id} WHERE track_id = old.track_id; END
"""
_DROP_TRIGGER = "DROP TRIGGER vec_{model_id}_forget"
_DROP_TABLE = "DROP TABLE vec_{model_id}"
_VECTOR = "SELECT embedding FROM vec_{model_id} WHERE track_id = ?"
_INSERT = "INSERT INTO vec_{model_id} (track_id, embedding) VALUES (?, ?)"


def save(connection: Connection, track_id: int, embeddings: Mapping[str, Embedding | None]) -> None:
    """Replace the track's vectors of these models; ``None``: the model had no answer.

    Raises ``StoreError`` for a vector that is not finite, not of length 1 or of another dimension
    than the model's.
    """
    for name, vector in embeddings.items():
        checked = None if vector is None else _checked(name, vector)
        model_id = _model_id(connection, name, None if checked is None else checked.size)
        connection.execute(_FORGET, (track_id, model_id))
        connection.execute(_REMEMBER, (track_id, model_id, int(checked is not None)))
        if checked is not None:
            connection.execute(_INSERT.format(model_id=model_id), (track_id, checked))


def know(connection: Connection, name: str) -> None:
    """Give the model a number, if it has none."""
    connection.execute(_KNOW_MODEL, (name,))


def forget_model(connection: Connection, name: str) -> None:
    """Drop all that was kept of a model; its table is far quicker to drop than to empty."""
    ((model_id, dim),) = fetch(connection, _MODEL, (name,))
    if dim is not None:
        connection.execute(_DROP_TRIGGER.format(model_id=int(model_id)))
        connection.execute(_DROP_TABLE.format(model_id=int(model_id)))
    connection.execute(_FORGET_ALL, (model_id,))
    connection.execute(_FORGET_MODEL, (model_id,))


def sounds_the_same(
    connection: Connection, track_id: int, embeddings: Mapping[str, Embedding | None]
) -> bool:
    """Whether a model that heard the track before hears the same now; all of several must."""
    pairs = [
        (vector, known)
        for name, vector in embeddings.items()
        if vector is not None and (known := _known_vector(connection, track_id, name)) is not None
    ]
    return bool(pairs) and all(
        known.shape == vector.shape and float(known @ vector) >= SAME_COSINE
        for vector, known in pairs
    )


def _known_vector(connection: Connection, track_id: int, name: str) -> Embedding | None:
    models = fetch(connection, f"{_MODEL} AND dim IS NOT NULL", (name,))
    if not models:
        return None
    found = fetch(connection, _VECTOR.format(model_id=int(models[0][0])), (track_id,))
    return np.frombuffer(found[0][0], dtype=np.float32) if found else None


def _checked(name: str, vector: Embedding) -> Embedding:
    checked = np.ascontiguousarray(vector, dtype=np.float32)
    if checked.ndim != 1:
        raise StoreError(f"the vector of model {name} has the shape {checked.shape}, not (dim,)")
    length = float(np.linalg.norm(checked.astype(np.float64)))
    if not abs(length - 1.0) <= NORM_TOLERANCE:  # also true of NaN and infinity
        raise StoreError(f"the vector of model {name} has the length {length:g}, not 1")
    return checked


def _model_id(connection: Connection, name: str, dim: int | None) -> int:
    """The model's number; its table is made when its first vector comes."""
    know(connection, name)
    ((model_id, known_dim),) = fetch(connection, _MODEL, (name,))
    if dim is not None and known_dim is None:
        connection.execute(_CREATE_TABLE.format(model_id=int(model_id), dim=int(dim)))
        connection.execute(_CREATE_TRIGGER.format(model_id=int(model_id)))
        connection.execute(_SET_DIM, (dim, model_id))
    elif dim is not None and dim != known_dim:
        raise StoreError(f"a vector of model {name} has {dim} dimensions, not {known_dim}")
    return int(model_id)
