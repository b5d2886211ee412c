"""The hot copy of what similarity and playlists need, kept in step with the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from harmonie_daemon.domain.errors import NotReadyError
from harmonie_daemon.domain.track import TrackId
from harmonie_daemon.similarity.columns import Columns
from harmonie_daemon.similarity.index import FlatIndex, Floats, VectorIndex
from harmonie_daemon.store.records import IdArray
from harmonie_daemon.store.tracks import Tracks
from harmonie_daemon.store.vectors import Vectors

Answer = TypeVar("Answer")

THREADS = 2
"""So that a short question need not wait for a long drift; more would only share the memory's
bandwidth, which one search uses up."""


@dataclass(frozen=True, slots=True)
class Space:
    """One embedding model's view of the library at one generation; never changes."""

    index: VectorIndex
    columns: Columns
    """Every analysed track, with or without a vector."""
    model: str | None
    """``None`` while the library holds no vector at all."""
    generation: int


@dataclass(frozen=True, slots=True)
class _State:
    """Everything in memory, all of one generation; replaced as a whole."""

    generation: int
    columns: Columns
    indexes: dict[str, VectorIndex]
    default_model: str | None


class Spaces:
    """Serves snapshots of the store: loaded once, then brought up to date by deltas.

    Generations are read before the data they stand for, so a change that slips in between is
    applied twice rather than lost. All array work runs in threads of its own.
    """

    def __init__(self, tracks: Tracks, vectors: Vectors) -> None:
        self._tracks = tracks
        self._vectors = vectors
        self._lock = asyncio.Lock()
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="similarity")
        self._state: _State | None = None

    async def load(self) -> None:
        """Read the library for the first time; until this has ended, nobody is served."""
        async with self._lock:
            self._state = await self._loaded()

    async def current(self, model: str | None = None) -> Space:
        """The present state of the library for ``model``, by default the active one.

        For a model that no track has (any more: its vectors may have been turned into another's
        since its name was read) the active one answers. Raises ``NotReadyError`` before the first
        ``load`` has ended.
        """
        if self._state is None:
            raise NotReadyError("the library is still being loaded; try again in a moment")
        async with self._lock:
            self._state = state = await self._caught_up(self._state)
            name = model or state.default_model
            if name is None:
                return Space(_empty_index(), state.columns, None, state.generation)
            if name not in state.indexes:
                index = await self._load_index(name, state.columns)
                if len(index.ids) == 0 and state.default_model in state.indexes:
                    name = state.default_model
                else:
                    state.indexes[name] = index
            return Space(state.indexes[name], state.columns, name, state.generation)

    async def compute(self, work: Callable[..., Answer], *arguments: object) -> Answer:
        """Run array work off the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work, *arguments)

    def close(self) -> None:
        """End the threads."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _loaded(self) -> _State:
        generation = await self._vectors.generation()
        columns = await self.compute(Columns.of, await self._tracks.facets())
        model = await self._default_model()
        indexes = {} if model is None else {model: await self._load_index(model, columns)}
        return _State(generation, columns, indexes, model)

    async def _caught_up(self, state: _State) -> _State:
        generation = await self._vectors.generation()
        if generation == state.generation:
            return state
        changed = await self._vectors.changes_since(state.generation)
        if changed is None:
            return await self._loaded()
        facets = await self._tracks.facets(changed)
        present = np.array(sorted(facet.id for facet in facets), np.int64)
        gone = np.setdiff1d(np.array(changed, np.int64), present)
        columns = await self.compute(state.columns.apply, facets, gone)
        default = await self._default_model()
        # a model that answers no more would only take up memory; who asks for it loads it again
        retired = state.default_model if state.default_model != default else None
        indexes = {
            name: await self._updated_index(name, index, present, gone)
            for name, index in state.indexes.items()
            if name != retired
        }
        return _State(generation, columns, indexes, default)

    async def _load_index(self, model: str, columns: Columns) -> VectorIndex:
        ids, vectors = await self._vectors.load(model)
        known = np.isin(ids, columns.ids)
        if not known.all():
            ids, vectors = ids[known], vectors[known]
        return await self.compute(FlatIndex, ids, vectors)

    async def _updated_index(
        self, model: str, index: VectorIndex, present: IdArray, gone: IdArray
    ) -> VectorIndex:
        ids, vectors = await self._load_some(model, present)
        lost = np.union1d(gone, np.setdiff1d(present, ids))
        return await self.compute(index.apply, ids, vectors, lost)

    async def _load_some(self, model: str, ids: IdArray) -> tuple[IdArray, Floats]:
        wanted: Sequence[TrackId] = [TrackId(int(track_id)) for track_id in ids]
        return await self._vectors.load(model, wanted)

    async def _default_model(self) -> str | None:
        """The active model; while that has no vector yet, the one that most tracks have."""
        models = [model for model in await self._vectors.models() if model.tracks]
        active = await self._vectors.active_model()
        if active in {model.name for model in models}:
            return active
        if not models:
            return None
        return min(models, key=lambda model: (-model.tracks, model.name)).name


def _empty_index() -> FlatIndex:
    return FlatIndex(np.zeros(0, np.int64), np.zeros((0, 0), np.float32))
