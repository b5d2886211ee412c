"""The repository of vectors, for the index in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.store import generations, vector_reads, vector_succession
from harmonie_daemon.store.connection import Connection
from harmonie_daemon.store.database import Database
from harmonie_daemon.store.library_view import LibraryView
from harmonie_daemon.store.records import IdArray, ModelInfo
from harmonie_daemon.store.rows import fetch
from harmonie_daemon.store.vector_succession import Turn

__all__ = ["ModelInfo", "Vectors"]

T = TypeVar("T")

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

    async def in_one_state(self, work: Callable[[LibraryView], T]) -> T:
        """Let ``work`` look at several things as they are at one moment, on a reader thread."""
        return await self._db.read(lambda connection: work(LibraryView(connection)))

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
        return await self._db.read(lambda connection: vector_reads.load(connection, model, ids))

    async def models(self) -> list[ModelInfo]:
        """The models of which vectors have been saved, the newest last."""
        return await self._db.read(vector_reads.models)

    async def active_model(self) -> str | None:
        """The model that answers where none is asked for; ``None`` until one was activated."""
        return await self._db.read(vector_reads.active_model)

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


def _activate(connection: Connection, model: str) -> None:
    fetch(connection, _ACTIVATE, (model,))
    generations.record(connection, ())
