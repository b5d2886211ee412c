"""One model's vectors turned into another's, batch by batch, while the first still answers.

Each function runs inside one transaction. The batches are no change of generation: no index needs
the new vectors before all of them are there, and then it loads them at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from harmonie_daemon.store import generations, vector_tables
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.rows import fetch

Turn = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
"""From float32[n, dim] of one model to float32[n, dim] of the other, row by row."""

_MODEL = "SELECT id, dim FROM models WHERE name = ?"
_LEFT = """
SELECT old.track_id, vectors.embedding
FROM embeddings AS old
CROSS JOIN vec_{model_id} AS vectors ON vectors.track_id = old.track_id
WHERE old.model_id = {model_id} AND old.has_vector = 1 AND old.track_id > ?
  AND NOT EXISTS (
    SELECT 1 FROM embeddings AS new
    WHERE new.track_id = old.track_id
      AND new.model_id = (SELECT id FROM models WHERE name = ?)
  )
ORDER BY old.track_id LIMIT ?
"""
_TAKE_OVER_SILENT = """
INSERT INTO embeddings (track_id, model_id, has_vector)
SELECT track_id, (SELECT id FROM models WHERE name = ?), 0
FROM embeddings
WHERE model_id = (SELECT id FROM models WHERE name = ?) AND has_vector = 0
ON CONFLICT DO NOTHING
"""
_TAKE_OVER_ANSWERING = "UPDATE meta SET value = ? WHERE key = 'active_model' AND value = ?"


def turn(
    connection: Connection, old: str, new: str, convert: Turn, after: int, limit: int
) -> int | None:
    """Give up to ``limit`` tracks with an id above ``after`` the new vector in addition.

    Returns the last of their ids; ``None`` if there is nothing left to turn.
    """
    models = fetch(connection, f"{_MODEL} AND dim IS NOT NULL", (old,))
    if not models:
        return None
    model_id, dim = (int(value) for value in models[0])
    rows = fetch(
        connection,
        _LEFT.format(model_id=model_id),
        (after, new, limit),
    )
    if not rows:
        return None
    vectors = np.frombuffer(b"".join(blob for _, blob in rows), np.float32).reshape(-1, dim)
    for (track_id, _), vector in zip(rows, convert(vectors), strict=True):
        vector_tables.save(connection, track_id, {new: vector})
    return int(rows[-1][0])


def conclude(connection: Connection, old: str, new: str) -> None:
    """Let the new model stand wherever the old one did, and forget the old one's vectors."""
    if not fetch(connection, _MODEL, (old,)):
        return
    vector_tables.know(connection, new)
    fetch(connection, _TAKE_OVER_SILENT, (new, old))
    fetch(connection, _TAKE_OVER_ANSWERING, (new, old))
    vector_tables.forget_model(connection, old)
    generations.start_anew(connection)
